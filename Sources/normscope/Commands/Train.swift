import ArgumentParser
import Checkpoints
import Files
import Runs
import Training

/// `normscope train [EXPERIMENT.yaml]`
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start a run and open the dashboard on it.",
        discussion: "Without a file it trains the example: a CNN with BatchNorm2d on a subset of Fashion-MNIST.")

    @Argument(help: "The experiment, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var experiment: String?

    @Flag(help: "Train in this process, at full speed, without a dashboard.")
    var headless = false

    @Option(help: "The run's name; otherwise the experiment's, with a number if it is taken.")
    var name: String?

    @Option(help: "The folder that holds the runs.", completion: .directory)
    var runs = Watch.usualPlace

    @Option(help: "The folder of the data set, instead of the experiment's.", completion: .directory)
    var data: String?

    @Option(name: .customLong("set"), help: "Change a key of the experiment: batch_size=32, optimizer='SGD(lr=0.1)', …")
    var settings: [String] = []

    @Option(
        name: .customLong("init"),
        help:
            "Begin with the parameters and statistics in this file: a state_dict, a checkpoint, a module, safetensors.",
        completion: .file())
    var initial: String?

    @OptionGroup var screen: ScreenOptions

    func run() throws {
        let path = try experiment ?? Self.example()
        let overrides = settings + (data.map { ["data.path=" + FilePath.absolute($0)] } ?? [])
        let asked = try Experiment.load(path, overrides: overrides)
        try TrainingPlan(asked).check()
        let start = try initial.map { try Self.firstCheckpoint(of: asked, with: $0) }
        if !headless { try ScreenOptions.requireTerminal(instead: "normscope train --headless") }
        if headless {
            let directory = try RunDirectory.make(for: asked, named: name, in: runs)
            try HeadlessRun(directory: directory, checkpoint: try directory.begin(with: start)).run()
        } else {
            try screen.open(places: [runs], run: try RunDirectory.start(asked, named: name, in: runs, with: start))
        }
    }

    /// The checkpoint that a run with given parameters starts from, as if it had been written before the first step, so
    /// that the run directory holds all that the run is made of.
    private static func firstCheckpoint(of experiment: Experiment, with path: String) throws -> TrainingCheckpoint {
        let trainer = try Trainer(experiment, threads: 1)
        try trainer.takeNetwork(from: path)
        return trainer.checkpoint()
    }

    private static let exampleName = "sample-data/experiments/batchnorm-cnn.yaml"

    static func example() throws -> String {
        guard let path = Installation.path(of: exampleName) else {
            throw ProgramError("\(exampleName): not found near this folder or this program: normscope train FILE.yaml")
        }
        return path
    }
}
