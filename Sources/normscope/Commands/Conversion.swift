import ArgumentParser
import Checkpoints
import Files
import Runs
import Training

/// The conversion of a checkpoint to another form.
struct Conversion: Sendable {
    private enum Form {
        case stateDictionary, safetensors
        /// A whole module; nil takes the layers from the file itself.
        case module(ModuleOutline?)
    }

    private let file: CheckpointFile
    private let output: String
    private let form: Form
    /// The approximate number of bytes to be written.
    let byteCount: Int

    /// Reads the table of `input` and decides the form by the ending of `output`.
    init(from input: String, to output: String, asModule: Bool = false, experiment: String? = nil) throws {
        file = try CheckpointFile(readingFrom: input)
        self.output = output
        byteCount = try file.stateEntries().reduce(0) { $0 &+ $1.byteCount }
        if output.hasSuffix(".safetensors") {
            form = .safetensors
        } else if asModule {
            form = .module(try Self.outline(of: input, experiment: experiment))
        } else {
            form = .stateDictionary
        }
    }

    private static func outline(of input: String, experiment: String?) throws -> ModuleOutline? {
        guard let path = experiment ?? RunDirectory.experimentFile(ofCheckpoint: input) else { return nil }
        return ModuleOutline(try TrainingPlan(Experiment.load(path)).architecture)
    }

    /// - Parameter goOn: told how many bytes are to be written next; false stops, and leaves what was there.
    /// - Returns: what was done, in one line.
    func write(goOn: @escaping @Sendable (Int) -> Bool) throws -> String {
        let operations = FileOperations.observed(goOn)
        var words = "wrote \(output)"
        switch form {
        case .stateDictionary: try file.writeStateDictionary(to: output, operations: operations)
        case .safetensors: try file.writeSafetensors(to: output, operations: operations)
        case .module(let outline?): try file.writeModule(to: output, outline: outline, operations: operations)
        case .module(nil):
            let assumptions = try file.writeModule(to: output, operations: operations)
            words += assumptions.words
        }
        return words.onOneLine
    }
}

extension ModuleAssumptions {
    /// What the user should check, as the end of a sentence.
    fileprivate var words: String {
        var words = ""
        if !replaced.isEmpty {
            words += "; \(replaced.joined(separator: ", ")) became a Sequential: the modules run in their order"
        }
        if !flattened.isEmpty { words += "; a Flatten was put before \(flattened.joined(separator: ", "))" }
        return words
    }
}
