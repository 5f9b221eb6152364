import Syntax

/// An optimizer as torch.optim's constructor describes it, without the parameters: `SGD(lr=0.05, momentum=0.9)`.
package struct OptimizerDefinition: Equatable, Sendable {
    package var learningRate: Double
    package var weightDecay: Double
    package var method: Method

    package enum Method: Equatable, Sendable {
        case sgd(momentum: Double, dampening: Double, nesterov: Bool)
        /// Adam, or AdamW where the weight decay is decoupled from the gradient.
        case adam(betas: Betas, epsilon: Double, isDecoupled: Bool)
    }

    package struct Betas: Equatable, Sendable {
        package let first: Double
        package let second: Double
    }

    /// A value in an entry of torch.optim's `param_groups`.
    package enum Hyperparameter: Equatable, Sendable {
        case number(Double)
        case boolean(Bool)
        case numbers([Double])
        case none
    }

    package init(parsing text: String) throws(ConstructorError) {
        let call = try ConstructorCall(parsing: text)
        switch call.name {
        case "SGD": try self.init(sgd: call)
        case "Adam": try self.init(adam: call, isDecoupled: false)
        case "AdamW": try self.init(adam: call, isDecoupled: true)
        default:
            let nearest = Spelling.nearest(to: call.name, among: Self.names)
            throw .unknownName(kind: "optimizer", name: call.name, nearest: nearest)
        }
    }

    package static let names = ["SGD", "Adam", "AdamW"]

    private init(sgd call: ConstructorCall) throws(ConstructorError) {
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

    private init(adam call: ConstructorCall, isDecoupled: Bool) throws(ConstructorError) {
        let arguments = try ArgumentList(call, ["lr", "betas", "eps", "weight_decay", "amsgrad"])
        learningRate = try arguments.number("lr", default: 1e-3, "a number of at least 0") { $0 >= 0 }
        let decay = isDecoupled ? 1e-2 : 0
        weightDecay = try arguments.number("weight_decay", default: decay, "a number of at least 0") { $0 >= 0 }
        let epsilon = try arguments.number("eps", default: 1e-8, "a number of at least 0") { $0 >= 0 }
        if try arguments.boolean("amsgrad", default: false) { throw arguments.wrong("amsgrad", "False") }
        method = .adam(betas: try Self.betas(arguments), epsilon: epsilon, isDecoupled: isDecoupled)
    }

    private static func betas(_ arguments: ArgumentList) throws(ConstructorError) -> Betas {
        guard let given = arguments.value("betas") else { return Betas(first: 0.9, second: 0.999) }
        var numbers: [Double] = []
        for value in given.items ?? [] {
            switch value {
            case .number(let number): numbers.append(number)
            case .integer(let integer): numbers.append(Double(integer))
            default: break
            }
        }
        guard numbers.count == 2, numbers.allSatisfy({ $0 >= 0 && $0 < 1 }) else {
            throw arguments.wrong("betas", "two numbers from 0 to less than 1")
        }
        return Betas(first: numbers[0], second: numbers[1])
    }

    /// The constructor with all defaults written out; `init(parsing:)` reads it back.
    package var description: String { call.description }

    private var call: ConstructorCall {
        switch method {
        case .sgd(let momentum, let dampening, let nesterov):
            ConstructorCall(
                "SGD",
                [
                    "lr": .number(learningRate), "momentum": .number(momentum), "dampening": .number(dampening),
                    "weight_decay": .number(weightDecay), "nesterov": .boolean(nesterov),
                ])
        case .adam(let betas, let epsilon, let isDecoupled):
            ConstructorCall(
                isDecoupled ? "AdamW" : "Adam",
                [
                    "lr": .number(learningRate), "betas": .tuple([.number(betas.first), .number(betas.second)]),
                    "eps": .number(epsilon), "weight_decay": .number(weightDecay),
                ])
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
        case .adam(let betas, let epsilon, let isDecoupled):
            [
                ("lr", .number(learningRate)), ("betas", .numbers([betas.first, betas.second])),
                ("eps", .number(epsilon)), ("weight_decay", .number(weightDecay)), ("amsgrad", .boolean(false)),
                ("maximize", .boolean(false)), ("foreach", .none), ("capturable", .boolean(false)),
                ("differentiable", .boolean(false)), ("fused", .none),
                ("decoupled_weight_decay", .boolean(isDecoupled)),
            ]
        }
    }
}
