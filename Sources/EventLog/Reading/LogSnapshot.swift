/// A snapshot of one run's log. A value: it never changes, any thread may read it, and taking it costs as much as
/// the log has tags, however many points it has.
package struct LogSnapshot: Sendable {
    package internal(set) var scalars = SeriesTable<ScalarSeries>()
    package internal(set) var tensors = SeriesTable<TensorSeries>()
    /// What each of several processes that train together has, the newest records of it.
    package internal(set) var matrices = SeriesTable<MatrixSeries>()
    package internal(set) var histograms = SeriesTable<HistogramSeries>()
    package internal(set) var texts = SeriesTable<TextSeries>()
    /// What is in the log but isn't kept: images, audio, graphs, tensors of two or more dimensions. One entry a step.
    package internal(set) var others = SeriesTable<ValueSeries<UnkeptKind>>()
    /// The hyperparameters the run was started with, in the order in which they were logged.
    package internal(set) var hyperparameters: [Hyperparameter] = []
    package internal(set) var sessionEnd: SessionEnd?

    /// The wall time of the log's first event, in seconds since 1970.
    package internal(set) var started: Double?
    package internal(set) var files: [LogFileProgress] = []
    /// The first hundred things that were wrong.
    package internal(set) var problems: [LogProblem] = []
    package internal(set) var problemCount = 0
    /// Goes up with every change, so that an unchanged log need not be looked at again.
    package internal(set) var version = 0

    package init() {}

    /// Points in all: scalars and entries of every other kind.
    package var points: Int {
        scalars.series.reduce(0) { $0 + $1.count } + tensors.series.reduce(0) { $0 + $1.count }
            + matrices.series.reduce(0) { $0 + $1.count }
            + histograms.series.reduce(0) { $0 + $1.count } + texts.series.reduce(0) { $0 + $1.count }
            + others.series.reduce(0) { $0 + $1.count }
    }

    /// Bytes read and bytes there, over all files.
    package var progress: (read: Int, total: Int) {
        (files.reduce(0) { $0 + $1.read }, files.reduce(0) { $0 + $1.size })
    }
}

/// A kind of data that is counted but not kept.
package enum UnkeptKind: String, Sendable {
    case image, audio, graph, tensor
}

/// The progress of reading one event file.
package struct LogFileProgress: Equatable, Sendable {
    package let name: String
    package let read: Int
    package let size: Int
}

/// A part of a log that could not be read. The rest of it was.
package struct LogProblem: Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// A record's data doesn't have the checksum it should have; it was skipped.
        case damagedRecord(bytes: Int)
        /// A record's length is damaged; so many bytes were passed over until records could be read again.
        case lostFraming(bytes: Int)
        /// As before, but so far nothing that can be read followed.
        case unreadableEnd
        /// A record that is larger than any that makes sense; it was skipped.
        case oversizedRecord(bytes: Int)
        /// A record with a good checksum whose data isn't an event.
        case malformedEvent
        case longTag(bytes: Int)
        case tooManyTags(limit: Int)
        case unreadableFile(reason: String)
    }

    /// The event file's name, without its directory.
    package let file: String
    /// Where the record begins, in bytes from the start of the file.
    package let offset: Int
    package let kind: Kind

    package var description: String {
        "\(file): at byte \(offset): \(kind)"
    }
}

extension LogProblem.Kind: CustomStringConvertible {
    package var description: String {
        switch self {
        case .damagedRecord(let bytes): "a record of \(bytes) bytes has a wrong checksum and was skipped"
        case .lostFraming(let bytes): "\(bytes) bytes that are no records were passed over"
        case .unreadableEnd: "what follows is no record; waiting for one"
        case .oversizedRecord(let bytes): "a record of \(bytes) bytes is too large and was skipped"
        case .malformedEvent: "a record holds something that is no event"
        case .longTag(let bytes): "a tag of \(bytes) bytes is too long; its value was skipped"
        case .tooManyTags(let limit): "more than \(limit) tags; the values of further ones are skipped"
        case .unreadableFile(let reason): "cannot be read (\(reason))"
        }
    }
}
