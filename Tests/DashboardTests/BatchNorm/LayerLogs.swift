import EventLog
import Foundation
import Runs

@testable import Dashboard

/// Extreme logs of normalization layers, with numbers from formulas.
enum LayerLogs {
    static let names = [
        "one point", "not finite", "names", "200 layers", "2000 channels", "histograms", "running only", "young",
        "no layers", "nothing yet",
    ]

    static func folder(_ name: String) throws -> WatchedFolder {
        let folder = try WatchedFolder()
        try folder.add("run") { writer in
            switch name {
            case "one point": log(["bn1"], channels: 4, steps: 1, to: writer)
            case "not finite":
                log(["bn1", "bn2"], channels: 8, steps: 12, to: writer) { quantity, layer, channel, step, value in
                    layer == 1 && channel == 3 && quantity == "running_var" && step > 4 ? .nan : value
                }
            case "names":
                log(
                    [
                        "とても長い名前の正規化層", String(repeating: "blocks.", count: 30) + "norm",
                        "e\u{301}\u{1B}[31m\u{202E}x",
                    ], channels: 5, steps: 6, to: writer)
            case "200 layers":
                log((0..<200).map { "stages.\($0 / 20).blocks.\($0 % 20).norm" }, channels: 16, steps: 9, to: writer) {
                    quantity, layer, channel, _, value in
                    if layer == 42, quantity == "batch_var" { return value * 5 }
                    return layer == 7 && channel == 2 && quantity == "weight" ? 0 : value
                }
            case "2000 channels": log(["bn1", "bn2"], channels: 2000, steps: 9, to: writer)
            case "histograms": logHistograms(to: writer)
            case "running only":
                log(["bn1"], channels: 16, steps: 20, to: writer, only: ["running_mean", "running_var"])
            case "young":
                log(["bn1"], channels: 16, steps: 5, to: writer)
                writer.tensor("batchnorm/bn1/momentum", step: 1, values: [0.1], wallTime: WatchedFolder.started)
                writer.tensor(
                    "batchnorm/bn1/num_batches_tracked", step: 5, values: [5], wallTime: WatchedFolder.started)
            case "no layers": writer.scalar("loss", step: 1, value: 1, wallTime: WatchedFolder.started)
            default: break
            }
        }
        return folder
    }

    private typealias Change = (
        _ quantity: String, _ layer: Int, _ channel: Int, _ step: Int, _ value: Float
    ) -> Float

    private static let quantities = ["batch_mean", "batch_var", "running_mean", "running_var", "weight", "bias"]

    private static func log(
        _ layers: [String], channels: Int, steps: Int, to writer: EventWriter, only: [String] = quantities,
        _ change: Change = { _, _, _, _, value in value }
    ) {
        for step in 1...steps {
            for (number, layer) in layers.enumerated() {
                for quantity in only {
                    let values = (0..<channels).map { channel in
                        change(quantity, number, channel, step, value(quantity, number, channel, step))
                    }
                    writer.tensor(
                        "batchnorm/\(layer)/\(quantity)", step: Int64(step), values: values,
                        wallTime: WatchedFolder.started + Double(step))
                }
            }
        }
    }

    private static func value(_ quantity: String, _ layer: Int, _ channel: Int, _ step: Int) -> Float {
        let (c, l, t) = (Double(channel), Double(layer), Double(step))
        switch quantity {
        case "running_mean": return Float(sin(c * 0.7 + l) * (1 - exp(-t / 3)))
        case "batch_mean": return Float(sin(c * 0.7 + l) * (1 - exp(-t / 3)) + 0.1 * sin(t * 2 + c))
        case "running_var": return Float(exp(1.5 * sin(c * 0.4 + l)))
        case "batch_var": return Float(exp(1.5 * sin(c * 0.4 + l) + 0.1 * cos(t * 2 + c)))
        case "weight": return Float(1 + 0.4 * sin(c * 0.9 + l) * t / 20)
        default: return Float(0.3 * cos(c * 0.5 + l) * t / 20)
        }
    }

    /// Parameters and buffers in two groups, as loops over named_parameters() and named_buffers() log them.
    private static func logHistograms(to writer: EventWriter) {
        for step in 1...8 {
            for quantity in ["running_mean", "running_var", "weight", "bias"] {
                let group = quantity.hasPrefix("running") ? "buffers" : "params"
                writer.histogram(
                    "\(group)/layer1.1.\(quantity)", step: Int64(step),
                    Histogram(of: (0..<32).map { value(quantity, 0, $0, step) }), wallTime: WatchedFolder.started)
            }
        }
    }
}
