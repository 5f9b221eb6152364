import Dashboard
import Files
import Glibc
import Runs

/// The search for experiments that a new run can be started from: that of a run, those in the current folder, and the
/// examples.
enum ExperimentSearch {
    private static let examples = "sample-data/experiments"

    static func choices(near run: String?) -> [ExperimentChoice] {
        var choices: [ExperimentChoice] = []
        if let run {
            let directory = RunDirectory(path: run)
            if access(directory.experimentFile, R_OK) == 0 {
                choices.append(choice("same as \(directory.name)", directory.experimentFile))
            }
        }
        let folders = [".", "experiments", Installation.path(of: examples)].compactMap { $0 }
        for file in folders.flatMap(files) { choices.append(choice(FilePath.stem(file), file)) }
        return choices
    }

    private static func choice(_ title: String, _ path: String) -> ExperimentChoice {
        let settings = RunSettings.written(path).map { ExperimentChoice.Setting(key: $0.key, value: $0.value) }
        return ExperimentChoice(title: title, path: path, settings: settings)
    }

    /// The YAML files of a folder that describe a network, by name.
    private static func files(in folder: String) -> [String] {
        Folder.names(in: folder).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map { "\(folder)/\($0)" }
            .filter { path in RunSettings.written(path).contains { $0.key.hasPrefix("model") } }
    }
}
