/// One step of a general plan: one role of one operation, applied to a few images.
///
/// A class, held unretained by those who run it: to count references whenever a step runs would move their count from core to
/// core.
class PlanStep {
    /// Images that it likes to have at once; nil is the whole shard.
    let group: Int?
    /// Whether what it reads is only there for the group at hand.
    let readsTransient: Bool

    init(_ operation: (any Operation)? = nil) {
        group = operation.map(\.group) ?? 1
        readsTransient = operation?.input.isTransient ?? false
    }

    /// Before a shard's first image.
    func begin(_ context: ShardContext) {}
    func run(_ images: Range<Int>, _ context: ShardContext) {}
    /// After a shard's last image.
    func end(_ context: ShardContext) {}
}

/// The copy of images into the first operation's layout.
final class InputStep: PlanStep {
    private let input: InputBinding
    private let state: StepState

    init(_ input: InputBinding, _ state: StepState) {
        self.input = input
        self.state = state
        super.init()
    }

    override func run(_ images: Range<Int>, _ context: ShardContext) { input.fill(images, from: state) }
}

/// An operation's forward pass.
final class ForwardStep: PlanStep {
    let operation: any ForwardOperation

    init(_ operation: any ForwardOperation) {
        self.operation = operation
        super.init(operation)
    }

    override func run(_ images: Range<Int>, _ context: ShardContext) { operation.forward(images, context) }
}

/// The forward pass of an operation and of the normalization behind it at once.
final class FoldedForwardStep: PlanStep {
    private let operation: any FoldingOperation

    init(_ operation: any FoldingOperation) {
        self.operation = operation
        super.init(operation)
    }

    override func run(_ images: Range<Int>, _ context: ShardContext) { operation.forwardFolded(images, context) }
}

/// The part of a forward pass before the whole batch is needed.
final class StatisticsStep: PlanStep {
    private let operation: any BatchStatisticsOperation

    init(_ operation: any BatchStatisticsOperation) {
        self.operation = operation
        super.init(operation)
    }

    override func run(_ images: Range<Int>, _ context: ShardContext) { operation.measure(images) }
}

/// The loss of images, and in training its gradient.
final class LossStep: PlanStep {
    private let loss: CrossEntropy
    private let state: StepState
    private let takesGradient: Bool

    init(_ loss: CrossEntropy, _ state: StepState, takesGradient: Bool) {
        self.loss = loss
        self.state = state
        self.takesGradient = takesGradient
        super.init()
    }

    override func run(_ images: Range<Int>, _ context: ShardContext) {
        guard let labels = state.labels else { return }
        loss.run(images, labels: labels, batch: takesGradient ? state.count : nil)
    }
}

/// The part of a backward pass before the whole batch is needed.
final class GradientStatisticsStep: PlanStep {
    private let operation: any BatchStatisticsOperation

    init(_ operation: any BatchStatisticsOperation) {
        self.operation = operation
        super.init(operation)
    }

    override func run(_ images: Range<Int>, _ context: ShardContext) { operation.measureGradient(images) }
}

/// The sum of a shard's gradients by an operation's weights.
final class WeightGradientStep: PlanStep {
    private let operation: any WeightGradientOperation

    init(_ operation: any WeightGradientOperation) {
        self.operation = operation
        super.init(operation)
    }

    override func begin(_ context: ShardContext) { operation.beginSumming(context) }
    override func run(_ images: Range<Int>, _ context: ShardContext) { operation.sumGradient(images, context) }
    override func end(_ context: ShardContext) { operation.endSumming(context) }
}

/// An operation's gradient by its input.
final class BackwardStep: PlanStep {
    let operation: any BackwardOperation

    init(_ operation: any BackwardOperation) {
        self.operation = operation
        super.init(operation)
    }

    override func run(_ images: Range<Int>, _ context: ShardContext) { operation.backward(images, context) }
}
