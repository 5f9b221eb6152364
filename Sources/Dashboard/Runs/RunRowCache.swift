import EventLog
import Runs

/// A cache of the table's rows: a row is computed again when its run has changed, and the differing settings when
/// settings have.
struct RunRowCache: Sendable {
    /// A fingerprint of what a row is computed from: equal ones make equal rows.
    private struct Mark: Equatable {
        let log: Int
        let state: RunCatalogue.State
        let step: Int?
        let isComplete: Bool
        let updated: Double
        let settings: [Hyperparameter]

        func isCurrent(_ entry: RunCatalogue.Entry) -> Bool {
            log == entry.log.version && updated == entry.updated && isComplete == entry.isComplete
                && step == entry.status?.step && state == entry.state && settings == entry.settings
        }

        init(_ entry: RunCatalogue.Entry) {
            log = entry.log.version
            state = entry.state
            step = entry.status?.step
            isComplete = entry.isComplete
            updated = entry.updated
            settings = entry.settings
        }
    }

    private(set) var rows: [RunTable.Row] = []
    private(set) var differing: [String] = []
    /// The number of points of all runs.
    private(set) var points = 0
    private var marks: [Mark] = []

    /// Brings the rows up to date with the entries, in their order.
    mutating func update(_ entries: [RunCatalogue.Entry]) {
        let isSame = entries.count == rows.count && zip(entries, rows).allSatisfy { $0.directory.path == $1.path }
        guard isSame else { return start(entries) }
        var settingsChanged = false
        for place in entries.indices where !marks[place].isCurrent(entries[place]) {
            let entry = entries[place]
            let mark = Mark(entry)
            settingsChanged = settingsChanged || mark.settings != marks[place].settings
            marks[place] = mark
            let row = RunTable.Row(entry)
            points += row.points - rows[place].points
            rows[place] = row
        }
        if settingsChanged { differing = Self.differing(entries) }
    }

    /// Rebuilds the rows after runs came, went or changed places; known ones are kept.
    private mutating func start(_ entries: [RunCatalogue.Entry]) {
        let known = Dictionary(zip(rows.map(\.path), zip(rows, marks)), uniquingKeysWith: { $1 })
        let settings = marks.map(\.settings)
        marks = entries.map(Mark.init)
        rows = zip(entries, marks).map { entry, mark in
            if let (row, before) = known[entry.directory.path], before == mark { return row }
            return RunTable.Row(entry)
        }
        points = rows.reduce(0) { $0 + $1.points }
        if Set(known.keys) != Set(rows.map(\.path)) || settings != marks.map(\.settings) {
            differing = Self.differing(entries)
        }
    }

    /// The settings with more than one value among the runs, in the order in which they came. The run's name and the
    /// data's path don't count.
    private static func differing(_ entries: [RunCatalogue.Entry]) -> [String] {
        var names: [String] = []
        var first: [String: Hyperparameter.Value] = [:]
        var differ: Set<String> = []
        for setting in entries.lazy.flatMap(\.settings) where setting.name != "name" && setting.name != "data.path" {
            if let value = first[setting.name] {
                if value != setting.value { differ.insert(setting.name) }
            } else {
                first[setting.name] = setting.value
                names.append(setting.name)
            }
        }
        return names.filter(differ.contains)
    }
}
