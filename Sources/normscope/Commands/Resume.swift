import ArgumentParser
import Files
import Runs
import Training

/// `normscope resume RUN|CHECKPOINT`
struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Go on where a run stopped, in the same run directory.",
        discussion: "A run goes on from its newest checkpoint; a checkpoint's path goes on from that one, exactly.")

    @Argument(help: "A run directory, or a checkpoint in one.")
    var place: String

    @Flag(help: "Train in this process, at full speed, without a dashboard.")
    var headless = false

    @OptionGroup var screen: ScreenOptions

    @Option(help: "The folder in which a run's name is looked for.", completion: .directory)
    var runs = Watch.usualPlace

    func run() throws {
        let (directory, checkpoint) = try Self.find(place, runs: runs)
        if !headless { try ScreenOptions.requireTerminal(instead: "normscope resume --headless \(place)") }
        try directory.requireNoEngine()
        if headless {
            try HeadlessRun(directory: directory, checkpoint: checkpoint).run()
        } else {
            try EngineLauncher.start(run: directory, from: checkpoint)
            try screen.open(places: [FilePath.parent(directory.path)], run: directory)
        }
    }

    /// The run at `place`, or of the checkpoint at `place`, and the checkpoint to continue from.
    private static func find(_ place: String, runs: String) throws -> (RunDirectory, String) {
        if place.hasSuffix(".pth") {
            guard let run = RunDirectory.holding(checkpoint: place) else {
                throw ProgramError(
                    "\(place): belongs to no run; a new one starts from it: normscope train EXPERIMENT.yaml --init \(place)"
                )
            }
            try run.requireResumable()
            return (run, place)
        }
        let directory = try RunDirectory.find(place, in: runs)
        try directory.requireResumable()
        return (directory, try directory.newestCheckpoint())
    }
}
