/// A throttle that keeps frames from piling up on the way to a slow terminal, so that the screen is never far behind.
///
/// Between this program and a screen stand buffers that nobody can look into; over a slow line they hold many seconds of
/// old frames, and writing into them takes no time. So the terminal is asked for a sign of life: once before the first
/// frame, which tells whether it answers at all, then behind the first, before there is a second, and from then on once a
/// second while there are frames to show. Where the answer is long in coming, or two frames in a row had to wait to be
/// written, it is asked behind each frame, and until it answers no frame is shown: then the newest is. A terminal that does
/// not answer gets a pause as long as each frame took.
///
/// All times are seconds of one clock that only goes forward.
struct FrameThrottle: Equatable, Sendable {
    private enum Mode: Equatable {
        /// The terminal was asked to answer before anything was shown.
        case beginning
        /// The terminal is asked behind the first frame.
        case first
        /// Frames are shown at once; an answer is expected soon.
        case trusting
        /// Each frame waits for the terminal's answer to the one before.
        case asking
        /// The terminal does not answer.
        case silent
    }

    /// Seconds above which writing a frame means that it had to wait for room.
    private static let slowWriting = 0.1
    /// Seconds above which an answer means that it had to wait for frames.
    private static let slowAnswer = 0.5
    /// So many answers in a row within so many seconds mean that nothing is waiting any more.
    private static let (quickAnswer, enough) = (0.2, 20)
    /// Seconds between two requests for an answer while the terminal keeps up.
    private static let interval = 1.0
    /// Timeouts in seconds after which no answer is expected: of the first request, which waits for nothing, and of
    /// later ones.
    private static let (firstPatience, patience) = (1.5, 30.0)

    private var mode = Mode.beginning
    private var slowFrames = 0
    private var quickAnswers = 0
    private var askedAt: Double?
    private var nextQuestion = 0.0
    private var pauseUntil = 0.0

    /// Whether an answer is still expected.
    var isWaiting: Bool { askedAt != nil }

    /// The terminal was asked before the first frame.
    mutating func began(at now: Double) { askedAt = now }

    mutating func mayShow(at now: Double) -> Bool {
        let waiting = askedAt.map { now - $0 } ?? 0
        if mode == .trusting || mode == .first, waiting > Self.slowAnswer { mode = .asking }
        if waiting > (mode == .beginning ? Self.firstPatience : Self.patience) {
            mode = .silent
            askedAt = nil
        }
        let isHeldBack = mode == .asking || mode == .first
        return isHeldBack && askedAt != nil ? false : now >= pauseUntil
    }

    /// A frame was written; true if the terminal should now be asked to answer.
    mutating func showed(at now: Double, took seconds: Double) -> Bool {
        slowFrames = seconds > Self.slowWriting ? slowFrames + 1 : 0
        switch mode {
        case .beginning: return false
        case .silent:
            pauseUntil = slowFrames > 0 ? now + seconds : now
            return false
        case .trusting where slowFrames >= 2: mode = .asking
        case .first, .trusting, .asking: break
        }
        guard askedAt == nil, mode != .trusting || now >= nextQuestion else { return false }
        askedAt = now
        nextQuestion = now + Self.interval
        return true
    }

    /// The terminal answered: it has shown everything that was sent before the question.
    mutating func answered(at now: Double) {
        if mode == .silent { mode = .first }
        guard let asked = askedAt else { return }
        askedAt = nil
        let delay = now - asked
        quickAnswers = delay < Self.quickAnswer ? quickAnswers + 1 : 0
        switch mode {
        case .beginning: mode = .first
        case .first, .trusting: mode = delay > Self.slowAnswer ? .asking : .trusting
        case .asking where quickAnswers >= Self.enough: (mode, slowFrames) = (.trusting, 0)
        default: break
        }
    }
}
