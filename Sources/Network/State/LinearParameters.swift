import Kernels
import Tensors

/// The weights and biases of a linear layer, and their layout in memory.
struct LinearParameters {
    let kernel: LinearKernel
    let weight: Parameter
    let bias: Parameter?
    let store: ParameterStore

    init(_ name: String, outputs: Int, bias: Bool, input: BlockedLayout, _ store: ParameterStore) {
        precondition(input.halo == .zero, "a linear layer's input is dense")
        self.store = store
        kernel = LinearKernel(vectors: input.imageStride / laneCount, outputs: outputs)
        weight = store.addLinear("\(name).weight", kernel, input)
        self.bias = bias ? store.add("\(name).bias", channels: outputs) : nil
    }

    var weightValues: UnsafeMutablePointer<Float> { store.values.base + weight.offset }
    var weightGradient: UnsafeMutablePointer<Float> { store.gradients.base + weight.offset }
    var biasValues: UnsafePointer<Float>? { bias.map { UnsafePointer(store.values.base + $0.offset) } }

    /// The gradient of the bias from that of the output: Σ dy over the first `count` images.
    func takeBiasGradient(_ output: Activation, count: Int) {
        guard let bias else { return }
        for first in stride(from: 0, to: kernel.outputs, by: laneCount) {
            var sum = SIMD16<Double>()
            for image in 0..<count { sum += SIMD16<Double>(Vector16(at: output.gradient(image), first)) }
            Vector16(sum).store(to: store.gradients.base, bias.offset + first)
        }
    }
}

extension ParameterStore {
    /// weight[out][feature] in the kernel's order, features in the order of the layout.
    fileprivate func addLinear(_ name: String, _ kernel: LinearKernel, _ layout: BlockedLayout) -> Parameter {
        let features = layout.channels * layout.extent.volume
        let order = (0..<features).map { layout.offset(ofContiguous: $0) }
        var places: [Int32] = []
        places.reserveCapacity(kernel.outputs * features)
        for output in 0..<kernel.outputs {
            for feature in order {
                let vector = kernel.place(output: output, vector: feature / laneCount)
                places.append(Int32(vector + feature % laneCount))
            }
        }
        return add(name, shape: [kernel.outputs, features], places: places, extent: kernel.weightCount)
    }
}
