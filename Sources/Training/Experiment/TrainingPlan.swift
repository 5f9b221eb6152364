import Datasets
import Network
import Runs
import Syntax
import Tensors

/// An experiment with its texts read and checked: layers, optimizer, schedule, data.
///
/// Errors in a text name the experiment's file and line.
package struct TrainingPlan {
    package let architecture: Architecture
    package let optimizer: OptimizerDefinition
    package let schedule: ScheduleDefinition
    package let data: DatasetDescription
    private let model: [ModelEntry]

    package init(_ experiment: Experiment) throws {
        model = experiment.model
        architecture = Architecture(try experiment.model.map(Self.child))
        optimizer = try Self.read(experiment.optimizer, OptimizerDefinition.init(parsing:))
        schedule = try experiment.schedule.map { try Self.read($0, ScheduleDefinition.init(parsing:)) } ?? .constant
        data = experiment.data
    }

    /// Reads the data and lays the network out without training anything: whatever would keep a run from beginning is
    /// found here.
    package func check() throws {
        let data = try DataSplits.load(data)
        let input = data.train.dimensions
        let outputs: Int
        do {
            outputs = try architecture.outputs(for: input)
        } catch {
            throw located(error)
        }
        try Self.check(outputs: outputs, classes: data.train.classes)
    }

    /// The shape of one image as the network gets it, from the data.
    package func inputShape() throws -> ImageShape { try DataSplits.load(data).train.dimensions }

    static func check(outputs: Int, classes: Int) throws(TrainingError) {
        guard outputs >= classes else { throw .tooFewOutputs(network: outputs, data: classes) }
    }

    /// The error with the place of the layer it speaks of in front, if it speaks of one.
    private func located(_ error: NetworkError) -> any Error {
        guard case .shape(let layer, _) = error, let place = Self.place(of: layer, in: model) else { return error }
        return SettingsError.invalid(place: place, problem: "\(error)")
    }

    /// Where the layer with a dotted name stands; its innermost part that the experiment names.
    private static func place(of layer: String, in entries: [ModelEntry]) -> SourceLocation? {
        let parts = layer.split(separator: ".", maxSplits: 1).map(String.init)
        guard let name = parts.first, let entry = entries.first(where: { $0.name == name }) else { return nil }
        guard parts.count > 1, case .sequence(let inner) = entry.module else { return entry.place }
        return place(of: parts[1], in: inner) ?? entry.place
    }

    private static func child(_ entry: ModelEntry) throws -> Architecture.Child {
        switch entry.module {
        case .constructor(let text): Architecture.Child(entry.name, try read(text, Architecture.Module.init(parsing:)))
        case .sequence(let entries): Architecture.Child(entry.name, .sequential(try entries.map(child)))
        }
    }

    /// What a text stands for; an error begins with the text's place in the experiment.
    private static func read<Meaning>(
        _ source: SourceText, _ parse: (String) throws(ConstructorError) -> Meaning
    ) throws -> Meaning {
        do {
            return try parse(source.text)
        } catch {
            throw SettingsError.invalid(place: source.place, problem: "\(error)")
        }
    }
}
