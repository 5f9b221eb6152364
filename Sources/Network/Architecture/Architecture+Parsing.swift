import Syntax

extension Architecture.Module {
    /// A module as an experiment writes it: one of PyTorch's constructors, or
    /// `Residual([Conv2d(…), BatchNorm2d(…)], shortcut=[Conv2d(…)])`, whose lists are modules again.
    package init(parsing text: String) throws(ConstructorError) { try self.init(ConstructorCall(parsing: text)) }

    private init(_ call: ConstructorCall) throws(ConstructorError) {
        guard call.name == "Residual" else {
            self = .layer(try Layer(call))
            return
        }
        let arguments = try ArgumentList(call, ["body", "shortcut"])
        let body = try Self.modules(arguments.value("body"))
        guard !body.isEmpty else {
            throw .argument("body", of: "Residual", problem: "is missing: expected a list, as in Residual([ReLU()])")
        }
        self = .residual(body: body, shortcut: try Self.modules(arguments.value("shortcut")))
    }

    private static func modules(_ value: ArgumentValue?) throws(ConstructorError) -> [Architecture.Module] {
        guard let value else { return [] }
        guard case .list(let items) = value else {
            throw .syntax(text: "\(value)", problem: "expected a list of layers in [ ]")
        }
        var modules: [Architecture.Module] = []
        for item in items {
            guard case .call(let call) = item else {
                throw .syntax(text: "\(value)", problem: "expected a layer at '\(item)'")
            }
            modules.append(try Architecture.Module(call))
        }
        return modules
    }
}
