import Canvas
import EventLog
import Foundation
import FrameTesting
import Runs
import Testing

@testable import Dashboard

/// Every view as text in the states that are easily forgotten. View 3 has more of its own in `BatchNormFrameTests`.
@Suite struct StateFrameTests {
    private static let states = [
        "no runs", "one point", "not finite", "a million points", "long names", "wide characters", "200 layers",
        "dead engine",
    ]
    private static let sizes = [(24, 80), (36, 120), (60, 200)]

    @Test(arguments: states)
    func everyViewIsWhatItWas(state: String) throws {
        var model = try Self.folder(state).model()
        for view in ViewKind.tabs {
            model.type(String(view.digit))
            for (rows, columns) in Self.sizes {
                let frame = model.frame(rows, columns)
                let name = "\(state)-\(view.title)-\(columns)x\(rows)".lowercased()
                    .replacingOccurrences(of: " ", with: "-")
                #expect(FrameFile().mismatch(of: frame, named: "states/" + name) == nil)
            }
        }
    }

    private static func folder(_ state: String) throws -> WatchedFolder {
        let folder = try WatchedFolder()
        switch state {
        case "one point": try folder.add("young") { log(steps: 1, to: $0) }
        case "not finite":
            try folder.add("exploding") { writer in
                log(steps: 60, to: writer) { step, value in step == 20 ? .infinity : step > 40 ? .nan : value }
            }
        case "a million points":
            try folder.add("long") { writer in
                for step in 1...Int64(1_000_000) {
                    let value = Float(1 / (1 + Double(step) / 1e5) + 0.1 * sin(Double(step) / 7))
                    writer.scalar("train/loss", step: step, value: value, wallTime: WatchedFolder.started)
                }
            }
        case "long names":
            let name = (1...30).map { "part\($0)" }.joined(separator: "-")
            try folder.add(name) { log(steps: 30, of: "a/" + name, layers: ["encoder." + name], to: $0) }
            try folder.add("short") { log(steps: 30, to: $0) }
        case "wide characters":
            try folder.add("実験／日本語の名前") { log(steps: 30, of: "訓練/損失", layers: ["層１.正規化"], to: $0) }
            try folder.add("e\u{301}moji 👩‍🔬 résumé") { log(steps: 30, of: "訓練/損失", to: $0) }
        case "200 layers":
            try folder.add("deep") { writer in
                log(steps: 12, layers: (0..<200).map { "stages.\($0 / 20).blocks.\($0 % 20).norm" }, to: writer)
            }
        case "dead engine":
            try folder.add("cnn") { log(steps: 300, to: $0) }
            let engine = EngineProcess(pid: 4_194_303, host: EngineProcess.current().host)
            try RunStatus(
                state: .running, engine: engine, step: 300, epoch: 3, epochs: 30, stepsPerEpoch: 94,
                pace: .stepsPerSecond(100), updated: WatchedFolder.started
            ).write(to: folder.path + "/cnn/status.json")
        default: break
        }
        return folder
    }

    /// What a training loop logs: losses and accuracies, and parameters of each layer as histograms.
    private static func log(
        steps: Int, of group: String = "train", layers: [String] = ["layer1.1"], to writer: EventWriter,
        _ change: (_ step: Int, _ value: Float) -> Float = { $1 }
    ) {
        for step in 1...steps {
            let time = WatchedFolder.started - Double(steps - step)
            let loss = change(step, 2.3 / (1 + Float(step) / 20) + 0.05 * Float((step * 37) % 19) / 19)
            writer.scalar(group + "/loss", step: Int64(step), value: loss, wallTime: time)
            writer.scalar(group + "/accuracy", step: Int64(step), value: 1 - loss / 2.6, wallTime: time)
            guard step % 10 == 0 || steps == 1 else { continue }
            writer.scalar("val/loss", step: Int64(step), value: loss + 0.1, wallTime: time)
            for layer in layers {
                for (name, scale) in [("weight", Float(1)), ("bias", 0.3)] {
                    let values = (0..<16).map { change(step, scale * Float(($0 * 5) % 16 - 8) / 8) }
                    writer.histogram("\(layer).\(name)", step: Int64(step), Histogram(of: values), wallTime: time)
                }
            }
            writer.text("note", step: Int64(step), "step \(step) of \(steps) in \(group)", wallTime: time)
        }
    }
}
