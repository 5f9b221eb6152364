import EventLog

/// A normalization layer as a log knows it, and under which tags.
///
/// Our engine logs `batchnorm/LAYER/running_mean` and so on as vectors; PyTorch users log parameters and buffers under
/// their own names (`layer1.1.running_mean`, `layer1.1/running_mean`), as vectors or as histograms. A layer is whatever has
/// running or batch statistics under one of these.
package struct LoggedLayer: Equatable, Sendable {
    /// What is known of a normalization layer, as PyTorch names it; `weight` is γ and `bias` is β.
    package enum Quantity: String, CaseIterable, Sendable {
        case runningMean = "running_mean"
        case runningVariance = "running_var"
        case batchMean = "batch_mean"
        case batchVariance = "batch_var"
        case weight, bias

        /// Whether it tells a normalization layer from any other.
        var isStatistic: Bool { self != .weight && self != .bias }
    }

    /// The module's name: `layer1.1`.
    package let name: String

    package init(name: String) {
        self.name = name
    }

    private static let group = "batchnorm/"

    /// The tags under which a quantity may be, the likeliest first.
    package func tags(of quantity: Quantity) -> [String] {
        ["\(Self.group)\(name)/\(quantity.rawValue)", "\(name).\(quantity.rawValue)", "\(name)/\(quantity.rawValue)"]
    }

    /// One value a channel over time, if the log has it.
    package func vectors(of quantity: Quantity, in log: LogSnapshot) -> TensorSeries? {
        tags(of: quantity).lazy.compactMap { log.tensors[$0] }.first
    }

    /// How the channels' values are distributed over time, if the log has it.
    package func histograms(of quantity: Quantity, in log: LogSnapshot) -> HistogramSeries? {
        tags(of: quantity).lazy.compactMap { log.histograms[$0] }.first
    }

    /// The layers of a log, in the order in which they came.
    package static func all(in log: LogSnapshot) -> [LoggedLayer] {
        var seen: Set<String> = []
        return (log.tensors.tags + log.histograms.tags).compactMap { tag in
            guard let name = layerName(in: tag), seen.insert(name).inserted else { return nil }
            return LoggedLayer(name: name)
        }
    }

    /// The layer whose statistic a tag names; nil for any other tag.
    private static func layerName(in tag: String) -> String? {
        guard let end = tag.utf8.lastIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }),
            let quantity = Quantity(rawValue: String(tag[tag.index(after: end)...])), quantity.isStatistic
        else { return nil }
        let start = tag.hasPrefix(group) ? tag.index(tag.startIndex, offsetBy: group.count) : tag.startIndex
        return start < end ? String(tag[start..<end]) : nil
    }
}
