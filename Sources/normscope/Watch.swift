import ArgumentParser
import Glibc
import Runs

/// `normscope watch DIR`, and `normscope` alone.
struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open the dashboard over run directories.",
        discussion: "Live runs, finished runs and runs on another machine's disk are the same to it.")

    static let usualPlace = "runs"

    @Argument(help: "A folder of runs, or one run.", completion: .directory)
    var place = Self.usualPlace

    @OptionGroup var screen: ScreenOptions

    func run() throws {
        guard place == Self.usualPlace || access(place, F_OK) == 0 else {
            throw ProgramError("\(place): no such folder, and no command: normscope --help lists them")
        }
        try ScreenOptions.requireTerminal(instead: "normscope runs \(place)")
        try screen.open(place: place, run: nil)
    }
}
