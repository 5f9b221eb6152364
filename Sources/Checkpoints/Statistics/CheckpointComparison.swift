/// How the networks in two checkpoints differ, tensor by tensor.
package struct CheckpointComparison: Sendable {
    /// A tensor that only one of them has.
    package struct Missing: Equatable, Sendable {
        /// Its name, without the prefix that was left out.
        package let name: String
        package let effect: Effect
    }

    /// What the lack of a tensor means for the one who loads the checkpoint.
    package enum Effect: Equatable, Sendable {
        /// Nothing: only a cumulative average uses `num_batches_tracked`, and loading fills it in.
        case harmless
        /// Running statistics: without them evaluation normalizes by what the layer was made with.
        case breaksEvaluation
        /// Any other: `load_state_dict` refuses.
        case breaksLoading

        init(of name: String) {
            switch NormalizationTensors.split(name).member {
            case NormalizationTensors.counter: self = .harmless
            case "running_mean", "running_var": self = .breaksEvaluation
            default: self = .breaksLoading
            }
        }

        package var words: String {
            switch self {
            case .harmless: "harmless"
            case .breaksEvaluation: "without it evaluation normalizes by what the layer was made with"
            case .breaksLoading: "without it load_state_dict refuses"
            }
        }
    }

    package struct ShapeDifference: Equatable, Sendable {
        package let name: String
        package let first: [Int]
        package let second: [Int]
    }

    /// Prefixes that were left out so that the names agree, such as `module.`; empty if none.
    package let prefixes: (first: String, second: String)
    package let onlyInFirst: [Missing]
    package let onlyInSecond: [Missing]
    package let shapes: [ShapeDifference]
    /// The tensors of equal shape that both have, the largest difference first.
    package let tensors: [TensorDifference]
    /// The normalization layers that both have, in the order of the first.
    package let normalization: [NormalizationDifference]

    /// Whether every value of every tensor agrees.
    package var isIdentical: Bool {
        onlyInFirst.isEmpty && onlyInSecond.isEmpty && shapes.isEmpty && tensors.allSatisfy(\.isZero)
    }

    /// In one sentence: `3 of 9 tensors differ`.
    package var verdict: String {
        if isIdentical { return "identical: every value of every tensor is the same" }
        let differing = tensors.count { !$0.isZero }
        let unpaired = onlyInFirst.count + onlyInSecond.count + shapes.count
        let rest = unpaired == 0 ? "" : "; \(unpaired) can't be compared"
        return "\(differing) of \(tensors.count) tensors differ" + rest
    }

    /// Reads both networks' tensors once, a piece at a time.
    ///
    /// - Parameters:
    ///   - isCancelled: asked between two pieces; true ends with `CheckpointError.cancelled`.
    ///   - finished: told of every tensor that is done, as the first file has it.
    package init(
        _ first: CheckpointFile, _ second: CheckpointFile, isCancelled: () -> Bool = { false },
        finished: (TensorEntry) -> Void = { _ in }
    ) throws(CheckpointError) {
        let entries = (try first.stateEntries(), try second.stateEntries())
        let prefixes = NameMatching(entries.0.map(\.name), entries.1.map(\.name)).prefixes
        self.prefixes = prefixes
        let one = entries.0.map { $0.removingPrefix(prefixes.first) }
        let other = entries.1.map { $0.removingPrefix(prefixes.second) }
        let byName = Dictionary(other.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let pairs = one.compactMap { entry in byName[entry.name].map { (first: entry, second: $0) } }
        onlyInFirst = Self.missing(one, in: other)
        onlyInSecond = Self.missing(other, in: one)
        shapes = pairs.filter { $0.first.shape != $0.second.shape }.map {
            ShapeDifference(name: $0.first.name, first: $0.first.shape, second: $0.second.shape)
        }
        var differences: [TensorDifference] = []
        for pair in pairs where pair.first.shape == pair.second.shape {
            differences.append(try TensorDifference(pair.first, of: first, pair.second, of: second, isCancelled))
            finished(pair.first)
        }
        tensors = differences.sorted { $0.rank > $1.rank }
        normalization = try NormalizationDifference.all(one, of: first, other, of: second)
    }

    private static func missing(_ entries: [TensorEntry], in others: [TensorEntry]) -> [Missing] {
        let names = Set(others.map(\.name))
        return entries.filter { !names.contains($0.name) }.map { Missing(name: $0.name, effect: Effect(of: $0.name)) }
    }
}

extension TensorEntry {
    fileprivate func removingPrefix(_ prefix: String) -> TensorEntry {
        TensorEntry(name: String(name.dropFirst(prefix.count)), stored: stored)
    }
}
