/// The status of an engine, as it writes it to `status.json` some ten times a second, each time as a whole.
///
/// Written by one engine, read by anyone. Keys that a newer engine adds are ignored, and keys that an older one lacks
/// have plain defaults, so that either side may be the newer.
package struct RunStatus: Equatable, Sendable {
    package enum State: String, Codable, CaseIterable, Sendable {
        case starting, running, paused, finished, stopped, failed

        /// Whether a process must be there for this state to be true.
        package var needsEngine: Bool {
            switch self {
            case .starting, .running, .paused: true
            case .finished, .stopped, .failed: false
            }
        }
    }

    package var state: State
    package var engine: EngineProcess
    /// Steps done since the beginning of the run, all epochs together.
    package var step: Int
    /// Epochs done: 0 during the first.
    package var epoch: Int
    /// How many there will be; 0 if that is not known.
    package var epochs: Int
    /// 0 if that is not known.
    package var stepsPerEpoch: Int
    package var pace: Pace
    /// The `id` of the last command that was read.
    package var lastCommand: String?
    /// What that command did, in words; or why the engine paused by itself.
    package var lastAnswer: String?
    /// Why the run failed, in one line.
    package var error: String?
    /// Seconds since 1970 at which this was written.
    package var updated: Double
    /// Who trains: `PyTorch 2.15.0`; nil or beginning with `normscope` is our own engine.
    package var program: String?
    /// What the engine obeys; nil if it doesn't say.
    package var can: Set<EngineAbility>?
    /// Seconds since 1970 at which the last step was done; nil if none was, or the engine doesn't say.
    package var stepped: Double?
    /// Processes that train together.
    package var ranks: Int
    /// Whether the last command failed; `lastAnswer` then says why.
    package var lastCommandFailed: Bool

    /// The name that our own engine gives itself.
    package static let ourProgram = "normscope"

    package init(
        state: State, engine: EngineProcess = .current(), step: Int = 0, epoch: Int = 0, epochs: Int = 0,
        stepsPerEpoch: Int = 0, pace: Pace = .full, lastCommand: String? = nil, lastAnswer: String? = nil,
        error: String? = nil, updated: Double, program: String? = nil, can: Set<EngineAbility>? = nil,
        stepped: Double? = nil, ranks: Int = 1, lastCommandFailed: Bool = false
    ) {
        self.state = state
        self.engine = engine
        self.step = step
        self.epoch = epoch
        self.epochs = epochs
        self.stepsPerEpoch = stepsPerEpoch
        self.pace = pace
        self.lastCommand = lastCommand
        self.lastAnswer = lastAnswer
        self.error = error
        self.updated = updated
        self.program = program
        self.can = can
        self.stepped = stepped
        self.ranks = ranks
        self.lastCommandFailed = lastCommandFailed
    }
}

extension RunStatus: Codable {
    private enum Key: String, CodingKey {
        case state, pid, host, processStart, boot, step, epoch, epochs, stepsPerEpoch, pace, lastCommand, lastAnswer,
            error, updated, can, stepped, ranks, lastCommandFailed
        case program = "engine"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        state = try values.decode(State.self, forKey: .state)
        engine = EngineProcess(
            pid: try values.decodeIfPresent(Int32.self, forKey: .pid) ?? 0,
            host: try values.decodeIfPresent(String.self, forKey: .host) ?? "",
            startTicks: try values.decodeIfPresent(UInt64.self, forKey: .processStart) ?? 0,
            boot: try values.decodeIfPresent(String.self, forKey: .boot) ?? "")
        step = try values.decodeIfPresent(Int.self, forKey: .step) ?? 0
        epoch = try values.decodeIfPresent(Int.self, forKey: .epoch) ?? 0
        epochs = try values.decodeIfPresent(Int.self, forKey: .epochs) ?? 0
        stepsPerEpoch = try values.decodeIfPresent(Int.self, forKey: .stepsPerEpoch) ?? 0
        let limit = try values.decodeIfPresent(Double.self, forKey: .pace)
        pace = limit.map { $0 > 0 ? .stepsPerSecond($0) : .full } ?? .full
        lastCommand = try values.decodeIfPresent(String.self, forKey: .lastCommand)
        lastAnswer = try values.decodeIfPresent(String.self, forKey: .lastAnswer)
        error = try values.decodeIfPresent(String.self, forKey: .error)
        updated = try values.decodeIfPresent(Double.self, forKey: .updated) ?? 0
        program = try values.decodeIfPresent(String.self, forKey: .program)
        // What a newer engine can do beyond these is nothing that could be asked here.
        can = try values.decodeIfPresent([String].self, forKey: .can).map { Set($0.compactMap(EngineAbility.init)) }
        stepped = try values.decodeIfPresent(Double.self, forKey: .stepped)
        ranks = max(1, try values.decodeIfPresent(Int.self, forKey: .ranks) ?? 1)
        lastCommandFailed = try values.decodeIfPresent(Bool.self, forKey: .lastCommandFailed) ?? false
    }

    /// Every key is there, `null` where there is nothing to say; `pace` is `null` at full speed.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(state, forKey: .state)
        try values.encode(engine.pid, forKey: .pid)
        try values.encode(engine.host, forKey: .host)
        try values.encode(engine.startTicks, forKey: .processStart)
        try values.encode(engine.boot, forKey: .boot)
        try values.encode(step, forKey: .step)
        try values.encode(epoch, forKey: .epoch)
        try values.encode(epochs, forKey: .epochs)
        try values.encode(stepsPerEpoch, forKey: .stepsPerEpoch)
        let limit: Double? = if case .stepsPerSecond(let value) = pace { value } else { nil }
        try values.encode(limit, forKey: .pace)
        try values.encode(lastCommand, forKey: .lastCommand)
        try values.encode(lastAnswer, forKey: .lastAnswer)
        try values.encode(error, forKey: .error)
        try values.encode(updated, forKey: .updated)
        try values.encode(program, forKey: .program)
        let words = can.map { can in EngineAbility.allCases.filter(can.contains).map(\.rawValue) }
        try values.encode(words, forKey: .can)
        try values.encode(stepped, forKey: .stepped)
        try values.encode(ranks, forKey: .ranks)
        try values.encode(lastCommandFailed, forKey: .lastCommandFailed)
    }
}
