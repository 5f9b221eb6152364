/// An optimizer as torch.optim's constructor describes it, without the parameters: `SGD(lr=0.05, momentum=0.9)`.
package struct OptimizerDefinition: Equatable, Sendable {
    package var learningRate: Double
    package var weightDecay: Double
    package var method: Method

    package enum Method: Equatable, Sendable {
        case sgd(momentum: Double, dampening: Double, nesterov: Bool)
    }

    /// A value in an entry of torch.optim's `param_groups`.
    package enum Hyperparameter: Equatable, Sendable {
        case number(Double)
        case boolean(Bool)
        case numbers([Double])
        case none
    }

    package init(parsing text: String) throws(NetworkError) {
        let call = try ConstructorCall(parsing: text)
        switch call.name {
        case "SGD": try self.init(sgd: call)
        default:
            let nearest = Spelling.nearest(to: call.name, among: Self.names)
            throw .unknownName(kind: "optimizer", name: call.name, nearest: nearest)
        }
    }

    package static let names = ["SGD"]

    private init(sgd call: ConstructorCall) throws(NetworkError) {
        let arguments = try ArgumentList(call, ["lr", "momentum", "dampening", "weight_decay", "nesterov"])
        learningRate = try arguments.number("lr", default: 1e-3, "a number of at least 0") { $0 >= 0 }
        weightDecay = try arguments.number("weight_decay", default: 0, "a number of at least 0") { $0 >= 0 }
        let momentum = try arguments.number("momentum", default: 0, "a number of at least 0") { $0 >= 0 }
        let dampening = try arguments.number("dampening", default: 0, "a number") { _ in true }
        let nesterov = try arguments.boolean("nesterov", default: false)
        if nesterov && (momentum == 0 || dampening != 0) {
            throw arguments.wrong("nesterov", "False unless momentum is positive and dampening 0")
        }
        method = .sgd(momentum: momentum, dampening: dampening, nesterov: nesterov)
    }

    /// The constructor with all defaults written out; `init(parsing:)` reads it back.
    package var description: String {
        switch method {
        case .sgd(let momentum, let dampening, let nesterov):
            "SGD(lr=\(PythonNumber.text(learningRate)), momentum=\(PythonNumber.text(momentum)), "
                + "dampening=\(PythonNumber.text(dampening)), weight_decay=\(PythonNumber.text(weightDecay)), "
                + "nesterov=\(ArgumentValue.boolean(nesterov)))"
        }
    }

    /// The optimizer's entry in `param_groups`, in torch.optim's order and without `params`.
    package var hyperparameters: [(name: String, value: Hyperparameter)] {
        switch method {
        case .sgd(let momentum, let dampening, let nesterov):
            [
                ("lr", .number(learningRate)), ("momentum", .number(momentum)), ("dampening", .number(dampening)),
                ("weight_decay", .number(weightDecay)), ("nesterov", .boolean(nesterov)),
                ("maximize", .boolean(false)), ("foreach", .none), ("differentiable", .boolean(false)),
                ("fused", .none),
            ]
        }
    }
}
