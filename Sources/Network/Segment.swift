/// Actions that images go through together, a group at a time.
struct Segment {
    var actions: [Action]
    var group: Int?

    /// What actions need besides their operation.
    struct Context {
        let state: StepState
        let entrance: Entrance
        let loss: CrossEntropy
    }

    var isFolded: Bool { actions[0].kind == .forwardFolded }

    mutating func append(_ other: Segment) {
        actions += other.actions
        if let group, let larger = other.group { self.group = max(group, larger) }
    }

    func run(_ images: Range<Int>, _ worker: Worker, _ context: Context) {
        for action in actions where action.kind == .sumGradient { action.with { $0.beginSumming(worker) } }
        var start = images.lowerBound
        while start < images.upperBound {
            let end = min(start + (group ?? images.count), images.upperBound)
            var worker = worker
            worker.first = start
            for action in actions { perform(action, start..<end, worker, context) }
            start = end
        }
        for action in actions where action.kind == .sumGradient { action.with { $0.endSumming(worker) } }
    }

    private func perform(_ action: Action, _ images: Range<Int>, _ worker: Worker, _ context: Context) {
        let state = context.state
        switch action.kind {
        case .enter: context.entrance.fill(images, from: state)
        case .measure: action.with { $0.measure(images) }
        case .forward: action.with { $0.forward(images, worker) }
        case .forwardFolded: action.with { $0.forwardFolded(images, worker) }
        case .loss: if let labels = state.labels { context.loss.run(images, labels: labels, batch: nil) }
        case .lossGradient:
            if let labels = state.labels { context.loss.run(images, labels: labels, batch: state.count) }
        case .measureGradient: action.with { $0.measureGradient(images) }
        case .sumGradient: action.with { $0.sumGradient(images, worker) }
        case .backward: action.with { $0.backward(images, worker) }
        }
    }

    /// Neighbouring actions share a group, the largest that one of them likes; whole lanes are for themselves.
    ///
    /// When evaluating, all of the network is one phase. A layer that likes larger groups than those before it begins with
    /// new ones there, so that the first layers' large images are as few in the cache as these like them; only between
    /// who writes a passing feature and who reads it the group can't change.
    static func all(_ actions: [Action]) -> [Segment] {
        var segments: [Segment] = []
        for chain in chains(actions) {
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

    /// Actions between which only passing features are handed on.
    private static func chains(_ actions: [Action]) -> [Segment] {
        var chains: [Segment] = []
        for action in actions {
            let next = Segment(actions: [action], group: action.group)
            if !chains.isEmpty, action.readsPassing {
                chains[chains.count - 1].append(next)
            } else if action.kind != .forwardFolded, let last = chains.last, last.isFolded,
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

/// The segments that images of one lane pass.
struct Route {
    private let segments: [Segment]
    private let context: Segment.Context

    init(_ actions: some Collection<Action>, _ context: Segment.Context) {
        segments = Segment.all(Array(actions))
        self.context = context
    }

    func run(_ images: Range<Int>, lane: Int, thread: Int) {
        let worker = Worker(lane: lane, thread: thread, laneStart: images.lowerBound, first: images.lowerBound)
        for segment in segments { segment.run(images, worker, context) }
    }
}
