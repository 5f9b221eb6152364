import Tensors

/// Maximum or average over windows of one image, one vector of sixteen channels at a time.
///
/// Windows are known for each output position along each axis, so that strides, padding, dilation and PyTorch's adaptive
/// sizes are all the same to the loops. What lies in the padding is in no window.
package final class PoolingKernel: Sendable {
    /// A pooling window: the input positions first, first + step, … that one output position sees, and what an average divides by.
    package struct Window: Equatable, Sendable {
        package let first: Int
        package let count: Int
        package let step: Int
        package let divisor: Int

        package init(first: Int, count: Int, step: Int, divisor: Int) {
            self.first = first
            self.count = count
            self.step = step
            self.divisor = divisor
        }
    }

    private let input: BlockedLayout
    private let output: BlockedLayout
    private let rows: [Window]
    private let columns: [Window]
    /// Whether every input position is in exactly one window, so that gradients are written and not added.
    private let isPartition: Bool

    /// `rows` and `columns` hold a window for each output row and column.
    package init(input: BlockedLayout, output: BlockedLayout, rows: [Window], columns: [Window]) {
        precondition(input.channels == output.channels && input.extent.depth == output.extent.depth, "layouts differ")
        precondition(rows.count == output.extent.height && columns.count == output.extent.width, "windows are missing")
        precondition(
            rows.allSatisfy { $0.isInside(input.extent.height) }
                && columns.allSatisfy { $0.isInside(input.extent.width) },
            "a window leaves the image")
        self.input = input
        self.output = output
        self.rows = rows
        self.columns = columns
        isPartition = Window.divide(rows, input.extent.height) && Window.divide(columns, input.extent.width)
    }

    package func maximum(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        forEachWindow(output) { block, z, row, column, to in
            var best = Vector16(repeating: -.infinity)
            forEachTap(input, block, z, row, column) { from in
                let value = Vector16(at: x, from)
                best.replace(with: value, where: (value .> best) .| (value .!= value))
            }
            best.store(to: y, to)
        }
    }

    package func average(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        forEachWindow(output) { block, z, row, column, to in
            var sum = Vector16()
            forEachTap(input, block, z, row, column) { from in sum += Vector16(at: x, from) }
            (sum / Float(row.divisor * column.divisor)).store(to: y, to)
        }
    }

    /// The gradient goes to the first of a window's largest values. `dy` has the layout `from`, `dx` the layout `to`.
    package func maximumGradient(
        x: UnsafePointer<Float>, y: UnsafePointer<Float>, dy: UnsafePointer<Float>, from: BlockedLayout,
        into dx: UnsafeMutablePointer<Float>, to: BlockedLayout
    ) {
        guard !isPartition else { return partitionedGradient(x: x, y: y, dy: dy, from: from, into: dx, to: to) }
        clear(dx, to)
        forEachWindow(output) { block, z, row, column, place in
            let highest = Vector16(at: y, place)
            var gradient = Vector16(at: dy, from.row(block: block, z, row.index) &+ column.index &* laneCount)
            forEachTap(input, to, block, z, row, column) { source, target in
                let value = Vector16(at: x, source)
                let isIt = (value .== highest) .| (value .!= value)
                (Vector16(at: dx, target) + Vector16().replacing(with: gradient, where: isIt)).store(to: dx, target)
                gradient.replace(with: Vector16(), where: isIt)
            }
        }
    }

    private func partitionedGradient(
        x: UnsafePointer<Float>, y: UnsafePointer<Float>, dy: UnsafePointer<Float>, from: BlockedLayout,
        into dx: UnsafeMutablePointer<Float>, to: BlockedLayout
    ) {
        forEachWindow(output) { block, z, row, column, place in
            let highest = Vector16(at: y, place)
            var gradient = Vector16(at: dy, from.row(block: block, z, row.index) &+ column.index &* laneCount)
            forEachTap(input, to, block, z, row, column) { source, target in
                let value = Vector16(at: x, source)
                let isIt = (value .== highest) .| (value .!= value)
                Vector16().replacing(with: gradient, where: isIt).store(to: dx, target)
                gradient.replace(with: Vector16(), where: isIt)
            }
        }
    }

    package func averageGradient(
        dy: UnsafePointer<Float>, from: BlockedLayout, into dx: UnsafeMutablePointer<Float>, to: BlockedLayout
    ) {
        clear(dx, to)
        forEachWindow(from) { block, z, row, column, place in
            let share = Vector16(at: dy, place) / Float(row.divisor * column.divisor)
            forEachTap(to, block, z, row, column) { target in
                (Vector16(at: dx, target) + share).store(to: dx, target)
            }
        }
    }

    private func clear(_ dx: UnsafeMutablePointer<Float>, _ layout: BlockedLayout) {
        layout.forEachRow(with: layout) { _, row, _ in
            (dx + row).update(repeating: 0, count: layout.extent.width * laneCount)
        }
    }

    /// A window and the output position it belongs to.
    private struct Position {
        let index: Int
        let window: Window
        var divisor: Int { window.divisor }
    }

    @inline(__always)
    private func forEachWindow(
        _ layout: BlockedLayout, _ body: (_ block: Int, _ z: Int, Position, Position, _ place: Int) -> Void
    ) {
        for block in 0..<layout.blocks {
            for z in 0..<layout.extent.depth {
                for row in 0..<rows.count {
                    let start = layout.row(block: block, z, row)
                    for column in 0..<columns.count {
                        body(
                            block, z, Position(index: row, window: rows[row]),
                            Position(index: column, window: columns[column]), start &+ column &* laneCount)
                    }
                }
            }
        }
    }

    @inline(__always)
    private func forEachTap(
        _ layout: BlockedLayout, _ block: Int, _ z: Int, _ row: Position, _ column: Position, _ body: (Int) -> Void
    ) {
        for y in 0..<row.window.count {
            let start = layout.row(block: block, z, row.window.first &+ y &* row.window.step)
            for x in 0..<column.window.count {
                body(start &+ (column.window.first &+ x &* column.window.step) &* laneCount)
            }
        }
    }

    @inline(__always)
    private func forEachTap(
        _ layout: BlockedLayout, _ other: BlockedLayout, _ block: Int, _ z: Int, _ row: Position,
        _ column: Position, _ body: (Int, Int) -> Void
    ) {
        for y in 0..<row.window.count {
            let line = row.window.first &+ y &* row.window.step
            let here = layout.row(block: block, z, line), there = other.row(block: block, z, line)
            for x in 0..<column.window.count {
                let offset = (column.window.first &+ x &* column.window.step) &* laneCount
                body(here &+ offset, there &+ offset)
            }
        }
    }
}

extension PoolingKernel.Window {
    /// Whether windows follow each other without a gap or an overlap, over all of `size`.
    fileprivate static func divide(_ windows: [Self], _ size: Int) -> Bool {
        var next = 0
        for window in windows {
            guard window.first == next, window.step == 1 else { return false }
            next += window.count
        }
        return next == size
    }

    fileprivate func isInside(_ size: Int) -> Bool {
        count > 0 && first >= 0 && first + (count - 1) * step < size && divisor > 0
    }
}
