import Canvas
import Charts
import EventLog
import Runs

/// The table of runs: its columns, and the rows that pass a filter in the chosen order.
struct RunTable: Sendable {
    /// A column of the table; hyperparameters have one where runs differ in them.
    enum Column: Hashable, Sendable {
        case name, state, step, age, loss, accuracy
        case setting(String)

        var title: String {
            switch self {
            case .name: "run"
            case .state: "state"
            case .step: "step"
            case .age: "age"
            case .loss: "loss"
            case .accuracy: "best val"
            case .setting(let name): name
            }
        }

        /// The column's name in a CSV file.
        var key: String {
            switch self {
            case .age: "updated"
            case .accuracy: "best_validation_accuracy"
            default: title
            }
        }

        /// Whether the column is aligned to the right.
        var isNumber: Bool { self != .name && self != .state }
    }

    struct Row: ListItem {
        let path: String
        let name: String
        let state: RunCatalogue.State
        let isComplete: Bool
        let step: Double?
        /// The time of the last change, in seconds since 1970.
        let updated: Double
        /// The same for sorting: runs that are training count as equally recent, so that they keep their order.
        let recency: Double
        let loss: Double?
        let accuracy: Double?
        let settings: [String: Hyperparameter.Value]
        let points: Int

        var listID: String { path }
    }

    static let usual: [Column] = [.name, .state, .step, .age, .loss, .accuracy]

    private(set) var columns = RunTable.usual
    private(set) var rows: [Row] = []

    init() {}

    /// - Parameter known: the rows as they were last made, which are made anew only where something has changed.
    init(
        _ entries: [RunCatalogue.Entry], rowCache known: inout RunRowCache, filter: String, sort: Column,
        isAscending: Bool, now: Double
    ) {
        known.update(entries)
        columns = Self.usual + known.differing.map(Column.setting)
        rows = known.rows
        if !filter.isEmpty {
            let wanted = ListFilter(filter)
            rows.removeAll { row in !wanted.matches(.init(name: row.name) { row.content($0, now: now) }) }
        }
        rows.sort { isAscending ? $0.isBefore($1, by: sort) : $1.isBefore($0, by: sort) }
    }
}

extension RunTable.Row {
    init(_ entry: RunCatalogue.Entry) {
        path = entry.directory.path
        name = entry.name
        state = entry.state
        isComplete = entry.isComplete
        step = entry.status.map { Double($0.step) } ?? entry.log.lastStep.map(Double.init)
        updated = entry.updated
        recency = entry.isLive ? .infinity : entry.updated
        let roles = ScalarRole.tags(in: entry.log)
        let scalars = { (role: ScalarRole) in roles[role].flatMap { entry.log.scalars[$0] } }
        loss = (scalars(.trainLoss) ?? scalars(.validationLoss))?.last.map { Double($0.value) }
        accuracy = scalars(.validationAccuracy).flatMap { series in
            series.extent(0..<series.count).range.map { Double($0.upperBound) * series.fractionScale }
        }
        settings = Dictionary(entry.settings.map { ($0.name, $0.value) }) { $1 }
        points = entry.log.points
    }

    /// The content of a column for filters: `step`, `age` in seconds, `loss`, `val`, `state`, or a setting by its name.
    func content(_ column: String, now: Double) -> ListFilter.Content? {
        switch column {
        case "name", "run": return .text(name)
        case "state": return .text(state.word)
        case "step", "steps": return step.map(ListFilter.Content.number)
        case "age": return .number(max(0, now - updated))
        case "loss": return loss.map(ListFilter.Content.number)
        case "val", "acc", "accuracy", "best": return accuracy.map(ListFilter.Content.number)
        default:
            return settings.first { $0.key.lowercased() == column }.map { setting in
                if case .number(let number) = setting.value { .number(number) } else { .text(setting.value.text) }
            }
        }
    }

    /// Whether the row comes before another one in ascending order. Rows without a value come last; equal ones are
    /// ordered by name.
    func isBefore(_ other: Self, by column: RunTable.Column) -> Bool {
        switch column {
        case .name: return name < other.name
        case .state: return (state.word, name) < (other.state.word, other.name)
        case .age: return (other.recency, name) < (recency, other.name)
        case .step: return (step ?? .infinity, name) < (other.step ?? .infinity, other.name)
        case .loss: return (loss ?? .infinity, name) < (other.loss ?? .infinity, other.name)
        case .accuracy: return (accuracy ?? .infinity, name) < (other.accuracy ?? .infinity, other.name)
        case .setting(let setting):
            let values = (settings[setting], other.settings[setting])
            if case (.number(let mine)?, .number(let others)?) = values { return (mine, name) < (others, other.name) }
            return (values.0?.text ?? "\u{10FFFF}", name) < (values.1?.text ?? "\u{10FFFF}", other.name)
        }
    }

    /// The column's full content for CSV: times in seconds since 1970, accuracies as fractions.
    func plain(_ column: RunTable.Column) -> String {
        switch column {
        case .name: name
        case .state: state.word
        case .step: step.map { NumberFormat.fixed($0, decimals: 0) } ?? ""
        case .age: "\(updated)"
        case .loss: loss.map { "\($0)" } ?? ""
        case .accuracy: accuracy.map { "\($0)" } ?? ""
        case .setting(let setting): settings[setting]?.text ?? ""
        }
    }

    func text(_ column: RunTable.Column, now: Double, utcOffset: Int) -> String {
        switch column {
        case .name: name
        case .state: state.mark + " " + state.words(now: now, utcOffset: utcOffset)
        case .step: step.map { NumberFormat.fixed($0, decimals: 0) } ?? ""
        case .age: now > updated ? NumberFormat.duration(now - updated) : "now"
        case .loss: loss.map { NumberFormat.compact($0) } ?? (isComplete ? "" : "…")
        case .accuracy: accuracy.map { NumberFormat.fixed($0 * 100, decimals: 2) + "%" } ?? (isComplete ? "" : "…")
        case .setting(let setting): settings[setting]?.text ?? ""
        }
    }
}
