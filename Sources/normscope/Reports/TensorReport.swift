import Charts
import Checkpoints

/// The report of one tensor: its row of the table, its values, and a histogram.
struct TensorReport {
    /// The JSON document. `values` are in row-major order, a complex number in two parts; a number that is not finite
    /// as "nan", "inf" or "-inf"; null if there are too many.
    struct Document: Encodable {
        let tensor: TensorFacts
        let histogram: Bins?
        let values: [Double]?
    }

    struct Bins: Encodable {
        /// One more than `counts`.
        let edges: [Double]
        let counts: [Int]
    }

    private static let mostBins = 20
    private static let barColumns = 50
    private static let valueLimit = 1_000_000

    private let file: CheckpointFile
    private let entry: TensorEntry
    let document: Document

    init(_ file: CheckpointFile, _ name: String) throws {
        self.file = file
        entry = try file.entry(named: name)
        let statistics = try file.statistics(entry)
        document = Document(
            tensor: TensorFacts(entry: entry, statistics: statistics),
            histogram: try Self.histogram(entry, statistics, file),
            values: entry.count <= Self.valueLimit ? try file.doubles(entry) : nil)
    }

    private static func histogram(
        _ entry: TensorEntry, _ statistics: TensorStatistics, _ file: CheckpointFile
    ) throws -> Bins? {
        guard let low = statistics.minimum, let high = statistics.maximum, low < high, (high - low).isFinite else {
            return nil
        }
        let bins = TensorStatistics.bins(values: entry.count, atMost: mostBins)
        let counts = try file.histogram(entry, over: low...high, bins: bins)
        return Bins(edges: (0...bins).map { low + (high - low) * Double($0) / Double(bins) }, counts: counts)
    }

    func show() throws {
        TextTable.print(TensorFacts.head, [document.tensor.row])
        if let other = file.tied[entry.name] { print("tied to \(other)".onOneLine) }
        print("")
        for line in try TensorExcerpt(of: entry, in: file, format: NumberFormat.compact).lines { print(line) }
        if let histogram = document.histogram { show(histogram) }
    }

    /// Prints the histogram, one bin a line: where it begins, how many values are in it, and a bar.
    private func show(_ histogram: Bins) {
        let most = max(histogram.counts.max() ?? 1, 1)
        let rows = zip(histogram.edges, histogram.counts).map { edge, count in
            let columns = count == 0 ? 0 : max(1, count * Self.barColumns / most)
            return [NumberFormat.compact(edge), "\(count)", String(repeating: "█", count: columns)]
        }
        print("")
        TextTable.print(["from", "values", ""], rows + [[NumberFormat.compact(histogram.edges.last ?? 0), "", ""]])
    }
}
