import ArgumentParser
import Canvas
import Charts
import Dashboard
import Glibc
import Runs
import Training

/// `normscope runs [DIR]`
struct ListRuns: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "runs", abstract: "List the runs in a folder.")

    @Argument(help: "The folder that holds the runs.", completion: .directory)
    var place = Watch.usualPlace

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        guard place == Watch.usualPlace || access(place, F_OK) == 0 else {
            throw ProgramError("\(place): no such folder")
        }
        var catalogue = RunCatalogue(root: place)
        if access(place, F_OK) == 0 {
            // The table says nothing that only a log knows: of each its age is looked at, and nothing is read.
            _ = try catalogue.refresh(.looking)
        }
        if json { try printDocument(catalogue.entries) } else { printTable(catalogue.entries) }
    }

    /// A run in the JSON document.
    private struct Listing: Encodable {
        let name: String
        let path: String
        let state: String
        /// The time in seconds since 1970 since when the engine has been silent; absent where it is not.
        let silentSince: Double?
        let status: RunStatus?
        let checkpoints: [String]
    }

    private func printDocument(_ runs: [RunCatalogue.Entry]) throws {
        let listings = runs.map { run in
            let since: Double? = if case .silent(_, let since, _) = run.state { since } else { nil }
            return Listing(
                name: run.name, path: run.directory.path, state: run.state.word, silentSince: since,
                status: run.status, checkpoints: run.checkpoints.map(\.path))
        }
        try printJSON(listings)
    }

    private func printTable(_ runs: [RunCatalogue.Entry]) {
        guard !runs.isEmpty else {
            print("no runs in \(place): normscope train starts one")
            return
        }
        let now = Clock.machine.now()
        let rows = runs.map { run in
            let status = run.status
            return [
                run.name, run.state.words(now: now, utcOffset: Clock.utcOffset), status?.epochText ?? "",
                status.map { "\($0.step)" } ?? "",
                "\(run.checkpoints.count)", NumberFormat.duration(max(0, now - run.updated)) + " ago",
            ]
        }
        TextTable.print(["run", "state", "epoch", "step", "checkpoints", "changed"], rows)
    }
}
