import Canvas
import Charts
import Runs

/// The two header lines over every view: the run's state and its progress.
struct RunHeader {
    static let rows = 2
    let run: RunSnapshot
    /// The error that keeps the run's log from being read; nil for none.
    let readingProblem: String?
    /// Bytes read and bytes in total while the log is still being read; nil afterwards.
    var reading: (read: Int, total: Int)?
    /// The number of runs, including this one.
    var runs = 1
    /// The time in seconds since 1970, and the local time zone's offset from UTC.
    var now = 0.0
    var utcOffset = 0

    func draw(into frame: inout Frame, in rect: Rect) {
        drawFacts(into: &frame, in: rect)
        drawProgress(into: &frame, in: rect)
    }

    private func drawFacts(into frame: inout Frame, in rect: Rect) {
        var column = frame.write(run.name.middleFitted(to: max(8, rect.columns / 3)), row: 0, in: rect, .title)
        column = frame.write(
            " " + run.state.mark + " " + run.state.words(now: now, utcOffset: utcOffset), row: 0, column: column,
            in: rect, run.state.style)
        if let seconds = run.secondsWithoutStep {
            column = frame.write(
                "   no step for \(NumberFormat.duration(seconds))", row: 0, column: column, in: rect, .warning)
        }
        for fact in facts {
            guard column + fact.label.columns + fact.value.columns + 4 <= rect.columns else { break }
            let label = fact.label.isEmpty ? "   " : "   " + fact.label + " "
            column = frame.write(label, row: 0, column: column, in: rect, .dim)
            column = frame.write(fact.value, row: 0, column: column, in: rect, .text)
        }
        let others = runs > 1 ? "one of " + NumberFormat.count(runs, of: "run") : ""
        guard column + 3 + others.columns <= rect.columns else { return }
        frame.write(others, row: 0, column: rect.columns - others.columns, in: rect, .dim)
    }

    /// The facts of the first line, the most important first.
    private var facts: [(label: String, value: String)] {
        var facts: [(String, String)] = []
        if let epoch = run.status?.epochText { facts.append(("epoch", epoch)) }
        let total = run.totalSteps.map { "/\($0)" } ?? ""
        facts.append(("step", "\(run.lastStep)\(total)"))
        if let accuracy = run.validationAccuracy {
            facts.append(("val", NumberFormat.fixed(accuracy * 100, decimals: 1) + "%"))
        }
        if let rate = run.learningRate { facts.append(("lr", NumberFormat.compact(rate))) }
        if run.isTraining, run.refusal(of: .setPace) == nil, let pace = run.status?.pace {
            facts.append(("pace", Self.words(for: pace)))
        }
        if run.state.isRunning, let speed = run.imagesPerSecond {
            facts.append(("img/s", NumberFormat.compact(speed)))
        } else if run.state.isRunning, let speed = run.stepsPerSecond, run.status?.isOurs == false {
            facts.append(("steps/s", NumberFormat.compact(speed)))
        }
        if let ranks = run.status?.ranks, ranks > 1 { facts.append(("", "\(ranks) ranks")) }
        return facts
    }

    private static func words(for pace: Pace) -> String {
        switch pace {
        case .full: "full"
        case .stepsPerSecond(let rate): NumberFormat.compact(rate) + "/s"
        }
    }

    private func drawProgress(into frame: inout Frame, in rect: Rect) {
        if let problem = readingProblem ?? run.problem {
            frame.write(problem.fitted(to: rect.columns), row: 1, in: rect, .error)
            return
        }
        if let reading, reading.total > 0 {
            drawReading(reading, into: &frame, in: rect)
            return
        }
        guard let total = run.totalSteps, total > 0 else {
            if run.log.problems.isEmpty { drawEpoch(into: &frame, in: rect) }
            drawDamage(into: &frame, in: rect)
            return
        }
        drawBar(Double(run.lastStep) / Double(total), timeLeft(total: total), into: &frame, in: rect)
    }

    /// Draws the progress of the epoch where the number of epochs is unknown, or the program that trains where that is
    /// unknown too.
    private func drawEpoch(into frame: inout Frame, in rect: Rect) {
        guard let status = run.status, run.isTraining else { return }
        guard let steps = run.stepsPerEpoch else {
            guard let program = status.program else { return }
            let place = "\(program), pid \(status.engine.pid)"
            frame.write(place.fitted(to: rect.columns), row: 1, in: rect, .dim)
            return
        }
        let done = run.lastStep - status.epoch * steps
        guard (0...steps).contains(done) else { return }
        drawBar(Double(done) / Double(steps), nil, of: " of epoch \(status.epoch + 1)", into: &frame, in: rect)
    }

    private func drawBar(
        _ fraction: Double, _ secondsLeft: Double?, of what: String = "", into frame: inout Frame, in rect: Rect
    ) {
        let left = secondsLeft.map { NumberFormat.duration($0) + " left" } ?? ""
        let text = "\(NumberFormat.fixed(fraction * 100, decimals: 0))%\(what)  \(left)"
        let width = max(0, rect.columns - 22)
        ProgressBar(fraction: fraction, style: run.state.style).draw(
            into: &frame, in: Rect(row: rect.row + 1, column: rect.column, rows: 1, columns: width))
        frame.write(text.padded(to: 20), row: 1, column: width + 2, in: rect, .dim)
    }

    /// Draws the first problem of the event files; the Log view lists all of them.
    private func drawDamage(into frame: inout Frame, in rect: Rect) {
        guard let first = run.log.problems.first else { return }
        let more = run.log.problemCount > 1 ? " (\(run.log.problemCount) such: the Log lists them)" : ""
        frame.write((first.description + more).fitted(to: rect.columns), row: 1, in: rect, .warning)
    }

    private func drawReading(_ reading: (read: Int, total: Int), into frame: inout Frame, in rect: Rect) {
        let width = max(0, rect.columns - 32)
        ProgressBar(fraction: Double(reading.read) / Double(reading.total)).draw(
            into: &frame, in: Rect(row: rect.row + 1, column: rect.column, rows: 1, columns: width))
        let text = "read \(NumberFormat.bytes(reading.read)) of \(NumberFormat.bytes(reading.total))"
        frame.write(text.padded(to: 30), row: 1, column: width + 2, in: rect, .dim)
    }

    /// Estimated seconds until the last step, at the speed of the last ten seconds or so.
    private func timeLeft(total: Int) -> Double? {
        guard run.state.isRunning, let rate = run.stepsPerSecond, rate > 0 else { return nil }
        return Double(total - run.lastStep) / rate
    }
}
