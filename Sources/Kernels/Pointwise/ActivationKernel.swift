import Tensors

/// Pointwise functions of one image, between layouts that differ only in their halo.
package struct ActivationKernel: Sendable {
    package let input: BlockedLayout
    package let output: BlockedLayout

    package init(input: BlockedLayout, output: BlockedLayout) {
        precondition(input.channels == output.channels && input.extent == output.extent, "layouts differ")
        self.input = input
        self.output = output
    }

    /// y = x where x > 0, slope·x elsewhere: ReLU with slope 0. NaN stays NaN.
    package func rectify(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, slope: Float) {
        input.forEachRow(with: output) { _, from, to in
            for column in 0..<input.extent.width {
                let value = Vector16(at: x + from, column &* laneCount)
                value.replacing(with: value * slope, where: value .< Vector16())
                    .store(to: y + to, column &* laneCount)
            }
        }
    }

    /// Here `input` is the layout of x, `output` that of dy; dx has a layout of its own.
    package func rectifyGradient(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
        layout: BlockedLayout, slope: Float
    ) {
        for block in 0..<input.blocks {
            for z in 0..<input.extent.depth {
                for y in 0..<input.extent.height {
                    let value = x + input.row(block: block, z, y), gradient = dy + output.row(block: block, z, y)
                    let target = dx + layout.row(block: block, z, y)
                    for column in 0..<input.extent.width {
                        let passed = Vector16(at: gradient, column &* laneCount)
                        passed.replacing(
                            with: passed * slope, where: Vector16(at: value, column &* laneCount) .<= Vector16()
                        ).store(to: target, column &* laneCount)
                    }
                }
            }
        }
    }
}
