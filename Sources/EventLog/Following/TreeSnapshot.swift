/// A snapshot of the runs below some directories, in the order of their names. A value, as cheap to copy as an array.
package struct TreeSnapshot: Sendable {
    package internal(set) var runs: [RunLog] = []
    /// A number that goes up with every change.
    package internal(set) var version = 0

    package init() {}

    package subscript(name: String) -> RunLog? {
        runs.first { $0.name == name }
    }

    /// Points of all runs.
    package var points: Int { runs.reduce(0) { $0 + $1.log.points } }

    /// Bytes read and bytes there, over all runs.
    package var progress: (read: Int, total: Int) {
        runs.reduce((0, 0)) { ($0.0 + $1.log.progress.read, $0.1 + $1.log.progress.total) }
    }
}

/// The log of one run among others: a directory with event files in it, or with another sign of a run.
package struct RunLog: Sendable {
    /// The path below the directory that is watched; that directory's own name for the directory itself.
    package let name: String
    package let directory: String
    package internal(set) var log = LogSnapshot()
    /// When its newest event file was written to, or else when something came into the directory; seconds since 1970.
    package internal(set) var modified: Double
    /// Whether all that is there has been read.
    package internal(set) var isComplete = false
}
