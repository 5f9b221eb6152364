/// Keeps frames from piling up on the way to a slow terminal, so that what is seen is never long past.
///
/// Between this program and a screen stand buffers that nobody can look into; over a slow line they hold many seconds of
/// old frames. Once two frames in a row had to wait to be written, the terminal is asked for a sign of life behind each
/// frame, and until it answers no frame is shown: then the newest is. A terminal that never answers is no longer asked,
/// and gets a pause as long as each frame took. Quick terminals are never asked.
///
/// All times are seconds of one clock that only goes forward.
struct OutputPace: Equatable, Sendable {
    /// A frame that took longer than this to write had to wait for room.
    static let slow = 0.1
    /// An answer sooner than this says that nothing was waiting.
    private static let quick = 0.05
    /// No answer for so long means that there will be none.
    private static let patience = 3.0

    private var slowFrames = 0
    private var quickAnswers = 0
    private var isAsking = false
    private var askedAt: Double?
    private var isSilent = false
    private var pauseUntil = 0.0

    /// Whether an answer is still expected.
    var isWaiting: Bool { askedAt != nil }

    mutating func mayShow(at now: Double) -> Bool {
        if let asked = askedAt {
            guard now - asked > Self.patience else { return false }
            askedAt = nil
            isAsking = false
            isSilent = true
        }
        return now >= pauseUntil
    }

    /// A frame was written; true if the terminal should now be asked to answer.
    mutating func showed(at now: Double, took seconds: Double) -> Bool {
        slowFrames = seconds > Self.slow ? slowFrames + 1 : 0
        if slowFrames >= 2 { isAsking = true }
        if isSilent {
            pauseUntil = slowFrames > 0 ? now + seconds : now
            return false
        }
        guard isAsking else { return false }
        askedAt = now
        return true
    }

    /// The terminal answered: it has shown everything that was sent before the question.
    mutating func answered(at now: Double) {
        guard let asked = askedAt else { return }
        askedAt = nil
        quickAnswers = now - asked < Self.quick ? quickAnswers + 1 : 0
        if quickAnswers >= 20 { (isAsking, quickAnswers, slowFrames) = (false, 0, 0) }
    }
}
