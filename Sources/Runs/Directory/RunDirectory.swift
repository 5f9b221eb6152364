import Files
import Glibc
import Syntax

/// The path of one run's folder and the names of the files in it: the whole interface between who trains and who watches.
///
/// A value: it opens nothing, and what it names need not exist.
package struct RunDirectory: Hashable, Sendable {
    private static let checkpoints = "checkpoints"
    package let path: String

    package init(path: String) {
        let parts = path.split(separator: "/").joined(separator: "/")
        self.path = path.hasPrefix("/") ? "/" + parts : parts
    }

    package var name: String { FilePath.lastPart(FilePath.absolute(path)) }
    package var experimentFile: String { "\(path)/experiment.yaml" }
    package var statusFile: String { "\(path)/status.json" }
    package var commandsFile: String { "\(path)/commands.jsonl" }
    package var evaluationFile: String { "\(path)/evaluation.json" }
    package var engineLog: String { "\(path)/engine.log" }
    package var checkpointsFolder: String { "\(path)/\(Self.checkpoints)" }

    /// Where a checkpoint goes: `epoch` for one that the plan asks for, without it for one that a person does.
    package func checkpointFile(step: Int, epoch: Int? = nil) -> String {
        "\(checkpointsFolder)/\(SavedCheckpoint.fileName(step: step, epoch: epoch))"
    }

    /// Whether something that a run consists of lies there.
    package var isRun: Bool {
        access(statusFile, F_OK) == 0 || access(experimentFile, F_OK) == 0
    }

    /// The run in whose folder the file lies, or in its `checkpoints`, if there is one.
    package static func holding(checkpoint path: String) -> RunDirectory? {
        let folder = FilePath.parent(FilePath.absolute(path))
        let run = RunDirectory(path: FilePath.lastPart(folder) == Self.checkpoints ? FilePath.parent(folder) : folder)
        return run.isRun ? run : nil
    }

    /// Makes the folder of a new run, with an empty `checkpoints` in it; `folder` is made too if need be.
    ///
    /// Two programs that want the same name at once do not get the same folder.
    package static func create(named name: String, in folder: String) throws(RunsError) -> RunDirectory {
        if let run = try createIfFree(name, in: folder) { return run }
        throw .nameTaken(name: name, folder: folder, free: freeName(after: name, in: folder))
    }

    /// Makes the folder of a new run under `name`, or `name-2`, `name-3`, … if that is taken.
    package static func create(startingWith name: String, in folder: String) throws(RunsError) -> RunDirectory {
        var candidate = name
        while true {
            if let run = try createIfFree(candidate, in: folder) { return run }
            candidate = freeName(after: name, in: folder)
        }
    }

    /// The run that a word of the command line names: a folder, or the name of a run in `runsFolder`.
    package static func find(_ word: String, in runsFolder: String) throws(RunsError) -> RunDirectory {
        let candidates = [RunDirectory(path: word), RunDirectory(path: "\(runsFolder)/\(word)")]
        if let run = candidates.first(where: \.isRun) { return run }
        let names = Folder.names(in: runsFolder).filter { RunDirectory(path: "\(runsFolder)/\($0)").isRun }
        throw .notARun(path: word, nearest: Spelling.nearest(to: FilePath.lastPart(word), among: names))
    }

    private static func createIfFree(_ name: String, in folder: String) throws(RunsError) -> RunDirectory? {
        if let problem = RunName.problem(with: name) { throw .badName(name: name, problem: problem) }
        try RunsError.converting { () throws(FileError) in try Folder.make(folder) }
        let run = RunDirectory(path: "\(folder)/\(name)")
        guard mkdir(run.path, 0o777) == 0 else {
            if errno == EEXIST { return nil }
            throw .file(.unwritable(path: run.path, code: errno))
        }
        guard mkdir(run.checkpointsFolder, 0o777) == 0 else {
            throw .file(.unwritable(path: run.checkpointsFolder, code: errno))
        }
        return run
    }

    private static func freeName(after name: String, in folder: String) -> String {
        RunName.free(after: name) { access("\(folder)/\($0)", F_OK) == 0 }
    }
}
