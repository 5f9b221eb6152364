import Charts
import Glibc
import Training

/// The progress display of a headless run, on standard error: a bar for terminals, or a line an epoch for logs.
final class HeadlessProgress {
    private let run: String
    private let totalSteps: Int64
    private let epochs: Int
    private let status = StatusLine()
    private var loss = Double.nan
    private var validation: Validation?
    private let startedAt = Clock.machine.now()
    private var startStep: Int64?

    init(run: String, totalSteps: Int64, epochs: Int) {
        self.run = run
        self.totalSteps = totalSteps
        self.epochs = epochs
    }

    func show(_ report: Engine.Report) {
        switch report {
        case .step(let loss, let position):
            self.loss = loss
            if startStep == nil { startStep = position.step - 1 }
            drawBar(position)
        case .validated(let result, let position):
            validation = result
            if !status.isTerminal { line(position) }
        case .paused(let reason):
            status.say("\(run): paused: \(reason); normscope control \(run) resume, or Ctrl-C")
        case .said(let text):
            if !status.isTerminal { status.say(text) }
        }
    }

    func end(_ text: String) {
        status.say("\(run): \(text)")
    }

    private func line(_ position: Position) {
        guard let validation else { return }
        status.say(
            "epoch \(position.epoch)/\(epochs)  step \(position.step)  loss \(NumberFormat.compact(loss))  "
                + "val loss \(NumberFormat.compact(validation.loss))  "
                + "val accuracy \(NumberFormat.fixed(validation.accuracy, decimals: 4))")
    }

    private func drawBar(_ position: Position) {
        guard totalSteps > 0 else { return }
        status.show {
            let filled = Int(Double(position.step) / Double(totalSteps) * 30)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
            var text = "\(run) [\(bar)] \(position.step)/\(totalSteps)  loss \(NumberFormat.compact(loss))"
            if let validation { text += "  val accuracy \(NumberFormat.fixed(validation.accuracy, decimals: 4))" }
            if let left = secondsLeft(position) { text += "  \(NumberFormat.duration(left)) left" }
            return text
        }
    }

    private func secondsLeft(_ position: Position) -> Double? {
        let now = Clock.machine.now()
        guard let startStep, position.step > startStep, now > startedAt else { return nil }
        return (now - startedAt) / Double(position.step - startStep) * Double(totalSteps - position.step)
    }
}
