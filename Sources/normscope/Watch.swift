import ArgumentParser
import Runs

/// `normscope watch DIR`, and `normscope` alone.
struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open the dashboard over run directories.",
        discussion: "Live runs, finished runs and runs on another machine's disk are the same to it.")

    @Argument(help: "A folder of runs, or one run.", completion: .directory)
    var place = "runs"

    @OptionGroup var screen: ScreenOptions

    func run() throws {
        try ScreenOptions.requireTerminal(instead: "normscope runs \(place)")
        try screen.open(place: place, run: nil)
    }
}
