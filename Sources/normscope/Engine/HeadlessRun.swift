import Glibc
import Runs

/// A training run in this process: at full speed, without a dashboard, with progress on standard error.
struct HeadlessRun {
    let directory: RunDirectory
    let checkpoint: String?

    /// Trains to the end; throws if the run could not start.
    func run() throws {
        let run = try EngineRun(directory, from: checkpoint, pace: .full)
        let trainer = run.engine.trainer
        let progress = HeadlessProgress(
            run: directory.name, totalSteps: trainer.totalSteps, epochs: trainer.experiment.epochs)
        let ending = run.train(progress.show)
        progress.end("\(ending.rawValue), in \(directory.path)")
    }
}
