import ArgumentParser
import Runs

/// The experiment that describes a checkpoint's network.
struct CheckpointExperiment {
    let path: String
    /// Whether the experiment is unknown and the example was assumed.
    let isGuess: Bool

    init(of checkpoint: String, named experiment: String?) throws {
        let known = experiment ?? RunDirectory.experimentFile(ofCheckpoint: checkpoint)
        guard known != nil || RunDirectory.holding(checkpoint: checkpoint) == nil else {
            throw ProgramError(
                "\(checkpoint): only the script that trained it knows the network: describe it with --experiment FILE")
        }
        path = try known ?? Train.example()
        isGuess = known == nil
    }

    /// A message about the assumption, in one line.
    func assumption(about checkpoint: String) -> String {
        let words =
            "\(checkpoint): belongs to no run: the network and the images are taken to be those of \(path); "
            + "--experiment FILE names others"
        return words.onOneLine
    }
}
