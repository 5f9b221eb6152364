/// The content of one run's log as far as it was read: takes in records, gives snapshots.
///
/// Invariant: each tag has one number in `tags` and one `Slot`; a slot's places point into the snapshot's tables.
struct LogContents {
    /// The place where a tag's values go. A tag holds one kind of data in TensorBoard, but nothing stops a file from
    /// mixing them.
    struct Slot {
        var scalar = -1
        var tensor = -1
        var matrix = -1
        var histogram = -1
        var text = -1
        var other = -1
        /// The plugin that the tag's first metadata named: what says how its tensors are meant.
        var plugin = Plugin.none
    }

    enum Plugin: UInt8 {
        case none, scalars, histograms, text, images, hyperparameters, other
    }

    /// A run with more tags than this is no run; what it costs to hold so many is bounded here.
    static let tagLimit = 100_000
    static let longestTag = 4096
    private static let problemLimit = 100

    var snapshot = LogSnapshot()
    var slots: [Slot] = []
    private var tags = TagTable()

    /// The slot of the tag that `bytes` spell; nil if it isn't taken in.
    @inline(__always)
    mutating func slot(of bytes: UnsafeRawBufferPointer, _ place: RecordPlace) -> Int? {
        tags.find(bytes) ?? newSlot(of: bytes, place)
    }

    private mutating func newSlot(of bytes: UnsafeRawBufferPointer, _ place: RecordPlace) -> Int? {
        guard bytes.count <= Self.longestTag else {
            report(.longTag(bytes: bytes.count), place)
            return nil
        }
        guard tags.count < Self.tagLimit else {
            report(.tooManyTags(limit: Self.tagLimit), place)
            return nil
        }
        slots.append(Slot())
        return tags.add(bytes)
    }

    mutating func report(_ kind: LogProblem.Kind, _ place: RecordPlace) {
        snapshot.problemCount += 1
        guard snapshot.problems.count < Self.problemLimit else { return }
        snapshot.problems.append(LogProblem(file: place.file, offset: place.offset, kind: kind))
    }

    /// The writer says that it began again at `step`: nothing from there on is true any more.
    mutating func restart(at step: Int64) {
        for place in snapshot.scalars.series.indices { snapshot.scalars.series[place].purge(from: step) }
        for place in snapshot.tensors.series.indices { snapshot.tensors.series[place].purge(from: step) }
        for place in snapshot.matrices.series.indices { snapshot.matrices.series[place].purge(from: step) }
        for place in snapshot.histograms.series.indices { snapshot.histograms.series[place].purge(from: step) }
        for place in snapshot.texts.series.indices { snapshot.texts.series[place].purge(from: step) }
        for place in snapshot.others.series.indices { snapshot.others.series[place].purge(from: step) }
    }
}

/// The location of the record that is being read, for reports.
struct RecordPlace {
    let file: String
    var offset: Int
}
