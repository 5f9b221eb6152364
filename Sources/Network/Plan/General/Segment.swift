/// Neighbouring steps that images go through together, a group at a time.
struct Segment {
    /// Held by the sequence that the segment is of.
    private var steps: [Unmanaged<PlanStep>]
    private(set) var group: Int?
    private let isFolded: Bool

    private init(_ step: PlanStep) {
        steps = [.passUnretained(step)]
        group = step.group
        isFolded = step is FoldedForwardStep
    }

    private mutating func append(_ other: Segment) {
        steps += other.steps
        if let group, let larger = other.group { self.group = max(group, larger) }
    }

    func run(_ images: Range<Int>, _ context: ShardContext) {
        for step in steps { step._withUnsafeGuaranteedRef { $0.begin(context) } }
        var start = images.lowerBound
        while start < images.upperBound {
            let end = min(start + (group ?? images.count), images.upperBound)
            var context = context
            context.first = start
            for step in steps { step._withUnsafeGuaranteedRef { $0.run(start..<end, context) } }
            start = end
        }
        for step in steps { step._withUnsafeGuaranteedRef { $0.end(context) } }
    }

    /// Neighbouring steps share a group, the largest that one of them likes; whole shards are for themselves.
    ///
    /// When evaluating, all of the network is one stage. A layer that likes larger groups than those before it begins with
    /// new ones there, so that the first layers' large images are as few in the cache as these like them; only between
    /// who writes a transient activation and who reads it the group can't change.
    static func all(_ steps: [PlanStep]) -> [Segment] {
        var segments: [Segment] = []
        for chain in chains(steps) {
            if let last = segments.last, (last.group == nil) == (chain.group == nil),
                chain.group ?? 0 <= last.group ?? 0 || !chain.isFolded
            {
                segments[segments.count - 1].append(chain)
            } else {
                segments.append(chain)
            }
        }
        return segments
    }

    /// Steps between which only transient activations are handed on.
    private static func chains(_ steps: [PlanStep]) -> [Segment] {
        var chains: [Segment] = []
        for step in steps {
            let next = Segment(step)
            if !chains.isEmpty, step.readsTransient {
                chains[chains.count - 1].append(next)
            } else if !next.isFolded, let last = chains.last, last.isFolded,
                (last.group == nil) == (next.group == nil)
            {
                chains[chains.count - 1].append(next)
            } else {
                chains.append(next)
            }
        }
        return chains
    }
}

/// The steps that a part of the batch goes through in a stage, one after the other.
struct StepSequence {
    private let steps: [PlanStep]
    private let segments: [Segment]

    init(_ steps: [PlanStep]) {
        self.steps = steps
        segments = Segment.all(steps)
    }

    func run(_ images: Range<Int>, shard: Int, thread: Int) {
        let context = ShardContext(
            shard: shard, thread: thread, shardStart: images.lowerBound, first: images.lowerBound)
        for segment in segments { segment.run(images, context) }
    }
}
