/// The range of steps that charts show: all of them, or a window that may follow the newest point.
///
/// Invariant: a window is at least `narrowest` steps wide. It is not tied to any run: `range(last:)` cuts it to what a run
/// has.
package struct StepWindow: Equatable, Sendable {
    private enum Extent: Equatable {
        case whole
        case following(width: Double)
        case fixed(start: Double, width: Double)
    }

    private static let narrowest = 16.0
    private var extent = Extent.whole

    package init() {}

    package var isWhole: Bool { extent == .whole }
    package var isFollowing: Bool {
        if case .following = extent { true } else { false }
    }

    /// The steps to show of a run whose newest step is `last`; all of them begin at `first`.
    package func range(first: Double = 0, last: Double) -> ClosedRange<Double> {
        let last = max(last, first + 1, 1)
        switch extent {
        case .whole: return first...last
        case .following(let width): return max(0, last - width)...last
        case .fixed(let start, let width):
            let start = min(max(0, start), max(0, last - Self.narrowest))
            return start...min(max(start + 1, start + width), max(last, start + 1))
        }
    }

    /// Switches between the whole run and its newest fifth.
    mutating func toggleFollow(last: Double) {
        switch extent {
        case .following: extent = .whole
        case .whole: extent = .following(width: max(Self.narrowest, (last / 5).rounded()))
        case .fixed(_, let width): extent = .following(width: width)
        }
    }

    /// Scales the range by a factor around `anchor`, or else around the middle, or up to the newest point while
    /// following.
    mutating func zoom(by factor: Double, around anchor: Double? = nil, last: Double) {
        let range = range(last: last)
        let width = max(Self.narrowest, ((range.upperBound - range.lowerBound) * factor).rounded())
        if width >= last {
            extent = .whole
        } else if let anchor {
            let share = (anchor - range.lowerBound) / max(range.upperBound - range.lowerBound, 1)
            place(start: anchor - width * min(max(share, 0), 1), width: width, last: last)
        } else if isFollowing || range.upperBound >= last {
            extent = .following(width: width)
        } else {
            let middle = (range.lowerBound + range.upperBound) / 2
            place(start: middle - width / 2, width: width, last: last)
        }
    }

    /// Moves by a quarter of the range; at the newest point the window begins to follow it.
    mutating func pan(forward: Bool, last: Double) {
        let range = range(last: last)
        let width = range.upperBound - range.lowerBound
        if isWhole {
            if !forward { place(start: 0, width: (width / 2).rounded(), last: last) }
            return
        }
        place(start: range.lowerBound + (forward ? width : -width) / 4, width: width, last: last)
    }

    mutating func moveToStart(last: Double) {
        let range = range(last: last)
        place(start: 0, width: range.upperBound - range.lowerBound, last: last)
    }

    mutating func moveToEnd(last: Double) {
        guard !isWhole else { return }
        let range = range(last: last)
        extent = .following(width: range.upperBound - range.lowerBound)
    }

    private mutating func place(start: Double, width: Double, last: Double) {
        let width = max(Self.narrowest, width)
        if start + width >= last {
            extent = width >= last ? .whole : .following(width: width)
        } else {
            extent = .fixed(start: max(0, start), width: width)
        }
    }
}
