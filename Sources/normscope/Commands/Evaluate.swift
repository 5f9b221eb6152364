import ArgumentParser
import Charts
import Checkpoints
import Network
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

/// The experiment that describes a checkpoint's network.
struct CheckpointExperiment {
    let path: String
    /// Whether the experiment is unknown and the example was assumed.
    let isGuess: Bool

    init(of checkpoint: String, named experiment: String?) throws {
        let known = experiment ?? RunDirectory.experimentFile(ofCheckpoint: checkpoint)
        guard known != nil || RunDirectory.holding(checkpoint: checkpoint) == nil else {
            throw ProgramError(
                "\(checkpoint): only the script that trained it knows the network: describe it with --experiment FILE")
        }
        path = try known ?? Train.example()
        isGuess = known == nil
    }

    /// A message about the assumption, in one line.
    func assumption(about checkpoint: String) -> String {
        let words =
            "\(checkpoint): belongs to no run: the network and the images are taken to be those of \(path); "
            + "--experiment FILE names others"
        return words.onOneLine
    }
}

/// The report of an evaluation.
struct EvaluationReport {
    /// The JSON document.
    struct Document: Encodable {
        struct Result: Encodable {
            let loss: Double?
            let accuracy: Double
            let correct: Int

            init(_ validation: Validation) {
                loss = validation.loss.isFinite ? validation.loss : nil
                accuracy = validation.accuracy
                correct = validation.correct
            }
        }

        let checkpoint: String
        let experiment: String
        /// Whether the experiment was assumed.
        let experimentIsAssumed: Bool
        let images: Int
        let batchSize: Int
        let evaluationMode: Result
        let batchStatistics: Result
    }

    let checkpoint: String
    let experiment: String
    let isAssumed: Bool
    let evaluation: CheckpointEvaluation

    var document: Document {
        Document(
            checkpoint: checkpoint, experiment: experiment, experimentIsAssumed: isAssumed,
            images: evaluation.running.count,
            batchSize: evaluation.batchSize, evaluationMode: .init(evaluation.running),
            batchStatistics: .init(evaluation.batch))
    }

    func show() {
        print("\(checkpoint.onOneLine): \(evaluation.running.count) validation images of \(experiment.onOneLine)\n")
        TextTable.print(
            ["", "loss", "accuracy", "correct"],
            [
                row("evaluation mode (running statistics)", evaluation.running),
                row("batch statistics (batches of \(evaluation.batchSize))", evaluation.batch),
            ])
    }

    private func row(_ mode: String, _ result: Validation) -> [String] {
        [
            mode, NumberFormat.compact(result.loss), NumberFormat.fixed(result.accuracy, decimals: 4),
            "\(result.correct) of \(result.count)",
        ]
    }
}
