import ArgumentParser
import Files
import Runs

/// `normscope watch DIR…`, and `normscope` alone.
struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open the dashboard over run directories or TensorBoard log directories.",
        discussion: """
            Live runs, finished runs, runs on another machine's disk and logs that PyTorch, Keras or anything else writes
            in TensorBoard's format are the same to it. Folders are looked through at any depth.
            """)

    static let usualPlace = "runs"

    @Argument(help: "Folders of runs, or runs; ./runs if none is named. A checkpoint is opened.", completion: .file())
    var places: [String] = []

    @OptionGroup var screen: ScreenOptions

    func run() throws {
        if places.count == 1, FileKind(places[0]) == .file, CheckpointSearch.isCheckpoint(places[0]) {
            try ScreenOptions.requireTerminal(instead: "normscope inspect \(places[0])")
            return try screen.open(places: [FilePath.parent(places[0])], run: nil, browsing: places[0])
        }
        for place in places where place != Self.usualPlace { try Self.check(place) }
        try ScreenOptions.requireTerminal(instead: "normscope runs \(places.first ?? Self.usualPlace)")
        try screen.open(places: places.isEmpty ? [Self.usualPlace] : places, run: nil)
    }

    private static func check(_ place: String) throws {
        switch FileKind(place) {
        case .folder: break
        case .nothing: throw ProgramError("\(place): no such folder, and no command: normscope --help lists them")
        case .file:
            throw ProgramError(
                "\(place): not a folder: name the folder that it is in, or try normscope events \(place)")
        }
    }
}
