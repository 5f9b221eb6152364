import ArgumentParser
import Checkpoints

/// `normscope compare A B`
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how the networks in two checkpoints differ, tensor by tensor.",
        discussion: """
            A prefix before all names, such as DataParallel's 'module.', is left out. Normalization layers are compared \
            in their own terms: how far the running mean moved in units of the first one's σ, and the change of log σ².
            """)

    @Argument(help: "A checkpoint.", completion: .file())
    var first: String

    @Argument(help: "Another one.", completion: .file())
    var second: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let files = (try CheckpointFile(readingFrom: first), try CheckpointFile(readingFrom: second))
        let total = try files.0.stateEntries().reduce(0) { $0 &+ $1.byteCount }
        let progress = WorkProgress("comparing", total: total)
        let comparison = try CheckpointComparison(files.0, files.1, finished: { progress.add($0.byteCount) })
        progress.end()
        let report = ComparisonReport(first: first, second: second, comparison: comparison)
        if json { try printJSON(report.document) } else { report.show() }
    }
}
