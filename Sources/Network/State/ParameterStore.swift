import Tensors

/// All parameters of a network in one flat array, with gradients and the optimizer's state in arrays of the same layout, and the
/// normalization layers, which have buffers besides.
final class ParameterStore {
    /// An entry of a state dictionary; `entries` are in its order.
    enum Entry {
        case parameter(Parameter)
        /// A normalization's running statistics.
        case buffers(BatchNormalization)
    }

    private(set) var entries: [Entry] = []
    private(set) var parameters: [Parameter] = []
    private(set) var normalizations: [BatchNormalization] = []
    private(set) var count = 0
    private(set) var values = AlignedBuffer<Float>(count: 0)
    private(set) var gradients = AlignedBuffer<Float>(count: 0)
    /// SGD's momentum buffers, or Adam's running means of the gradients.
    private(set) var momentum = AlignedBuffer<Float>(count: 0)
    /// Adam's running means of the squared gradients.
    private(set) var squares = AlignedBuffer<Float>(count: 0)

    func add(_ name: String, shape: [Int], places: [Int32], extent: Int) -> Parameter {
        let parameter = Parameter(
            name: name, shape: shape, places: places, extent: (extent + laneCount - 1) / laneCount * laneCount,
            offset: count)
        count += parameter.extent
        parameters.append(parameter)
        entries.append(.parameter(parameter))
        return parameter
    }

    /// A parameter with one value a channel.
    func add(_ name: String, channels: Int) -> Parameter {
        add(name, shape: [channels], places: (0..<Int32(channels)).map { $0 }, extent: channels)
    }

    func add(_ normalization: BatchNormalization) {
        normalizations.append(normalization)
        entries.append(.buffers(normalization))
    }

    /// Takes the memory, once all parameters are known.
    func allocate() {
        values = AlignedBuffer(count: count)
        gradients = AlignedBuffer(count: count)
        momentum = AlignedBuffer(count: count)
    }

    /// Takes the memory that only adaptive optimizers need.
    func allocateSquares() { squares = AlignedBuffer(count: count) }
}
