import Canvas
import EventLog
import Foundation
import FrameTesting
import Runs
import Testing

@testable import Dashboard

/// The screen as text, for a run whose every number is made up by a formula.
@Suite struct OverviewFrameTests {
    private static let started = 1_700_000_000.0

    /// A run of `steps` steps with one normalization layer of 16 channels.
    private static func snapshot(
        steps: Int, state: RunStatus.State = .running, hasLayer: Bool = true, isLost: Bool = false
    ) throws -> RunSnapshot {
        let folder = FileManager.default.temporaryDirectory.path + "/normscope-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let writer = try EventWriter(directory: folder, startedAt: started)
        for step in 0..<steps { log(step, hasLayer: hasLayer, to: writer) }
        try writer.flush()
        let follower = LogFollower(directory: folder)
        _ = try follower.poll()
        let engine = EngineProcess(pid: 4242, host: "here")
        let status = RunStatus(
            state: state, engine: engine, step: steps, epoch: steps / 94, epochs: 30, stepsPerEpoch: 94,
            pace: .stepsPerSecond(100), updated: started)
        let checkpoints = (1...3).map {
            SavedCheckpoint(path: "step-\($0).pth", step: $0 * 94, epoch: $0, bytes: 1_320_731, modified: started)
        }
        return RunSnapshot(
            directory: RunDirectory(path: "/runs/batchnorm-cnn"), state: isLost ? .lost : .known(state), status: status,
            checkpoints: steps > 0 ? checkpoints : [], log: follower.snapshot)
    }

    private static func log(_ step: Int, hasLayer: Bool, to writer: EventWriter) {
        let number = Int64(step + 1)
        let time = started + Double(step) * 0.01
        let wobble = Float((step * 37) % 19) / 19
        let loss = 2.3 / (1 + Float(step) / 20) + 0.05 * wobble
        writer.scalar("train/loss", step: number, value: step == 150 ? .nan : loss, wallTime: time)
        writer.scalar("train/accuracy", step: number, value: 1 - loss / 2.6, wallTime: time)
        writer.scalar("lr", step: number, value: 0.01, wallTime: time)
        writer.scalar("throughput/images_per_second", step: number, value: 6400, wallTime: time)
        guard step % 94 == 93 else { return }
        writer.scalar("val/loss", step: number, value: loss + 0.2, wallTime: time)
        writer.scalar("val/accuracy", step: number, value: 0.8, wallTime: time)
        guard hasLayer else { return }
        for (name, scale) in [("running_mean", Float(1)), ("batch_mean", 1.1), ("bias", 0.3)] {
            let values = (0..<16).map { scale * Float(($0 * 5) % 16 - 8) / 8 }
            writer.tensor("batchnorm/layer1.1/\(name)", step: number, values: values, wallTime: time)
        }
        for (name, scale) in [("running_var", Float(1)), ("batch_var", 1.3), ("weight", 0.5)] {
            let values = (0..<16).map { scale * Float(($0 * 3) % 16 + 1) / 16 }
            writer.tensor("batchnorm/layer1.1/\(name)", step: number, values: values, wallTime: time)
        }
    }

    private static func model(showing run: RunSnapshot?) -> Model {
        var model = Model(folders: "runs")
        _ = model.update(.tick(started + 10))
        _ = model.update(.loaded(Workspace(runs: [], open: run)))
        return model
    }

    private static func frame(_ model: Model, rows: Int, columns: Int, glyphs: GlyphSet = .braille) -> Frame {
        var frame = Frame(size: Size(rows: rows, columns: columns), glyphs: glyphs)
        model.draw(into: &frame, in: frame.bounds)
        return frame
    }

    @Test(arguments: [(24, 80), (36, 120), (60, 200)])
    func aLiveRunFillsTheScreen(rows: Int, columns: Int) throws {
        let model = Self.model(showing: try Self.snapshot(steps: 400))
        let frame = Self.frame(model, rows: rows, columns: columns)
        #expect(FrameFile().mismatch(of: frame, named: "overview-\(columns)x\(rows)") == nil)
    }

    @Test func withoutUTF8EverythingIsASCII() throws {
        let model = Self.model(showing: try Self.snapshot(steps: 400))
        let frame = Self.frame(model, rows: 24, columns: 80, glyphs: .ascii)
        let isASCII = frame.text.allSatisfy { $0.isASCII }
        #expect(isASCII)
        #expect(FrameFile().mismatch(of: frame, named: "overview-ascii-80x24") == nil)
    }

    @Test func anEngineThatIsGoneIsSaidWithTheWayBack() throws {
        let model = Self.model(showing: try Self.snapshot(steps: 400, isLost: true))
        let text = Self.frame(model, rows: 24, columns: 80).text
        #expect(text.contains("engine gone") && text.contains(":resume goes on from step 282"))
        #expect(text.contains("p resume from step 282"))
    }

    @Test func aRunWithoutNormalizationSaysSo() throws {
        let model = Self.model(showing: try Self.snapshot(steps: 100, hasLayer: false))
        #expect(Self.frame(model, rows: 24, columns: 80).text.contains("no normalization layer in this run"))
    }

    @Test func anEmptyFolderSaysHowToGetARun() {
        let text = Self.frame(Self.model(showing: nil), rows: 24, columns: 80).text
        #expect(text.contains("No runs in runs yet.") && text.contains("normscope train"))
    }

    /// No size and no state may trap, and every key may be pressed in each of them.
    @Test(arguments: [0, 1, 2, 400])
    func everySizeCanBeDrawnAfterEveryKey(steps: Int) throws {
        var model = Self.model(showing: try Self.snapshot(steps: steps))
        let keys = KeyTable.bindings.flatMap(\.keys) + [.character("é"), .delete, .function(12)]
        for (index, key) in keys.enumerated() {
            _ = model.update(.input(.key(key)))
            _ = Self.frame(model, rows: index * 7 % 41, columns: index * 11 % 121)
            _ = Self.frame(model, rows: 24, columns: 80)
            _ = model.update(.input(.key(.escape)))
        }
        for rows in stride(from: 0, through: 40, by: 3) {
            for columns in stride(from: 0, through: 120, by: 7) {
                let frame = Self.frame(model, rows: rows, columns: columns)
                #expect(frame.size == Size(rows: rows, columns: columns))
            }
        }
    }

    @Test func namesThatCouldSteerATerminalAreHarmless() throws {
        let run = try Self.snapshot(steps: 10)
        let hostile = RunSnapshot(
            directory: RunDirectory(path: "/runs/a\u{1B}[31mb\u{9B}2J\u{202E}"), state: run.state, status: run.status,
            log: run.log, engineLog: ["\u{1B}]0;title\u{07}"])
        var model = Self.model(showing: hostile)
        for key in ["1", "6", "7"] {
            _ = model.update(.input(.key(.character(Character(key)))))
            let text = Self.frame(model, rows: 24, columns: 80).text
            let steering = text.unicodeScalars.filter { scalar in
                scalar.value < 0x20 && scalar != "\n" || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x202E
            }
            #expect(steering.isEmpty)
        }
    }
}
