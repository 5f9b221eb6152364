import EventLog

/// A normalization layer in a log, with the tags under which its quantities are.
///
/// Our engine logs `batchnorm/LAYER/running_mean` and so on as vectors; others log parameters and buffers under names of
/// their own (see `LayerTag`), as vectors or as histograms. A layer is whatever has running or batch statistics; in a log
/// without any, whatever has as many γ as β, one a channel.
package struct LoggedLayer: Equatable, Sendable {
    /// A quantity with one value a channel, as PyTorch names it; `weight` is γ and `bias` is β.
    package enum Quantity: String, CaseIterable, Sendable {
        case runningMean = "running_mean"
        case runningVariance = "running_var"
        case batchMean = "batch_mean"
        case batchVariance = "batch_var"
        case weight, bias

        /// Whether it tells a normalization layer from any other.
        var isStatistic: Bool { self != .weight && self != .bias }
    }

    /// A single number of a layer.
    package enum Fact: String, Sendable {
        /// NaN stands for `momentum=None`.
        case momentum
        case epsilon = "eps"
        case batchesTracked = "num_batches_tracked"
        /// 1 where the batches' variances are unbiased, as torch.var gives them by default; 0 or absent where they are
        /// not.
        case batchVarianceCorrection = "batch_var_correction"

        /// Whether a tag names such a number, and so no distribution of anything.
        package static func isNamed(by tag: String) -> Bool {
            tag.utf8.lastIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }
                .map { Fact(rawValue: String(tag[tag.utf8.index(after: $0)...])) != nil } ?? false
        }
    }

    /// The module's name: `layer1.1`.
    package let name: String
    /// The tags under which a quantity is, the best first.
    private var tags: [Quantity: [String]] = [:]
    /// What stands before a quantity in the tags: `batchnorm/layer1.1/`.
    private var stems: [String] = []

    fileprivate init(name: String) {
        self.name = name
    }

    /// One value a channel over time, if the log has it.
    package func vectors(of quantity: Quantity, in log: LogSnapshot) -> TensorSeries? {
        tags[quantity]?.lazy.compactMap { log.tensors[$0] }.first
    }

    /// How the channels' values are distributed over time, if the log has it.
    package func histograms(of quantity: Quantity, in log: LogSnapshot) -> HistogramSeries? {
        tags[quantity]?.lazy.compactMap { log.histograms[$0] }.first
    }

    /// A statistic as each of the processes has it that train together, if the log has it: a row each, the first one
    /// being what `vectors` tells.
    package func ranks(of quantity: Quantity, in log: LogSnapshot) -> MatrixSeries? {
        stems.lazy.compactMap { log.matrices[$0 + Tag.ranksPrefix + quantity.rawValue] }.first
    }

    /// The tag that a quantity is best read from.
    package func tag(of quantity: Quantity, in log: LogSnapshot) -> String? {
        let all = tags[quantity] ?? []
        return all.first { log.tensors[$0] != nil } ?? all.first { log.histograms[$0] != nil }
    }

    /// The newest value of a single number, whether it was logged as a scalar, as a tensor or as a histogram.
    package func fact(_ fact: Fact, in log: LogSnapshot) -> Double? {
        for stem in stems {
            let tag = stem + fact.rawValue
            if let value = log.tensors[tag]?.last?.value, value.count == 1 { return Double(value[0]) }
            if let value = log.scalars[tag]?.last?.value { return Double(value) }
            if let value = log.histograms[tag]?.last?.value, value.count == 1 { return value.max }
        }
        return nil
    }

    /// The layers of a log, in the order in which they came.
    package static func all(in log: LogSnapshot) -> [LoggedLayer] {
        var found = Candidates()
        for tag in log.tensors.tags + log.histograms.tags { found.add(tag) }
        let layers = found.layers
        return layers.isEmpty ? found.parametersOnly.filter { $0.isOneValueAChannel(in: log) } : layers
    }

    private var hasStatistics: Bool { tags.keys.contains(where: \.isStatistic) }

    /// Whether there are as many γ as β: a convolution's or a linear layer's weight has more values than its bias.
    private func isOneValueAChannel(in log: LogSnapshot) -> Bool {
        func count(_ quantity: Quantity) -> Int? {
            if let vector = vectors(of: quantity, in: log)?.last { return vector.value.count }
            // A histogram leaves out what isn't finite: the first one has more than those of a run that went wrong.
            return histograms(of: quantity, in: log)?.first.flatMap { Int(exactly: $0.value.count) }
        }
        guard let weights = count(.weight), let biases = count(.bias) else { return false }
        return weights == biases && weights > 1
    }
}

extension LoggedLayer {
    /// The layers that have tags of the right form, while they are being found.
    private struct Candidates {
        private var all: [LoggedLayer] = []
        private var places: [String: Int] = [:]

        mutating func add(_ text: String) {
            guard let tag = LayerTag(text) else { return }
            let place = places[tag.layer] ?? all.count
            if place == all.count {
                places[tag.layer] = place
                all.append(LoggedLayer(name: tag.layer))
            }
            if tag.isOurs {
                all[place].tags[tag.quantity, default: []].insert(text, at: 0)
            } else {
                all[place].tags[tag.quantity, default: []].append(text)
            }
            if !all[place].stems.contains(tag.stem) { all[place].stems.append(tag.stem) }
        }

        /// Those without statistics; gradients are logged under the same names.
        var parametersOnly: [LoggedLayer] { all.filter { !$0.hasStatistics && !$0.name.contains("grad") } }

        /// Those with statistics. γ and β may be in another group than the buffers (`params/bn1.weight`,
        /// `buffers/bn1.running_mean`): they are taken from there where only one group has them.
        var layers: [LoggedLayer] {
            let others = Dictionary(grouping: parametersOnly) { LayerTag.module(in: $0.name) }
            return all.filter(\.hasStatistics).map { layer in
                guard layer.tags[.weight] == nil, layer.tags[.bias] == nil,
                    let namesakes = others[LayerTag.module(in: layer.name)], namesakes.count == 1
                else { return layer }
                var joined = layer
                joined.tags.merge(namesakes[0].tags) { mine, _ in mine }
                return joined
            }
        }
    }
}
