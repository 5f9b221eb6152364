import Checkpoints

/// The statistics and the histogram of a tensor.
package struct TensorPicture: Equatable, Sendable {
    package let name: String
    package let statistics: TensorStatistics
    /// Counts of the values in bins of equal width between the smallest and the largest; empty where no histogram was
    /// wanted or all values are equal.
    package let counts: [Int]

    package static let mostBins = 60

    package init(name: String, statistics: TensorStatistics, counts: [Int]) {
        self.name = name
        self.statistics = statistics
        self.counts = counts
    }
}
