import Kernels
import Tensors
import Testing

/// Direct convolutions of images wide and narrow, against plain sums in double precision: rows of every width come from
/// other tiles, and kernels on planes whose taps stand in threes from others than the rest.
@Suite struct DirectConvolutionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let geometry: ConvolutionGeometry
        let extent: Extent

        init(
            _ inputs: Int, _ outputs: Int, _ kernel: (Int, Int), stride: Int = 1, padding: (Int, Int) = (0, 0),
            dilation: Int = 1, of extent: (Int, Int)
        ) {
            geometry = ConvolutionGeometry(
                inputChannels: inputs, outputChannels: outputs, kernel: Extent(1, kernel.0, kernel.1),
                stride: Extent(1, stride, stride), padding: Extent(0, padding.0, padding.1),
                dilation: Extent(1, dilation, dilation))
            self.extent = Extent(1, extent.0, extent.1)
        }

        var testDescription: String {
            let kernel = geometry.kernel
            return "\(geometry.inputChannels)→\(geometry.outputChannels), \(kernel.height)×\(kernel.width), "
                + "stride \(geometry.stride.width), dilation \(geometry.dilation.width), "
                + "\(extent.height)×\(extent.width)"
        }
    }

    static let cases =
        [
            Case(3, 16, (5, 5), padding: (2, 2), of: (32, 32)), Case(3, 16, (1, 1), of: (9, 20)),
            Case(1, 16, (3, 3), padding: (2, 2), dilation: 2, of: (28, 28)),
            Case(3, 48, (3, 3), padding: (1, 1), of: (5, 33)), Case(4, 16, (3, 2), of: (7, 40)),
            Case(3, 16, (3, 3), stride: 2, padding: (1, 1), of: (64, 64)),
            Case(2, 32, (5, 6), padding: (0, 3), of: (8, 24)), Case(20, 40, (3, 3), stride: 2, of: (19, 41)),
            Case(32, 32, (1, 1), stride: 2, of: (12, 30)), Case(16, 16, (5, 5), padding: (2, 2), of: (6, 17)),
        ]
        + (1...20).flatMap { width in
            [
                Case(3, 16, (3, 3), padding: (1, 1), of: (3, width)),
                Case(3, 32, (3, 3), padding: (1, 1), of: (3, width)),
                Case(16, 48, (3, 3), padding: (1, 1), of: (2, width)),
            ]
        }

    /// The same numbers in memory that a kernel reads and in PyTorch's order.
    private struct Numbers {
        private var state: UInt32 = 2_463_534_242

        mutating func list(_ count: Int) -> [Float] {
            (0..<count).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return Float(state >> 8) / Float(1 << 24) - 0.4
            }
        }
    }

    /// A convolution's input and weights, in the layouts that kernels read and in C×H×W and O×C×H×W order.
    private struct Scene {
        let input: ConvolutionInput
        let output: BlockedLayout
        let weights: ConvolutionWeights
        let image: [Float]
        let kernels: [Float]
        let x: AlignedBuffer<Float>
        let w: AlignedBuffer<Float>

        init(_ shape: Case) throws {
            let geometry = shape.geometry, inputs = geometry.inputChannels
            let extent = try #require(geometry.outputExtent(of: shape.extent))
            output = BlockedLayout(channels: geometry.outputChannels, extent: extent)
            var numbers = Numbers()
            image = numbers.list(inputs * shape.extent.volume)
            kernels = numbers.list(geometry.outputChannels * inputs * geometry.kernel.volume)
            if inputs < laneCount {
                let layout = PlanarLayout(channels: inputs, extent: shape.extent, halo: geometry.padding)
                input = .planar(layout)
                x = AlignedBuffer(count: layout.imageStride + laneCount)
                for (index, value) in image.enumerated() { x[layout.offset(ofContiguous: index)] = value }
            } else {
                let layout = BlockedLayout(channels: inputs, extent: shape.extent, halo: geometry.padding)
                input = .blocked(layout)
                x = AlignedBuffer(count: layout.imageStride)
                for (index, value) in image.enumerated() { x[layout.offset(ofContiguous: index)] = value }
            }
            weights = ConvolutionWeights(geometry, input: input)
            w = AlignedBuffer(count: weights.count)
            for (index, value) in kernels.enumerated() {
                let (pair, tap) = index.quotientAndRemainder(dividingBy: geometry.kernel.volume)
                w[weights.offset(output: pair / inputs, inputInGroup: pair % inputs, tap: tap)] = value
            }
        }

        /// Calls `body` for each product of the convolution: places in the output, the kernels and the image.
        func forEachProduct(_ shape: Case, _ body: (_ output: Int, _ kernel: Int, _ image: Int) -> Void) {
            let geometry = shape.geometry, kernel = geometry.kernel, size = output.extent
            for channel in 0..<geometry.outputChannels {
                for input in 0..<geometry.inputChannels {
                    for tap in 0..<kernel.volume {
                        let place = (channel * geometry.inputChannels + input) * kernel.volume + tap
                        for y in 0..<size.height {
                            let row =
                                y * geometry.stride.height - geometry.padding.height
                                + tap / kernel.width * geometry.dilation.height
                            guard (0..<shape.extent.height).contains(row) else { continue }
                            for x in 0..<size.width {
                                let column =
                                    x * geometry.stride.width - geometry.padding.width
                                    + tap % kernel.width * geometry.dilation.width
                                guard (0..<shape.extent.width).contains(column) else { continue }
                                body(
                                    (channel * size.height + y) * size.width + x, place,
                                    (input * shape.extent.height + row) * shape.extent.width + column)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: cases)
    func outputsAreSumsOfProducts(_ shape: Case) throws {
        let scene = try Scene(shape)
        var expected = [Double](repeating: 0, count: shape.geometry.outputChannels * scene.output.extent.volume)
        scene.forEachProduct(shape) { output, kernel, image in
            expected[output] += Double(scene.kernels[kernel]) * Double(scene.image[image])
        }
        let y = AlignedBuffer<Float>(count: scene.output.imageStride)
        DirectConvolution(shape.geometry, from: scene.input, to: scene.output).run(
            from: scene.x.base, weights: scene.w.base, bias: nil, to: y.base)
        let size = expected.map(abs).max() ?? 0
        for (index, value) in expected.enumerated() {
            let got = Double(y[scene.output.offset(ofContiguous: index)])
            #expect(abs(got - value) < 1e-5 * size, "output \(index): \(got), not \(value)")
        }
    }

    @Test(arguments: cases)
    func gradientsOfWeightsAreSumsOfProducts(_ shape: Case) throws {
        let scene = try Scene(shape)
        var numbers = Numbers()
        let dy = numbers.list(shape.geometry.outputChannels * scene.output.extent.volume)
        var expected = [Double](repeating: 0, count: scene.kernels.count)
        scene.forEachProduct(shape) { output, kernel, image in
            expected[kernel] += Double(dy[output]) * Double(scene.image[image])
        }
        let gradient = AlignedBuffer<Float>(count: scene.weights.count)
        let blocked = AlignedBuffer<Float>(count: scene.output.imageStride)
        for (index, value) in dy.enumerated() { blocked[scene.output.offset(ofContiguous: index)] = value }
        ConvolutionWeightGradient(shape.geometry, from: scene.input, to: scene.output).accumulate(
            x: scene.x.base, dy: blocked.base, into: gradient.base)
        let size = expected.map(abs).max() ?? 0, inputs = shape.geometry.inputChannels
        for (index, value) in expected.enumerated() {
            let (pair, tap) = index.quotientAndRemainder(dividingBy: shape.geometry.kernel.volume)
            let place = scene.weights.offset(output: pair / inputs, inputInGroup: pair % inputs, tap: tap)
            let got = Double(gradient[place])
            #expect(abs(got - value) < 1e-5 * size, "weight \(index): \(got), not \(value)")
        }
    }
}
