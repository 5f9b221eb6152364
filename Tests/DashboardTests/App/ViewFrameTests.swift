import Canvas
import EventLog
import Foundation
import FrameTesting
import Testing

@testable import Dashboard

/// Frames of the views of logs and runs: of the recorded PyTorch runs, and of extreme logs.
@Suite struct ViewFrameTests {
    @Test(
        arguments: ["curves", "large", "histograms", "heatmap", "runs", "compare", "log"],
        [(24, 80), (36, 120), (60, 200)])
    func theRecordedRunsFillEveryView(view: String, size: (Int, Int)) throws {
        var model = try WatchedFolder.sample().model()
        model.type("6  ")
        switch view {
        case "curves": model.type("2")
        case "large":
            model.type("2]")
            model.press(.enter, .left, .left, .left)
        case "histograms": model.type("4jj")
        case "heatmap": model.type("4vh")
        case "compare": model.type("d")
        case "log": model.type("7")
        default: break
        }
        let frame = model.frame(size.0, size.1)
        #expect(FrameFile().mismatch(of: frame, named: "\(view)-\(size.1)x\(size.0)") == nil)
    }

    @Test func theOverviewShowsTheNormalizationOfAPyTorchRun() throws {
        var model = try WatchedFolder.sample().model()
        let text = model.frame(36, 120).text
        for part in ["layer1.1 (1 of 2) running_mean", "running_var", "γ layer1.1.weight", "β layer1.1.bias", "· log"] {
            #expect(text.contains(part), "\(part)")
        }
    }

    /// As Lightning logs: 50 steps an epoch, a point every tenth step.
    private static func counting(epochs: Bool) throws -> WatchedFolder {
        let folder = try WatchedFolder()
        try folder.add("a") { writer in
            for step in stride(from: Int64(0), to: 500, by: 10) {
                let time = WatchedFolder.started + Double(step)
                writer.scalar("train/loss", step: step, value: 1 / Float(step + 1), wallTime: time)
                writer.scalar("train/accuracy", step: step, value: 0.5, wallTime: time)
                writer.scalar("val/loss", step: step, value: 1, wallTime: time)
                if epochs { writer.scalar("epoch", step: step, value: Float(step / 50), wallTime: time) }
            }
        }
        return folder
    }

    @Test func epochsAreCountedWhereALogCountsThem() throws {
        var model = try Self.counting(epochs: true).model()
        model.type("2x")
        #expect(model.frame(24, 80).text.contains("x axis: epoch"))
        let scale = try #require(model.app.overlaid.first?.scale(.epoch))
        #expect(scale.place(of: ScalarPoint(step: 450, wallTime: 0, value: 0)) == 9)
        var other = try Self.counting(epochs: false).model()
        other.type("2x")
        #expect(other.frame(24, 100).text.contains("x axis: time since the start (this log counts no epochs)"))
    }

    @Test func theChartsOfAGroupStandBelowItsName() throws {
        var model = try Self.counting(epochs: true).model()
        model.type("2")
        let text = model.frame(24, 80).text
        #expect(text.contains("train · 2 ─") && text.contains("val ─") && text.contains("epoch ─"))
    }

    @Test func exactlyWhatTheChartsShowIsWrittenAsCommaSeparatedValues() throws {
        var model = try Self.counting(epochs: false).model()
        model.type("2/train")
        model.press(.enter)
        _ = model.frame(36, 120)
        var lines = try #require(model.csvTable).text.split(separator: "\n")
        #expect(lines.first == "run,tag,step,wall_time,value")
        #expect(lines.count == 1 + 2 * 50)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("a,train/") })
        model.press(.enter)
        model.type("f")
        lines = try #require(model.csvTable).text.split(separator: "\n")
        let steps = lines.dropFirst().compactMap { Int($0.split(separator: ",")[2]) }
        #expect(steps == Array(stride(from: 400, to: 500, by: 10)), "a fifth of the run, of one chart")
        model.type("6")
        #expect(model.csvTable?.contents == "1 run")
        model.type("7")
        #expect(model.csvTable == nil)
    }

    @Test func theMomentsOfAHistogramAreWrittenWithTheirBuckets() throws {
        let folder = try WatchedFolder()
        try folder.add("a") { writer in
            for step in 0..<3 {
                writer.histogram("w, x", step: Int64(step), Histogram(of: [1, 2, 3]), wallTime: WatchedFolder.started)
            }
        }
        var model = try folder.model()
        model.type("4")
        _ = model.frame(24, 80)
        let lines = try #require(model.csvTable).text.split(separator: "\n")
        #expect(lines.first == "run,tag,step,wall_time,low,high,count")
        let counts = lines.dropFirst().compactMap { $0.split(separator: ",").last.flatMap { Double($0) } }
        #expect(counts.reduce(0, +) == 9)
        #expect(lines[1].hasPrefix("a,\"w, x\",0,"))
        model.press(.enter)
        #expect(model.csvTable?.contents == "1 moment of w, x")
    }

