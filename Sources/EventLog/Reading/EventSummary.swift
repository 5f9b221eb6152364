import Files

/// The summary that `normscope events PATH` prints: what an event log holds, how long reading it took, and what was
/// wrong with it.
package struct EventSummary: Sendable, Encodable {
    package struct Run: Sendable, Encodable {
        package let name: String
        package let directory: String
        package let points: Int
        package let bytes: Int
        /// Bytes at the ends of files that are no complete record yet.
        package let unreadBytes: Int
        package let tags: [Tag]
        package let hyperparameters: [Hyperparameter]
        package let problems: [String]
        package let problemCount: Int
    }

    package struct Tag: Sendable, Encodable {
        package enum Kind: String, Sendable, Encodable {
            case scalar, tensor, histogram, text, image, audio, graph
        }

        package let tag: String
        package let kind: Kind
        package let count: Int
        package let firstStep: Int64
        package let lastStep: Int64
        /// A scalar's last value; NaN and infinities among them.
        package let last: LastValue?
        /// How many of a scalar's values aren't finite.
        package let notFinite: Int
    }

    /// A number as JSON can hold it: `nan`, `inf` and `-inf` are strings there.
    package struct LastValue: Sendable, Equatable, Encodable {
        package let value: Float

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if value.isFinite { try container.encode(value) } else { try container.encode("\(value)") }
        }
    }

    package let path: String
    package let runs: [Run]
    package let points: Int
    package let bytes: Int
    /// How long finding and reading took.
    package let seconds: Double

    /// Reads all of one event file, or of all runs below a directory.
    ///
    /// - Throws: if there is nothing at `path`, or it can't be read.
    package init(path: String) throws(EventLogError) {
        let start = LogTree.seconds
        guard let version = FileVersion(path) else { throw .unreadableLog(path: path, reason: systemReason()) }
        runs = version.isFolder ? try Self.runs(below: path) : [try Self.run(ofFile: path)]
        self.path = path
        points = runs.reduce(0) { $0 + $1.points }
        bytes = runs.reduce(0) { $0 + $1.bytes }
        seconds = LogTree.seconds - start
    }

    private static func runs(below path: String) throws(EventLogError) -> [Run] {
        let tree = LogTree([path])
        while try !tree.poll().caughtUp {}
        return tree.snapshot.runs.map { Run(name: $0.name, directory: $0.directory, $0.log) }
    }

    private static func run(ofFile path: String) throws(EventLogError) -> Run {
        let follower = LogFollower(file: path)
        while try !follower.poll().caughtUp {}
        let log = follower.snapshot
        if log.points == 0, let problem = log.problems.first {
            throw .unreadableLog(path: path, reason: "\(problem.kind)")
        }
        return Run(name: path.split(separator: "/").last.map(String.init) ?? path, directory: follower.directory, log)
    }
}

extension EventSummary.Run {
    init(name: String, directory: String, _ log: LogSnapshot) {
        self.name = name
        self.directory = directory
        points = log.points
        bytes = log.progress.total
        unreadBytes = log.progress.total - log.progress.read
        hyperparameters = log.hyperparameters
        problems = log.problems.map(\.description)
        problemCount = log.problemCount
        tags =
            log.scalars.compactMap { Self.scalar($0.tag, $0.series) }
            + log.tensors.compactMap { Self.tag($0.tag, .tensor, $0.series) }
            + log.histograms.compactMap { Self.tag($0.tag, .histogram, $0.series) }
            + log.texts.compactMap { Self.tag($0.tag, .text, $0.series) }
            + log.others.compactMap { Self.unkept($0.tag, $0.series) }
    }

    private static func scalar(_ tag: String, _ series: ScalarSeries) -> EventSummary.Tag? {
        guard let first = series.first, let last = series.last else { return nil }
        let extent = series.extent(0..<series.count)
        return EventSummary.Tag(
            tag: tag, kind: .scalar, count: series.count, firstStep: first.step, lastStep: last.step,
            last: .init(value: last.value), notFinite: extent.count - extent.finiteCount)
    }

    private static func unkept(_ tag: String, _ series: ValueSeries<UnkeptKind>) -> EventSummary.Tag? {
        let kind: EventSummary.Tag.Kind? = series.last.map {
            switch $0.value {
            case .image: .image
            case .audio: .audio
            case .graph: .graph
            case .tensor: .tensor
            }
        }
        return kind.flatMap { Self.tag(tag, $0, series) }
    }

    private static func tag<Value>(
        _ tag: String, _ kind: EventSummary.Tag.Kind, _ series: ValueSeries<Value>
    ) -> EventSummary.Tag? {
        guard let first = series.first, let last = series.last else { return nil }
        return EventSummary.Tag(
            tag: tag, kind: kind, count: series.count, firstStep: first.step, lastStep: last.step, last: nil,
            notFinite: 0)
    }
}

extension Hyperparameter: Encodable {
    private enum CodingKeys: CodingKey {
        case name, value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        switch value {
        case .number(let number):
            if number.isFinite {
                try container.encode(number, forKey: .value)
            } else {
                try container.encode("\(number)", forKey: .value)
            }
        case .text(let text): try container.encode(text, forKey: .value)
        case .flag(let flag): try container.encode(flag, forKey: .value)
        }
    }
}
