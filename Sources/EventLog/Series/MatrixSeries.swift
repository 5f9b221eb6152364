/// The newest matrices under a tag: one row for each process that trains, one column for each channel of a layer.
///
/// Of matrices only the newest `limit` records are held, since each has as much as many records of one process. The
/// same order as in `ValueSeries`: steps never decrease, and a step that goes back drops what was logged at or after
/// it.
package struct MatrixSeries: Sendable {
    package struct Entry: Sendable {
        package let step: Int64
        /// Seconds since 1970.
        package let wallTime: Double
        /// [row][column].
        package let rows: [[Float]]
    }

    /// Records that are held.
    package static let limit = 16
    /// Elements of a matrix that is held at all.
    static let elementLimit = 1 << 16

    package private(set) var entries: [Entry] = []
    /// Records in the log, those included that are no longer held.
    package private(set) var count = 0
    package var last: Entry? { entries.last }

    package init() {}

    mutating func append(step: Int64, wallTime: Double, rows: [[Float]]) {
        if let last, step < last.step { purge(from: step) }
        entries.append(Entry(step: step, wallTime: wallTime, rows: rows))
        count += 1
        if entries.count > Self.limit { entries.removeFirst() }
    }

    /// Drops the entries at `step` and after it.
    mutating func purge(from step: Int64) {
        let kept = entries.firstIndex { $0.step >= step } ?? entries.count
        count -= entries.count - kept
        entries.removeSubrange(kept...)
    }

    /// The newest entry at `step` or before it, among those that are held.
    package func newest(at step: Int64) -> Entry? { entries.last { $0.step <= step } }

    /// Whether matrices under a tag are held: those that our engines write, `batchnorm/layer1.1/ranks_running_mean`.
    static func isHeld(under tag: UnsafeRawBufferPointer) -> Bool {
        let slash = tag.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return tag[slash...].starts(with: "ranks_".utf8)
    }
}
