/// A reader of one run's event files, and again of whatever is added to them.
///
/// All files of one directory whose names contain `tfevents` are one log, in the order of their names, as TensorBoard
/// reads them; a file is read to its present end before the next one begins. Lives on one thread; what it has read
/// leaves it as `snapshot`, which any thread may use. For many runs there is `LogTree`.
package final class LogFollower {
    package struct Outcome: Equatable, Sendable {
        /// Whether the snapshot is another one than before.
        package let changed: Bool
        /// Whether everything that is there now has been read; if not, the budget was too small: poll again at once.
        package let caughtUp: Bool

        package init(changed: Bool, caughtUp: Bool) {
            self.changed = changed
            self.caughtUp = caughtUp
        }
    }

    package var directory: String { reader.directory }

    private var reader: RunReader
    private var window: ReadWindow

    package convenience init(directory: String) {
        self.init(RunReader(directory: directory))
    }

    /// Follows a single file, whatever else its directory holds.
    package convenience init(file: String) {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        let directory = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
        self.init(
            RunReader(directory: directory.isEmpty ? "/" : directory, onlyFile: parts.last.map(String.init) ?? ""))
    }

    init(_ reader: RunReader, windowCapacity: Int = ReadWindow.usualCapacity) {
        self.reader = reader
        window = ReadWindow(capacity: windowCapacity)
    }

    convenience init(directory: String, windowCapacity: Int) {
        self.init(RunReader(directory: directory), windowCapacity: windowCapacity)
    }

    /// What has been read so far.
    package var snapshot: LogSnapshot { reader.snapshot }

    /// Reads what is new. A budget keeps it short; whatever was read until then is in the snapshot.
    package func poll(_ budget: PollBudget = .everything) throws(EventLogError) -> Outcome {
        var allowance = Allowance(budget)
        return try reader.poll(&allowance, through: &window)
    }

    /// Looks at the directory again at the next poll, whatever its time of modification says.
    package func refresh() {
        reader.refresh()
    }
}
