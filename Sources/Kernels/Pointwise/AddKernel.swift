import Tensors

/// The sum of two images, between layouts that differ only in their halo: where a residual path joins the main one, and
/// where their gradients meet again.
package struct AddKernel: Sendable {
    package let a: BlockedLayout
    package let b: BlockedLayout
    package let sum: BlockedLayout

    package init(a: BlockedLayout, b: BlockedLayout, sum: BlockedLayout) {
        precondition([a, b].allSatisfy { $0.channels == sum.channels && $0.extent == sum.extent }, "layouts differ")
        self.a = a
        self.b = b
        self.sum = sum
    }

    /// sum = a + b, or max(0, a + b).
    package func add(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, into total: UnsafeMutablePointer<Float>,
        rectify: Bool
    ) {
        forEachRow { placeA, placeB, place in
            for column in 0..<sum.extent.width {
                var value = Vector16(at: first + placeA, column &* laneCount)
                value += Vector16(at: second + placeB, column &* laneCount)
                if rectify { value = value.rectified }
                value.store(to: total + place, column &* laneCount)
            }
        }
    }

    /// Both paths get the gradient of the sum (in the layout `gradient`), where `total` isn't zero if it was rectified.
    /// Here `a` and `b` are the layouts of the paths' gradients; either pointer may be nil.
    package func split(
        _ dy: UnsafePointer<Float>, _ gradient: BlockedLayout, total: UnsafePointer<Float>, rectified: Bool,
        into first: UnsafeMutablePointer<Float>?, _ second: UnsafeMutablePointer<Float>?
    ) {
        for block in 0..<sum.blocks {
            for z in 0..<sum.extent.depth {
                for y in 0..<sum.extent.height {
                    let from = dy + gradient.row(block: block, z, y), out = total + sum.row(block: block, z, y)
                    let toA = first.map { $0 + a.row(block: block, z, y) }
                    let toB = second.map { $0 + b.row(block: block, z, y) }
                    for column in 0..<sum.extent.width {
                        var value = Vector16(at: from, column &* laneCount)
                        if rectified {
                            value.replace(
                                with: Vector16(), where: Vector16(at: out, column &* laneCount) .<= Vector16())
                        }
                        if let toA { value.store(to: toA, column &* laneCount) }
                        if let toB { value.store(to: toB, column &* laneCount) }
                    }
                }
            }
        }
    }

    @inline(__always)
    private func forEachRow(_ body: (_ a: Int, _ b: Int, _ sum: Int) -> Void) {
        for block in 0..<sum.blocks {
            for z in 0..<sum.extent.depth {
                for y in 0..<sum.extent.height {
                    body(a.row(block: block, z, y), b.row(block: block, z, y), sum.row(block: block, z, y))
                }
            }
        }
    }
}