    /// Extreme logs: nothing, one point, no finite number, hostile and wide names, many tags.
    private static func edge(_ name: String) throws -> WatchedFolder {
        let folder = try WatchedFolder()
        let time = WatchedFolder.started
        switch name {
        case "empty": try folder.add("a") { _ in }
        case "one point": try folder.add("a") { $0.scalar("loss", step: 5, value: 1, wallTime: time) }
        case "no number":
            try folder.add("a") { writer in
                for (step, value) in [Float.nan, .infinity, -.infinity, .nan].enumerated() {
                    writer.scalar("loss", step: Int64(step), value: value, wallTime: time)
                    writer.tensor("bn.running_mean", step: Int64(step), values: [value, value], wallTime: time)
                }
            }
        case "names":
            for name in ["日本語のとても長い名前の実験", String(repeating: "long-", count: 40), "e\u{301}\u{202E}x"] {
                try folder.add(name) { writer in
                    for step in 0..<30 {
                        writer.scalar("損失/とても長い\u{1B}[31m\(name)", step: Int64(step), value: 1, wallTime: time)
                        writer.text("\u{9B}2Jtext", step: Int64(step), "\u{1B}]0;x\u{07}日本語\nb", wallTime: time)
                        writer.histogram("重み", step: Int64(step), Histogram(of: [1, 2, 3]), wallTime: time)
                    }
                    writer.hyperparameters([.init("日本\u{1B}", .text(name))], wallTime: time)
                }
            }
        case "many":
            for run in 0..<200 {
                try folder.add("sweep/run-\(run)") { writer in
                    for tag in 0..<50 {
                        writer.scalar("g\(tag % 7)/t\(tag)", step: 1, value: Float(run), wallTime: time)
                    }
                    writer.hyperparameters([.init("lr", .number(Double(run) / 1000))], wallTime: time)
                }
            }
        default: break
        }
        return folder
    }

    static let edges = ["nothing", "empty", "one point", "no number", "names", "many"]

    /// No view may trap, draw outside its area or control the terminal at any size, whatever was pressed.
    @Test(arguments: edges)
    func everyViewCanBeDrawnAtEverySizeAfterEveryKey(edge: String) throws {
        var model = try Self.edge(edge).model()
        for view in ViewKind.allCases {
            let keys = Keymap.standard.bindings(in: view).filter { $0.action != .show(view) }.flatMap(\.keys)
            for (number, key) in keys.enumerated() {
                model.press(.character(view.digit), key)
                let frame = model.frame(16 + number * 5 % 30, 60 + number * 11 % 90)
                let steering = frame.text.unicodeScalars.filter { scalar in
                    scalar.value < 0x20 && scalar != "\n" || (0x7F...0x9F).contains(scalar.value)
                        || scalar.value == 0x202E
                }
                #expect(steering.isEmpty)
                model.press(.escape, .escape)
            }
            model.press(.character(view.digit))
            for rows in stride(from: 0, through: 40, by: 5) {
                for columns in stride(from: 0, through: 120, by: 9) { _ = model.frame(rows, columns) }
            }
        }
    }

    @Test(arguments: [
        ("2", "no scalars in this log"), ("4", "no histograms in this log"), ("7", "no words yet"),
    ])
    func anEmptyLogSaysWhatIsMissing(view: String, words: String) throws {
        var model = try Self.edge("empty").model()
        model.type(view)
        #expect(model.frame(24, 80).text.contains(words))
    }

    @Test func whatIsNoNumberIsMarkedWhereItHappened() throws {
        var model = try Self.edge("no number").model()
        model.type("2")
        let text = model.frame(24, 80).text
        #expect(text.contains("✗") && text.contains("▲") && text.contains("▼"))
    }

    /// A spike of one point among a million is still there, at any width; and the screen says how many points it holds.
    @Test func aMillionPointsKeepTheirSpike() throws {
        let folder = try WatchedFolder()
        try folder.add("long") { writer in
            for step in 0..<1_000_000 {
                let value: Float = step == 314_159 ? 1000 : 1
                writer.scalar("signal", step: Int64(step), value: value, wallTime: WatchedFolder.started)
            }
        }
        var model = try folder.model()
        model.type("2=")
        for (rows, columns) in [(24, 80), (60, 200)] {
            let text = model.frame(rows, columns).text
            #expect(text.contains("1.00M points") && text.contains("1000"), "\(text)")
        }
    }
}

extension ViewFrameTests {
    /// An unreadable record is reported with its position, and the intact ones beside it are shown.
    @Test func damageIsSaidOnTheScreenWithItsOffset() throws {
        let folder = try WatchedFolder()
        try folder.add("torn") { writer in
            for step in 0..<20 { writer.scalar("loss", step: Int64(step), value: 1, wallTime: WatchedFolder.started) }
        }
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/torn").first)
        let file = "\(folder.path)/torn/\(name)"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[bytes.count - 10] ^= 0xFF
        try bytes.write(to: URL(fileURLWithPath: file))
        var model = try folder.model()
        #expect(model.frame(24, 100).text.contains("at byte"))
        model.type("7")
        #expect(model.frame(24, 100).text.contains("damage 1"))
        model.type("2")
        #expect(model.frame(24, 100).text.contains("19 points"))
    }

    @Test(arguments: [
        ("batchnorm/layer1.1/running_mean", "…running_mean"), ("short", "short"), ("日本語のタグの名前です", "…タグの名前です"),
    ])
    func longTagsKeepTheirEnds(tag: String, shown: String) {
        #expect(tag.endFitted(to: tag.hasPrefix("日") ? 15 : 13) == shown)
    }
}
