import Tensors

/// What `torch.optim.Optimizer.state_dict()` holds: for each parameter, by its number, the tensors the method keeps; and
/// the groups of parameters with their hyperparameters.
package struct OptimizerState: Equatable, Sendable {
    package struct Hyperparameter: Equatable, Sendable {
        package let name: String
        package let value: PickleValue

        package init(_ name: String, _ value: PickleValue) {
            self.name = name
            self.value = value
        }
    }

    package struct Group: Equatable, Sendable {
        /// In PyTorch's order; `params` is not among them.
        package var hyperparameters: [Hyperparameter]
        /// The numbers of its parameters.
        package var parameters: [Int]

        package init(hyperparameters: [Hyperparameter], parameters: [Int]) {
            self.hyperparameters = hyperparameters
            self.parameters = parameters
        }

        package subscript(name: String) -> PickleValue? {
            hyperparameters.first { $0.name == name }?.value
        }
    }

    /// Element i belongs to parameter i, in the order of `net.parameters()`: SGD keeps `momentum_buffer`, Adam `step`,
    /// `exp_avg` and `exp_avg_sq`. Empty where the method keeps nothing, or before the first step.
    package var slots: [[NamedTensor]]
    package var groups: [Group]

    package init(slots: [[NamedTensor]], groups: [Group]) {
        self.slots = slots
        self.groups = groups
    }

    /// `torch.optim.SGD`'s layout.
    ///
    /// - Parameter initialLearningRate: what a schedule starts from; nil where there is none.
    /// - Parameter momentumBuffers: one for each parameter, or none at all before the first step or without momentum.
    package static func sgd(
        learningRate: Double, momentum: Double, dampening: Double, weightDecay: Double, nesterov: Bool,
        initialLearningRate: Double? = nil, parameterCount: Int, momentumBuffers: [DenseTensor] = []
    ) -> OptimizerState {
        precondition(momentumBuffers.isEmpty || momentumBuffers.count == parameterCount)
        var hyperparameters = [
            Hyperparameter("lr", .float(learningRate)), Hyperparameter("momentum", .float(momentum)),
            Hyperparameter("dampening", .float(dampening)), Hyperparameter("weight_decay", .float(weightDecay)),
            Hyperparameter("nesterov", .bool(nesterov)), Hyperparameter("maximize", false),
            Hyperparameter("foreach", nil), Hyperparameter("differentiable", false), Hyperparameter("fused", nil),
        ]
        if let initialLearningRate {
            hyperparameters.append(Hyperparameter("initial_lr", .float(initialLearningRate)))
        }
        let slots = momentumBuffers.map { [NamedTensor("momentum_buffer", $0)] }
        return OptimizerState(
            slots: slots.isEmpty ? Array(repeating: [], count: parameterCount) : slots,
            groups: [Group(hyperparameters: hyperparameters, parameters: Array(0..<parameterCount))])
    }

    package var value: PickleValue {
        let state = slots.enumerated().filter { !$1.isEmpty }.map { number, tensors in
            PickleValue.Entry(
                .int(Int64(number)),
                .dictionary(
                    tensors.map { tensor in
                        PickleValue.Entry(.string(tensor.name), .dense(tensor.tensor))
                    }))
        }
        let groups = groups.map { group in
            PickleValue.dictionary(
                group.hyperparameters.map { PickleValue.Entry(.string($0.name), $0.value) }
                    + [PickleValue.Entry("params", .list(group.parameters.map { .int(Int64($0)) }))])
        }
        return ["state": .dictionary(state), "param_groups": .list(groups)]
    }
}
