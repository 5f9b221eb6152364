import ArgumentParser
import Checkpoints
import Glibc
import Runs

/// `normscope inspect FILE`
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a checkpoint holds, or what network an experiment describes.",
        discussion: """
            Checkpoints are PyTorch's (.pth, .pt, .ckpt, .bin; a state_dict or a whole module, of any class) and \
            safetensors. Nothing in them is run. A folder opens a screen to look through the checkpoints in it.
            """)

    @Argument(help: "A checkpoint, an experiment (.yaml), or a folder.", completion: .file())
    var file: String

    @Flag(help: "Print one JSON document.")
    var json = false

    @Option(help: "Print one tensor: its values and a histogram.")
    var tensor: String?

    @OptionGroup var screen: ScreenOptions

    func run() throws {
        if FileKind(file) == .folder {
            try browse()
        } else if file.hasSuffix(".yaml") || file.hasSuffix(".yml") {
            try ExperimentReport(path: file).show()
        } else {
            let checkpoint = try CheckpointFile(readingFrom: file)
            if let tensor {
                let report = try TensorReport(checkpoint, tensor)
                if json { try printJSON(report.document) } else { try report.show() }
            } else {
                let report = try CheckpointReport(checkpoint)
                if json { try printJSON(report.document) } else { try report.show() }
            }
        }
    }

    private func browse() throws {
        guard !json, tensor == nil else {
            throw ProgramError("\(file): is a folder; --json and --tensor need a file: normscope inspect \(file)/FILE")
        }
        try ScreenOptions.requireTerminal(instead: "normscope inspect \(file)/FILE")
        try screen.open(places: [file], run: nil, browsing: file)
    }
}
