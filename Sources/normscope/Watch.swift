import ArgumentParser
import Glibc
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

    @Argument(help: "Folders of runs, or runs; ./runs if none is named.", completion: .directory)
    var places: [String] = []

    @OptionGroup var screen: ScreenOptions

    func run() throws {
        for place in places where place != Self.usualPlace { try Self.check(place) }
        try ScreenOptions.requireTerminal(instead: "normscope runs \(places.first ?? Self.usualPlace)")
        try screen.open(places: places.isEmpty ? [Self.usualPlace] : places, run: nil)
    }

    private static func check(_ place: String) throws {
        var status = stat()
        guard stat(place, &status) == 0 else {
            throw ProgramError("\(place): no such folder, and no command: normscope --help lists them")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw ProgramError(
                "\(place): not a folder: name the folder that it is in, or try normscope events \(place)")
        }
    }
}
