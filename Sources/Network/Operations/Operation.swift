/// One operation of a general plan: an edge of the network's graph, with the activations that it reads and writes.
///
/// What an operation can do is said by its roles below. Different shards may run at the same time; they write to different
/// images and to memory kept for each shard.
protocol Operation: AnyObject {
    var input: Activation { get }
    var output: Activation { get }
    /// Images an operation likes to have at once; nil is its whole shard.
    var group: Int? { get }

    /// Before a step, on one thread.
    func prepare(_ state: StepState)
}

extension Operation {
    var group: Int? { 1 }
    func prepare(_ state: StepState) {}
}

// MARK: Forward

/// An operation with a forward pass, image by image.
protocol ForwardOperation: Operation {
    func forward(_ images: Range<Int>, _ context: ShardContext)
}

/// An operation that can compute the normalization behind it, too, when running statistics are used.
protocol FoldingOperation: ForwardOperation {
    /// The normalization; nil if there is none to be folded in.
    var folded: NormalizationOperation? { get }
    func forwardFolded(_ images: Range<Int>, _ context: ShardContext)
}

// MARK: Backward

/// An operation that turns the gradient of its output into that of its input, image by image.
protocol BackwardOperation: Operation {
    /// Whether `backward` reads the values of the input.
    var readsInputBackward: Bool { get }
    func backward(_ images: Range<Int>, _ context: ShardContext)
}

extension BackwardOperation {
    var readsInputBackward: Bool { false }
}

/// An operation whose parameters' gradient is summed over a shard's images, from the values of the input.
protocol WeightGradientOperation: BackwardOperation {
    /// Before a shard's first image.
    func beginSumming(_ context: ShardContext)
    func sumGradient(_ images: Range<Int>, _ context: ShardContext)
    /// After a shard's last image.
    func endSumming(_ context: ShardContext)
    var partialGradient: PartialGradient { get }
}

/// An operation whose backward pass is divided into pieces of its own and not by image.
protocol PiecewiseBackwardOperation: Operation {
    var backwardPieces: Int { get }
    func backward(piece: Int, count: Int)
    /// After the last piece, on one thread.
    func finishGradient(_ state: StepState)
}

/// An operation that needs something of the whole batch in the middle of both passes: each has two parts with a barrier
/// between them, at which `finish…` runs on one thread.
protocol BatchStatisticsOperation: ForwardOperation, BackwardOperation {
    /// Whether the forward pass needs the whole batch.
    func isSplit(_ mode: StepState.Mode) -> Bool
    /// The part of the forward pass before the barrier.
    func measure(_ images: Range<Int>)
    /// At the barrier; says what isn't finite.
    func finishMeasure(_ state: StepState) -> NonFinite?
    /// The part of the backward pass before the barrier.
    func measureGradient(_ images: Range<Int>)
    func finishGradient(_ state: StepState)
}

// MARK: Packing

/// An operation whose weights are rearranged, in pieces, before they are used.
protocol WeightPackingOperation: Operation {
    /// Before a forward pass.
    var packingPieces: Int { get }
    func pack(piece: Int)
    /// Before an evaluation in which a normalization is folded in.
    var foldingPieces: Int { get }
    func fold(piece: Int)
    /// Before a backward pass.
    var backwardPackingPieces: Int { get }
    func packBackward(piece: Int)
}
