import Canvas
import Charts
import Runs

/// The two lines above every view: what the run is doing, and how far it is.
struct RunHeader {
    static let rows = 2
    let run: RunSnapshot
    /// What keeps the run's log from being read, if anything does.
    let readingProblem: String?
    /// Bytes read and bytes there, while not everything has been read.
    var reading: (read: Int, total: Int)?
    /// How many runs there are, this one among them.
    var runs = 1
    /// Seconds since 1970, and those by which the clock on the wall is ahead of UTC.
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

    /// What is worth a place in the first line, the most important first.
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

    /// How far the epoch is, where nobody knows how many there will be; who trains, where that isn't known either.
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

    /// What of the event files can't be read; view 7 has all of it.
    private func drawDamage(into frame: inout Frame, in rect: Rect) {
        guard let first = run.log.problems.first else { return }
        let more = run.log.problemCount > 1 ? " (\(run.log.problemCount) such: the Log lists them)" : ""
        frame.write((first.description + more).fitted(to: rect.columns), row: 1, in: rect, .warning)
    }

    private func drawReading(_ reading: (read: Int, total: Int), into frame: inout Frame, in rect: Rect) {
        let width = max(0, rect.columns - 32)
        ProgressBar(fraction: Double(reading.read) / Double(reading.total)).draw(
            into: &frame, in: Rect(row: rect.row + 1, column: rect.column, rows: 1, columns: width))
        let text = "read \(reading.read.asBytes) of \(reading.total.asBytes)"
        frame.write(text.padded(to: 30), row: 1, column: width + 2, in: rect, .dim)
    }

    /// Seconds until the last step at the pace of the last ten seconds or so.
    private func timeLeft(total: Int) -> Double? {
        guard run.state.isRunning, let rate = run.stepsPerSecond, rate > 0 else { return nil }
        return Double(total - run.lastStep) / rate
    }
}
