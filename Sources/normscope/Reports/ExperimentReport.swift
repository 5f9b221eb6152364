import Charts
import Datasets
import Network
import Runs
import Tensors
import Training

/// The report of an experiment: the network as PyTorch's print(net) shows it, then a line for each layer.
struct ExperimentReport {
    private let plan: TrainingPlan
    private let input: ImageShape

    init(path: String) throws {
        plan = try TrainingPlan(Experiment.load(path))
        input = try plan.inputShape()
    }

    func show() throws {
        print(plan.architecture.printed() + "\n")
        let layers = try plan.architecture.summary(input: input)
        let rows = layers.map { layer in
            [
                layer.name, "\(layer.layer)", "\(layer.output)", "\(layer.parameters)",
                NumberFormat.count(layer.multiplyAdds), "\(layer.bytes)",
            ]
        }
        TextTable.print(["name", "layer", "output of one image", "parameters", "multiply-adds", "bytes"], rows)
        print("\(layers.reduce(0) { $0 + $1.parameters }) parameters")
    }
}
