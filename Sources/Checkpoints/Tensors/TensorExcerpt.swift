/// A tensor's values the way PyTorch prints them: rows in brackets, and of a large tensor only the first and the last few
/// along every dimension, with dots between. Reads what it shows and nothing else.
package struct TensorExcerpt: Sendable {
    /// Brackets and numbers, one row of the last dimension each.
    package let lines: [String]

    /// As torch.set_printoptions has them: up to so many values are all shown; of more, so many at each end.
    private static let threshold = 1000
    private static let edge = 3
    private static let rowLimit = 2000

    /// - Parameter format: how a number is written that is no integer and no truth value.
    package init(
        of entry: TensorEntry, in file: CheckpointFile, format: (Double) -> String
    ) throws(CheckpointError) {
        guard entry.count > 0 else {
            lines = ["[]"]
            return
        }
        let edge = entry.count <= Self.threshold ? Int.max : Self.edge
        let reader = try RowReader(entry, file.contents, edge: edge)
        let places = Self.places(entry.shape.dropLast().map { Self.shown($0, edge: edge) })
        var rows: [ExcerptRow] = []
        for place in places.prefix(Self.rowLimit) {
            let numbers = try reader.row(at: place.index)
            rows.append(ExcerptRow(place: place, texts: numbers.map { Self.texts($0, entry.type, format) }))
        }
        lines = ExcerptRow.lines(rows, dimensions: entry.shape.count, isCut: places.count > rows.count)
    }

    /// The indices that are shown of a dimension.
    private static func shown(_ size: Int, edge: Int) -> [Int] {
        size / 2 <= edge ? Array(0..<size) : Array(0..<edge) + Array(size - edge..<size)
    }

    /// Where each row begins: all combinations of the outer dimensions' indices, in order; a few more than are shown.
    private static func places(_ shown: [[Int]]) -> [ExcerptRow.Place] {
        var places = [ExcerptRow.Place(index: [], firsts: 0, lasts: 0)]
        for indices in shown {
            var longer: [ExcerptRow.Place] = []
            for place in places {
                for (position, index) in indices.enumerated() where longer.count <= rowLimit {
                    longer.append(
                        ExcerptRow.Place(
                            index: place.index + [index], firsts: position == 0 ? place.firsts + 1 : 0,
                            lasts: position == indices.count - 1 ? place.lasts + 1 : 0))
                }
            }
            places = longer
        }
        return places
    }

    private static func texts(_ numbers: [Double], _ type: ElementType, _ format: (Double) -> String) -> [String] {
        if type.isComplex {
            return stride(from: 0, to: numbers.count - 1, by: 2).map { part in
                let imaginary = format(numbers[part + 1])
                return format(numbers[part]) + (imaginary.hasPrefix("-") ? "" : "+") + imaginary + "j"
            }
        }
        switch type {
        case .bool: return numbers.map { $0 == 0 ? "False" : "True" }
        case _ where type.isInteger:
            return numbers.map { number in Int64(exactly: number).map(String.init) ?? "\(number)" }
        default: return numbers.map(format)
        }
    }
}

/// One printed row: where it stands and its numbers; two stretches of them where some are left out between.
private struct ExcerptRow {
    struct Place {
        let index: [Int]
        /// How many of the innermost outer dimensions stand at their first, and at their last shown index.
        let firsts: Int
        let lasts: Int
    }

    let place: Place
    let texts: [[String]]

    static func lines(_ rows: [ExcerptRow], dimensions: Int, isCut: Bool) -> [String] {
        let width = rows.flatMap { $0.texts.joined() }.map(\.count).max() ?? 0
        guard dimensions > 0 else { return rows.flatMap { $0.texts.joined() } }
        var lines: [String] = []
        for (number, row) in rows.enumerated() {
            let opens = 1 + row.place.firsts
            let isLast = number == rows.count - 1
            lines.append(
                String(repeating: " ", count: dimensions - opens) + String(repeating: "[", count: opens)
                    + row.numbers(width) + String(repeating: "]", count: 1 + row.place.lasts) + (isLast ? "" : ","))
            if !isLast { lines += gap(from: row.place, to: rows[number + 1].place) }
        }
        return lines + (isCut ? ["…"] : [])
    }

    private func numbers(_ width: Int) -> String {
        texts.map { part in
            part.map { String(repeating: " ", count: width - $0.count) + $0 }.joined(separator: ", ")
        }.joined(separator: ", ..., ")
    }

    /// What stands between two rows: an empty line where a matrix ends, dots where indices are left out.
    private static func gap(from: Place, to: Place) -> [String] {
        var lines = from.lasts > 0 ? [""] : []
        for (dimension, pair) in zip(from.index, to.index).enumerated() where pair.1 > pair.0 + 1 {
            lines.append(String(repeating: " ", count: dimension + 1) + "...,")
            if from.lasts > 0 { lines.append("") }
        }
        return lines
    }
}

/// Reads rows of a tensor's last dimension, at both ends.
private struct RowReader {
    private let entry: TensorEntry
    private let contents: FileContents
    private let edge: Int
    /// All values, in row-major order, where they are deflated and can't be read from the middle.
    private let all: [Double]?

    init(_ entry: TensorEntry, _ contents: FileContents, edge: Int) throws(CheckpointError) {
        self.entry = entry
        self.contents = contents
        self.edge = edge
        let isDeflated = try contents.location(entry.stored.storage).inflatedByteCount != nil
        all = isDeflated ? try contents.doubles(of: entry) : nil
    }

    /// The row at an index of the outer dimensions: all of it, or its two ends.
    func row(at index: [Int]) throws(CheckpointError) -> [[Double]] {
        let size = entry.shape.last ?? 1
        guard size / 2 > edge else { return [try numbers(index, 0..<size)] }
        return [try numbers(index, 0..<edge), try numbers(index, size - edge..<size)]
    }

    private func numbers(_ index: [Int], _ range: Range<Int>) throws(CheckpointError) -> [Double] {
        let stored = entry.stored
        if let all {
            let size = entry.shape.last ?? 1
            let row = zip(index, entry.shape).reduce(0) { $0 * $1.1 + $1.0 } * size
            let width = entry.type.isComplex ? 2 : 1
            return Array(all[(row + range.lowerBound) * width..<(row + range.upperBound) * width])
        }
        let stride = stored.strides.last ?? 1
        let start = zip(index, stored.strides).reduce(stored.offset) { $0 + $1.0 * $1.1 } + range.lowerBound * stride
        let part = StoredTensor(
            storage: stored.storage, type: stored.type, offset: start, shape: [range.count], strides: [stride],
            isParameter: false)
        return try contents.doubles(of: TensorEntry(name: entry.name, stored: part))
    }
}
