import Tensors
import Threads

/// A way to carry out the operations of a network on batches: the network's memory, and the order of its work.
///
/// There are two: `GeneralPlan` for every network, and `ShallowPlan` for those of one convolution, normalization, ReLU and
/// linear layer. A plan leaves the loss in `loss`, batch statistics in the normalizations, and gradients in the parameter
/// store; what of them has still to be added up is in `partialGradients`.
protocol ExecutionPlan: AnyObject {
    var input: InputBinding { get }
    var loss: CrossEntropy { get }
    var state: StepState { get }
    var partialGradients: [PartialGradient] { get }

    /// Runs the network on the batch, up to the loss; says where something isn't finite, and stops there.
    func runForward(_ mode: StepState.Mode, _ batch: Batch) -> NonFinite?
    /// Takes the gradients of the batch that has gone forward in training.
    func runBackward()
    /// Parameters or running statistics have been set from outside.
    func weightsChanged()
}

/// A request for a plan: the graph, the batches to be expected, and what the plan has to work with.
struct PlanRequest {
    let graph: ComputationGraph
    let image: ImageShape
    /// Images of the largest batch.
    let capacity: Int
    let labelSmoothing: Double
    let convolution: ConvolutionMethod
    let team: ThreadTeam
    /// Where the plan puts parameters and normalizations.
    let store = ParameterStore()
}
