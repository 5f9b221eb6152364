import Tensors

/// What the operations of one step share.
final class StepState {
    enum Mode { case training, runningStatistics, batchStatistics }

    /// How the images of a batch are divided into parts, each worked on by one thread at a time.
    enum Division {
        /// By `lanes`.
        case lanes
        /// As finely as an operation's groups of images allow.
        case groups(of: Int)
    }

    private(set) var mode = Mode.training
    /// Training steps taken so far, and the network's seed: what random layers draw from.
    var step = 0
    var seed: UInt64 = 0
    private(set) var images: UnsafePointer<Float>?
    private(set) var labels: UnsafePointer<Int32>?
    /// Images in this batch.
    private(set) var count = 0
    /// Parts of the batch over which gradients are summed. They decide the order of sums, so they depend on the batch alone
    /// and not on the number of threads. Gradients take memory and time for each; an evaluation sums nothing and has as many
    /// as there are groups of images.
    private(set) var lanes = 1

    static let maximumLanes = 8
    /// So many that no thread waits long for another's last part.
    private static let maximumParts = 64
    /// Fewer images in a part would make small groups of them.
    private static let imagesInPart = 8

    /// Whether lanes are rows and not images, and so always all there.
    var lanesAreRows = false

    func begin(_ mode: Mode, _ batch: Batch) {
        self.mode = mode
        count = batch.count
        images = UnsafePointer(batch.images.base)
        labels = UnsafePointer(batch.labels.base)
        let parts = max(count / Self.imagesInPart, min(count, 2))
        let most = mode == .runningStatistics ? parts : Self.maximumLanes
        lanes = lanesAreRows ? Self.maximumLanes : min(parts, most)
    }

    func parts(_ division: Division) -> Int {
        switch division {
        case .lanes: lanes
        case .groups(of: let size): min(groups(of: size), Self.maximumParts)
        }
    }

    func images(_ part: Int, of division: Division) -> Range<Int> {
        switch division {
        case .lanes: return share(of: count, part, lanes)
        case .groups(of: let size):
            let groups = share(of: groups(of: size), part, parts(division))
            return (groups.lowerBound * size)..<min(groups.upperBound * size, count)
        }
    }

    private func groups(of size: Int) -> Int { (count + size - 1) / size }

    private func share(of whole: Int, _ part: Int, _ parts: Int) -> Range<Int> {
        (whole * part / parts)..<(whole * (part + 1) / parts)
    }
}

/// The memory of one feature: its values and the loss's gradient by them, for a whole batch.
///
/// A passing feature is there only for a few images at a time: what a normalization gives to the convolution, pooling or
/// sum right behind it is read at once. Each thread has room for one group of images, which stays in its cache; the way
/// back computes the values again from the normalization's input, which it reads anyway. That takes less time than to
/// write them to memory and to read them back.
final class FeatureMemory {
    let layout: ConvolutionInput
    /// The first image's. At the entrance it is the batch's memory, a different one in each step.
    var values: UnsafeMutablePointer<Float>
    let isPassing: Bool
    private var own: AlignedBuffer<Float>
    /// Images that a thread has room for, of a passing feature.
    private var room = 0
    let gradientLayout: BlockedLayout?
    let gradients: AlignedBuffer<Float>

    /// - Parameters:
    ///   - shared: the memory whose values this feature is another view of.
    ///   - passed: the memory whose gradient takes the place of this feature's.
    init(
        _ feature: Blueprint.Feature, capacity: Int, needsGradient: Bool, sharing shared: FeatureMemory?,
        passing passed: FeatureMemory?
    ) {
        let stored = feature.stored
        isPassing = feature.isPassing
        if let shared {
            layout = shared.layout
            own = shared.own
        } else if feature.isPlanar {
            layout = .planar(feature.planes)
            own = AlignedBuffer(count: 0)
        } else {
            let blocks = BlockedLayout(channels: stored.channels, extent: stored.extent, halo: feature.halo)
            layout = .blocked(blocks)
            own = AlignedBuffer(count: feature.isPassing ? 0 : capacity * blocks.imageStride)
        }
        values = own.base
        gradientLayout =
            needsGradient
            ? BlockedLayout(channels: stored.channels, extent: stored.extent, halo: feature.gradientHalo) : nil
        gradients = passed?.gradients ?? AlignedBuffer(count: capacity * (gradientLayout?.imageStride ?? 0))
    }

    /// The layout of a feature that isn't the network's entrance.
    var blocked: BlockedLayout {
        guard case .blocked(let layout) = layout else { preconditionFailure("planes have no blocks") }
        return layout
    }

    var imageStride: Int {
        switch layout {
        case .planar(let layout): layout.imageStride
        case .blocked(let layout): layout.imageStride
        }
    }

    /// Takes the memory of a passing feature.
    func makeRoom(threads: Int, images: Int) {
        guard isPassing else { return }
        room = images
        own = AlignedBuffer(count: threads * images * imageStride)
        values = own.base
    }

    /// An image of a feature that is there for the whole batch.
    func value(_ image: Int) -> UnsafeMutablePointer<Float> {
        precondition(!isPassing, "a passing feature is asked for by who works on it")
        return values + image * imageStride
    }

    /// An image of the group that a worker has.
    func value(_ image: Int, _ worker: Worker) -> UnsafeMutablePointer<Float> {
        guard isPassing else { return values + image * imageStride }
        assert(image - worker.first < room, "the group is larger than its room")
        return values + (worker.thread * room + image - worker.first) * imageStride
    }

    /// - Precondition: the feature has a gradient.
    func gradient(_ image: Int) -> UnsafeMutablePointer<Float> {
        gradients.base + image * (gradientLayout?.imageStride ?? 0)
    }
}

/// Who works: a part of the batch (a lane, on the way back), the thread that has it now, the part's first image and that of
/// the group it is at.
struct Worker {
    let lane: Int
    let thread: Int
    let laneStart: Int
    var first: Int
}

/// Memory that each thread has for itself while it is in one operation, as large as the neediest asks for.
final class Workbench {
    let threads: Int
    private var size = 0
    private var memory = AlignedBuffer<Float>(count: 0)

    init(threads: Int) { self.threads = threads }

    func reserve(_ count: Int) { size = max(size, (count + laneCount - 1) / laneCount * laneCount) }

    /// Takes the memory, once all operations have said what they need.
    func allocate() { memory = AlignedBuffer(count: threads * size) }

    func base(_ worker: Worker) -> UnsafeMutablePointer<Float> { memory.base + worker.thread * size }
}

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
    /// Before a lane's first image and after its last.
    func beginBackward(_ worker: Worker) {}
    func backward(_ images: Range<Int>, _ worker: Worker) {}
    /// Whether `backward` reads the values of the input.
    var readsInputBackward: Bool { false }
    func endBackward(_ worker: Worker) {}

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
