import Kernels
import Tensors
import Threads

/// One operation of the program: how an image goes through forward, and the gradient back.
///
/// An operation that needs something of the whole batch in the middle (batch statistics) has two parts with a barrier
/// between them, at which `finish…` runs on one thread. Different lanes may run at the same time; they write to different
/// images and to memory kept for each lane.
class Operation {
    let name: String
    let input: FeatureMemory
    let output: FeatureMemory

    init(name: String, input: FeatureMemory, output: FeatureMemory) {
        self.name = name
        self.input = input
        self.output = output
    }

    /// Images an operation likes to have at once; nil is its whole lane.
    var group: Int? { 1 }

    /// Before a step, on one thread.
    func prepare(_ state: StepState) {}

    /// Whether there is a barrier in the forward pass.
    func isSplit(_ mode: StepState.Mode) -> Bool { false }
    /// The part before the barrier, for split operations.
    func measure(_ images: Range<Int>) {}
    /// At the barrier; says what isn't finite.
    func finishMeasure(_ state: StepState) -> NonFinite? { nil }
    func forward(_ images: Range<Int>, _ worker: Worker) {}

    /// Whether there is a barrier in the backward pass.
    var isBackwardSplit: Bool { false }
    func measureGradient(_ images: Range<Int>) {}
    func finishGradient(_ state: StepState) {}
    /// Whether the gradient of parameters is summed over a lane's images, from the values of the input.
    var sumsGradient: Bool { false }
    /// Before a lane's first image and after its last.
    func beginSumming(_ worker: Worker) {}
    func sumGradient(_ images: Range<Int>, _ worker: Worker) {}
    func endSumming(_ worker: Worker) {}
    /// The gradient of the input.
    func backward(_ images: Range<Int>, _ worker: Worker) {}
    /// Whether `backward` reads the values of the input.
    var readsInputBackward: Bool { false }

    /// More than 0 for an operation whose backward pass is divided into pieces of its own and not by image.
    var backwardPieces: Int { 0 }
    func backward(piece: Int, count: Int) {}

    /// Where lanes' shares of the gradient stand that have to be added up: [lane][extent], for parameters from `offset`.
    var partialGradient: (buffer: AlignedBuffer<Float>, offset: Int, extent: Int)? { nil }

    /// Blocks of weights to be rearranged before a forward and before a backward pass.
    var packingPieces: Int { 0 }
    func pack(piece: Int) {}
    /// As `packingPieces`, for evaluations in which a normalization is folded into the operation before it.
    var foldingPieces: Int { packingPieces }
    func fold(piece: Int) { pack(piece: piece) }
    /// The operation that this one can do too when it evaluates with running statistics.
    var folded: NormalizationOperation? { nil }
    func forwardFolded(_ images: Range<Int>, _ worker: Worker) {}
    var backwardPackingPieces: Int { 0 }
    func packBackward(piece: Int) {}
}
