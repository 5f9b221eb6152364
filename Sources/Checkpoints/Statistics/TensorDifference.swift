/// How two tensors of the same shape differ.
package struct TensorDifference: Equatable, Sendable {
    package let name: String
    package let shape: [Int]
    package let types: [ElementType]
    /// The largest and the mean absolute difference, where both values are finite.
    package private(set) var largest = 0.0
    package private(set) var mean = 0.0
    /// Elements of which one or both are not finite, and not the same.
    package private(set) var nonFinite = 0

    /// Whether every value is the same (a NaN is the same as another NaN).
    package var isZero: Bool { largest == 0 && nonFinite == 0 }

    /// For sorting: what became NaN comes before any difference.
    var rank: Double { nonFinite > 0 ? .infinity : largest }

    private static let pieceCount = 1 << 15

    init(
        _ first: TensorEntry, of one: CheckpointFile, _ second: TensorEntry, of other: CheckpointFile,
        _ isCancelled: () -> Bool
    ) throws(CheckpointError) {
        name = first.name
        shape = first.shape
        types = [first.type, second.type]
        guard first.count > 0, first.type.isComplex == second.type.isComplex else { return }
        let readers = (try PieceReader(first, one.contents), try PieceReader(second, other.contents))
        var sum = 0.0
        var compared = 0
        for start in stride(from: 0, to: first.count, by: Self.pieceCount) {
            guard !isCancelled() else { throw .cancelled(path: one.path) }
            let range = start..<min(first.count, start + Self.pieceCount)
            let pieces = (try readers.0.doubles(range), try readers.1.doubles(range))
            add(pieces.0, pieces.1, &sum, &compared)
        }
        mean = compared == 0 ? 0 : sum / Double(compared)
    }

    private mutating func add(_ first: [Double], _ second: [Double], _ sum: inout Double, _ compared: inout Int) {
        for (one, other) in zip(first, second) {
            let difference = abs(one - other)
            if difference.isFinite {
                largest = max(largest, difference)
                sum += difference
                compared += 1
            } else if one != other, !(one.isNaN && other.isNaN) {
                nonFinite += 1
            }
        }
    }
}

/// Stretches of a tensor's values in row-major order: read as they are asked for where the tensor is contiguous, and all
/// at once where it isn't.
private struct PieceReader {
    private let entry: TensorEntry
    private let contents: FileContents
    private let all: [Double]?

    init(_ entry: TensorEntry, _ contents: FileContents) throws(CheckpointError) {
        self.entry = entry
        self.contents = contents
        let location = try contents.location(entry.stored.storage)
        let isStreamable = entry.stored.isContiguous && location.inflatedByteCount == nil
        all = isStreamable ? nil : try contents.doubles(of: entry)
    }

    func doubles(_ range: Range<Int>) throws(CheckpointError) -> [Double] {
        let width = entry.type.isComplex ? 2 : 1
        if let all { return Array(all[range.lowerBound * width..<range.upperBound * width]) }
        let stored = entry.stored
        let part = StoredTensor(
            storage: stored.storage, type: stored.type, offset: stored.offset + range.lowerBound, shape: [range.count],
            strides: [1], isParameter: false)
        return try contents.doubles(of: TensorEntry(name: entry.name, stored: part))
    }
}
