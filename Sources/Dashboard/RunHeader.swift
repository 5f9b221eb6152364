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

    func draw(into frame: inout Frame, in rect: Rect) {
        drawFacts(into: &frame, in: rect)
        drawProgress(into: &frame, in: rect)
    }

    private func drawFacts(into frame: inout Frame, in rect: Rect) {
        var column = frame.write(run.name.middleFitted(to: max(8, rect.columns / 3)), row: 0, in: rect, .title)
        column = frame.write(
            " " + run.state.mark + " " + run.state.word, row: 0, column: column, in: rect, run.state.style)
        for fact in facts {
            guard column + fact.label.columns + fact.value.columns + 4 <= rect.columns else { break }
            column = frame.write("   " + fact.label + " ", row: 0, column: column, in: rect, .dim)
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
        if run.isTraining, let pace = run.status?.pace { facts.append(("pace", Self.words(for: pace))) }
        if run.state.isRunning, let speed = run.imagesPerSecond {
            facts.append(("img/s", NumberFormat.compact(speed)))
        }
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
            drawDamage(into: &frame, in: rect)
            return
        }
        let fraction = Double(run.lastStep) / Double(total)
        let left = timeLeft(total: total).map { NumberFormat.duration($0) + " left" } ?? ""
        let text = "\(NumberFormat.fixed(fraction * 100, decimals: 0))%  \(left)"
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
