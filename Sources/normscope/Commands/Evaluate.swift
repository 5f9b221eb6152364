import ArgumentParser
import Files
import Runs
import Training

/// `normscope eval CHECKPOINT`
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Loss and accuracy of a checkpoint, in evaluation mode and with batch statistics.",
        discussion: """
            A checkpoint of a run is tried on the validation images of its experiment. Any other needs --experiment, \
            which says what the network and the data are; without one it is taken for a checkpoint of the example.
            """)

    @Argument(help: "A checkpoint: a state_dict, a training checkpoint, a module, safetensors.", completion: .file())
    var checkpoint: String

    @Option(help: "The folder of the data set, instead of the experiment's.", completion: .directory)
    var data: String?

    @Option(help: "The experiment whose network it is.", completion: .file(extensions: ["yaml", "yml"]))
    var experiment: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let source = try CheckpointExperiment(of: checkpoint, named: experiment)
        let overrides = data.map { ["data.path=" + FilePath.absolute($0)] } ?? []
        let progress = WorkProgress("evaluating \(checkpoint)", total: 1)
        defer { progress.end() }
        let evaluation: CheckpointEvaluation
        do {
            evaluation = try CheckpointEvaluation(
                of: checkpoint, on: Experiment.load(source.path, overrides: overrides), progress: progress.show)
        } catch let error as TrainingError where source.isGuess {
            throw ProgramError("\(error); it belongs to no run: name its experiment with --experiment FILE")
        }
        progress.end()
        if source.isGuess { StatusLine().say(source.assumption(about: checkpoint)) }
        let report = EvaluationReport(
            checkpoint: checkpoint, experiment: source.path, isAssumed: source.isGuess, evaluation: evaluation)
        if json { try printJSON(report.document) } else { report.show() }
    }
}
