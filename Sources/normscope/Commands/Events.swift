import ArgumentParser
import EventLog

/// `normscope events PATH`
struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what TensorBoard event logs hold: tags, counts, steps, last values, damage.",
        discussion: "PATH is an event file, the folder of one run, or a folder of runs at any depth.")

    @Argument(help: "An event file or a folder.", completion: .file())
    var path: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let summary = try EventSummary(path: path)
        if json {
            try printJSON(summary)
        } else {
            print(summary.lines.joined(separator: "\n"))
        }
    }
}
