import Canvas
import Runs

/// View 5: the checkpoints of the open run or of a folder; one of them opened; two of them compared.
struct CheckpointBrowser: Sendable {
    /// A folder that is looked through instead of the open run.
    private let folder: String?
    private(set) var list = CheckpointList()
    private(set) var page: CheckpointPage?
    private(set) var comparison: ComparisonPage?
    private var working: String?
    /// What is being read for the page, so that it is not asked for twice.
    private var asked: CheckpointRequest?

    init(folder: String?) { self.folder = folder }

    var isBrowsingFolder: Bool { folder != nil }

    /// The checkpoint that a key works on: the one that is open, or the chosen one of the list.
    var subject: String? { comparison == nil ? page?.path ?? list.chosen?.path : nil }

    // MARK: - What arrives

    mutating func follow(_ run: RunSnapshot) {
        guard folder == nil else { return }
        list.load(run.checkpointEntries)
    }

    /// The open run is another one now.
    mutating func leaveRun() {
        guard folder == nil else { return }
        self = CheckpointBrowser(folder: nil)
    }

    mutating func take(_ news: CheckpointNews) -> [CheckpointRequest] {
        switch news {
        case .listed(let folder, let entries): if folder == self.folder { list.load(entries) }
        case .opened(let table): if page?.path == table.path { page?.take(table) }
        case .examined(let path, let picture): if page?.path == path { page?.take(picture) }
        case .channels(let path, let channels): if page?.path == path { page?.take(channels) }
        case .failed(let path, let problem): if page?.path == path { page?.fail(problem) }
        case .compared(let first, let second, let result):
            if comparison?.first == first, comparison?.second == second { comparison?.take(result) }
        case .evaluated(let path, let figures): list.take(figures, of: path)
        case .working(let words): working = words
        case .done, .refused: break
        }
        return examination()
    }

    // MARK: - Keys

    mutating func update(_ action: Action) -> [CheckpointRequest] {
        switch action {
        case .open: return open()
        case .mark: if page == nil, comparison == nil { list.mark() }
        case .compare: return compare()
        case .previousLayer: page?.chooseLayer(-1)
        case .nextLayer: page?.chooseLayer(1)
        default:
            if comparison != nil {
                comparison?.move(action)
            } else if page != nil {
                page?.move(action)
            } else {
                list.move(action)
            }
        }
        return examination()
    }

    /// Goes back one step; nil if there is none but out of the view.
    mutating func back() -> [CheckpointRequest]? {
        if comparison != nil {
            comparison = nil
        } else if page != nil {
            if page?.back() == true { return [] }
            page = nil
        } else {
            return nil
        }
        asked = nil
        return [.stopReading]
    }

    mutating func point(row: Int, rows: Int) -> [CheckpointRequest] {
        if page != nil {
            page?.choose(row: row - 1, rows: rows - 1)
        } else if comparison == nil, row >= 1 {
            list.choose(row: row - 1, rows: rows - 4)
        }
        return examination()
    }

    private mutating func open() -> [CheckpointRequest] {
        guard comparison == nil else { return [] }
        if page != nil {
            page?.enlarge()
            return []
        }
        guard let path = list.chosen?.path else { return [] }
        page = CheckpointPage(path: path)
        asked = nil
        return [.open(path: path)]
    }

    private mutating func compare() -> [CheckpointRequest] {
        guard list.marked.count == 2 else { return [] }
        comparison = ComparisonPage(first: list.marked[0], second: list.marked[1])
        return [.compare(first: list.marked[0], second: list.marked[1])]
    }

    /// What has to be read for what is chosen on the page, if that is not under way.
    private mutating func examination() -> [CheckpointRequest] {
        guard comparison == nil, let request = page?.request else { return [] }
        guard let asked, case .examine(_, let known, let layer) = asked, case .examine(_, let wanted, let other) = request,
            layer == other || other == nil, Set(wanted).isSubset(of: known), (known.count == 1) == (wanted.count == 1)
        else {
            self.asked = request
            return [request]
        }
        return []
    }

    // MARK: - The picture

    func draw(into frame: inout Frame, in rect: Rect, now: Double) {
        let (body, foot) = working == nil ? (rect, rect.split(top: 0).top) : rect.split(top: rect.rows - 1)
        if let comparison {
            comparison.draw(into: &frame, in: body)
        } else if let page {
            page.draw(into: &frame, in: body)
        } else {
            list.draw(into: &frame, in: body, now: now, empty: empty)
        }
        if let working { frame.write(working.fitted(to: foot.columns), in: foot, .warning) }
    }

    private var empty: String {
        folder.map { "no checkpoints in \($0): .pth, .pt, .ckpt, .bin or .safetensors" }
            ?? "none yet: c writes one, and every epoch does"
    }
}

extension RunSnapshot {
    /// The run's checkpoints, newest first, each with what the log says of its step.
    var checkpointEntries: [CheckpointEntry] {
        checkpoints.reversed().map { checkpoint in
            CheckpointEntry(
                path: checkpoint.path, name: checkpoint.name, step: checkpoint.step, bytes: checkpoint.bytes,
                modified: checkpoint.modified, loss: value(Tag.validationLoss, at: checkpoint.step),
                accuracy: value(Tag.validationAccuracy, at: checkpoint.step))
        }
    }

    /// The last value of a series that was logged at a step.
    private func value(_ tag: String, at step: Int) -> Double? {
        guard let series = log.scalars[tag], !series.isEmpty else { return nil }
        let index = series.lowerBound(step: Int64(step) + 1) - 1
        guard index >= 0, series[index].step == Int64(step) else { return nil }
        return Double(series[index].value)
    }
}
