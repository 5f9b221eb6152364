import Canvas
import Checkpoints
import Foundation
import FrameTesting
import Runs
import Tensors
import Testing

@testable import Dashboard

/// View 5 as text, with files that are written for the test and read as the program reads them.
@Suite final class CheckpointBrowserTests {
    private static let now = 1_700_000_000.0
    private let folder = FileManager.default.temporaryDirectory.path + "/normscope-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: - What is looked at

    private static func channels(_ count: Int, _ scale: Float, above floor: Float = 0) -> DenseTensor {
        DenseTensor(shape: [count], (0..<count).map { floor + scale * Float(($0 * 5) % 16) / 16 })
    }

    private static func layer(_ name: String, channels count: Int) -> [NamedTensor] {
        [
            NamedTensor(name + ".weight", channels(count, 0.8, above: 0.2)),
            NamedTensor(name + ".bias", channels(count, -0.5)),
            NamedTensor(name + ".running_mean", channels(count, 2, above: -1)),
            NamedTensor(name + ".running_var", channels(count, 3, above: 0.1)),
            NamedTensor(name + ".num_batches_tracked", DenseTensor(scalar: 188)),
        ]
    }

    private static let small =
        [NamedTensor("layer1.0.weight", DenseTensor(shape: [4, 3, 2, 2], (0..<48).map { Float($0 - 20) / 30 }))]
        + layer("layer1.1", channels: 16) + [
            NamedTensor("fc.weight", DenseTensor(shape: [2, 3], [1, 2, 3, 4, 5, .nan]))
        ]

    private func write(_ tensors: [NamedTensor], as name: String = "a.pth") throws -> CheckpointEntry {
        let path = folder + "/" + name
        try CheckpointWriter.write(StateDictionary.value(tensors), to: path)
        return CheckpointEntry(path: path, name: name, bytes: 661_396, modified: Self.now - 90)
    }

    /// A model that browses a folder, in which every request is carried out at once.
    private struct Screen {
        private(set) var model = Model(folders: "models", browsing: "models")
        private(set) var asked: [CheckpointRequest] = []

        init(_ entries: [CheckpointEntry]) {
            _ = model.update(.tick(now))
            carryOut(model.update(.checkpoint(.listed(folder: "models", entries))))
        }

        mutating func press(_ keys: Key...) {
            for key in keys {
                _ = model.see()
                carryOut(model.update(.input(.key(key))))
            }
        }

        private mutating func carryOut(_ effects: [Effect]) {
            for case .checkpoint(let request) in effects {
                asked.append(request)
                for news in (try? answers(request)) ?? [] { carryOut(model.update(.checkpoint(news))) }
            }
        }

        private func answers(_ request: CheckpointRequest) throws -> [CheckpointResponse] {
            switch request {
            case .open(let path):
                do {
                    return [.opened(try CheckpointTable(CheckpointFile(readingFrom: path)))]
                } catch {
                    return [.failed(path: path, "\(error)")]
                }
            case .examine(let path, let names, let histogram, let layer):
                return try examined(path, names, histogram: histogram, layer)
            case .compare(let one, let other):
                let files = (try CheckpointFile(readingFrom: one), try CheckpointFile(readingFrom: other))
                return [.compared(first: one, second: other, try CheckpointComparison(files.0, files.1))]
            default: return []
            }
        }

        private func examined(
            _ path: String, _ names: [String], histogram: Bool, _ layer: String?
        ) throws -> [CheckpointResponse] {
            let file = try CheckpointFile(readingFrom: path)
            let layers = NormalizationTensors.layers(in: file.tensors).filter { $0.layer == layer }
            let channels = try layers.map { CheckpointResponse.channels(path: path, try LayerChannels($0, in: file)) }
            return try channels
                + names.map { name in
                    let entry = try file.entry(named: name)
                    let statistics = try file.statistics(entry)
                    let range = (statistics.minimum ?? 0)...(statistics.maximum ?? 0)
                    let counts = histogram ? try file.histogram(entry, over: range, bins: 8) : []
                    return .examined(path: path, TensorPicture(name: name, statistics: statistics, counts: counts))
                }
        }

        func frame(rows: Int = 24, columns: Int = 80) -> Frame {
            var frame = Frame(size: Size(rows: rows, columns: columns))
            model.draw(into: &frame, in: frame.bounds)
            return frame
        }

        var text: String { frame().text }
    }

    // MARK: - Frames

    @Test(arguments: [(24, 80), (36, 120)])
    func theListTellsStepTimeSizeAndName(rows: Int, columns: Int) {
        var screen = Screen([
            CheckpointEntry(
                path: "/m/b.pth", name: "step-00000188.pth", step: 188, bytes: 1_320_731, modified: Self.now - 5,
                loss: 0.4872, accuracy: 0.832),
            CheckpointEntry(path: "/m/a.pth", name: "older.safetensors", bytes: 900, modified: Self.now - 7200),
        ])
        screen.press(.character(" "), .character(" "))
        let frame = screen.frame(rows: rows, columns: columns)
        #expect(FrameFile().mismatch(of: frame, named: "checkpoints-list-\(columns)x\(rows)") == nil)
    }

    @Test(arguments: [(24, 80), (36, 120)])
    func aNormalizationLayersChannelsAreShownAsPictures(rows: Int, columns: Int) throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.enter, .character("]"))
        let frame = screen.frame(rows: rows, columns: columns)
        #expect(frame.text.contains("layer1.1  16 channels"))
        #expect(FrameFile().mismatch(of: frame, named: "checkpoints-layer-\(columns)x\(rows)") == nil)
    }

    @Test func anOpenedCheckpointShowsItsTreeAndTheTableOfAllTensors() throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.enter)
        #expect(FrameFile().mismatch(of: screen.frame(rows: 36, columns: 120), named: "checkpoints-tree-120x36") == nil)
    }

    @Test func theChosenTensorShowsItsNumbersAndAHistogram() throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.enter, .character("G"))
        #expect(screen.text.contains("float32 (2, 3)") && screen.text.contains("1 of 6 are not finite"))
        #expect(screen.text.contains("mean 3"))
        #expect(FrameFile().mismatch(of: screen.frame(), named: "checkpoints-tensor-80x24") == nil)
    }

    @Test func twoMarkedCheckpointsAreCompared() throws {
        let other = Self.small.map { $0.name == "layer1.1.bias" ? NamedTensor($0.name, Self.channels(16, -0.75)) : $0 }
        var screen = Screen([try write(Self.small), try write(other, as: "b.pth")])
        screen.press(.character(" "), .character(" "), .character("d"))
        #expect(screen.text.contains("1 of 7 tensors differ") && screen.text.contains("Δμ/σ"))
        screen.press(.escape)
        #expect(screen.text.contains("d compares A and B"))
    }

    @Test func comparingNeedsTwoMarks() throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.character(" "), .character("d"))
        #expect(screen.text.contains("mark two checkpoints with Space first"))
    }

    // MARK: - Moving about

    @Test func enterGoesInAndEscapeComesOutStepByStep() throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.enter, .enter)
        #expect(!screen.text.contains("▼ layer1"))
        screen.press(.escape)
        #expect(screen.text.contains("▼ layer1"))
        screen.press(.escape)
        #expect(screen.text.contains("661 kB"))
        screen.press(.escape)
        #expect(screen.model.app.view == .overview)
    }

    /// While a run writes checkpoints, the cursor follows the newest one or stays on the one that was chosen.
    @Test func theCursorFollowsTheNewestOrStaysWithTheChosen() {
        func entries(_ count: Int) -> [CheckpointEntry] {
            (1...count).reversed().map {
                CheckpointEntry(path: "/m/\($0).pth", name: "\($0).pth", step: $0, bytes: 1, modified: 0)
            }
        }
        var list = CheckpointList()
        list.load(entries(2))
        list.load(entries(3))
        #expect(list.chosen?.step == 3)
        list.move(.moveDown)
        list.load(entries(5))
        #expect(list.chosen?.step == 2)
    }

    @Test func modulesFoldAndUnfold() throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.enter, .character("j"), .character("h"))
        #expect(screen.text.contains("▶ layer1") && !screen.text.contains("▼ 1"))
        screen.press(.character("l"))
        #expect(screen.text.contains("▼ layer1"))
    }

    @Test func leavingAFileStopsReadingIt() throws {
        var screen = Screen([try write(Self.small)])
        var waiting = screen.model
        let first = waiting.update(.input(.key(.enter)))
        #expect(first == [.checkpoint(.open(path: folder + "/a.pth"))])
        #expect(waiting.update(.input(.key(.escape))) == [.checkpoint(.stopReading)])
        screen.press(.enter)
        #expect(screen.asked.count == 2, "the table, then all tensors, each asked for once")
    }

    @Test func aBrokenFileSaysWhatIsWrong() throws {
        let path = folder + "/broken.pth"
        try Data([0x50, 0x4B, 3, 4, 0, 0]).write(to: URL(fileURLWithPath: path))
        var screen = Screen([CheckpointEntry(path: path, name: "broken.pth", bytes: 6, modified: Self.now)])
        screen.press(.enter)
        #expect(screen.frame(columns: 300).text.contains("damaged"))
    }

    @Test func deletingAsksFirst() throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.character("D"))
        #expect(screen.text.contains("Delete the checkpoint a.pth?") && screen.asked.isEmpty)
        screen.press(.escape)
        #expect(screen.asked.isEmpty)
        screen.press(.character("D"), .character("D"))
        #expect(screen.asked.isEmpty)
        screen.press(.character("y"))
        #expect(screen.asked == [.delete(path: folder + "/a.pth")])
    }

    @Test func convertingProposesAFileBesideTheCheckpoint() throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.character("C"), .enter)
        #expect(screen.asked == [.convert(path: folder + "/a.pth", to: folder + "/a.safetensors", asModule: false)])
    }

    @Test func tabOffersTheFormsThatAFileCanHave() throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.character("C"), .tab)
        #expect(screen.text.contains("a state_dict that torch.load opens") && screen.text.contains("a-state.pth"))
        screen.press(.tab)
        #expect(screen.text.contains("becomes safetensors"), "of a state_dict alone no module can be made")
    }

    @Test func aModuleCanBeWrittenWhereTheFileTellsItsStructure() throws {
        let path = Repository.path + "/sample-data/model.pth"
        var screen = Screen([CheckpointEntry(path: path, name: "model.pth", bytes: 1, modified: Self.now)])
        screen.press(.enter, .character("C"), .tab, .tab)
        #expect(screen.text.contains("becomes a whole module that torch.load opens without its class"))
        screen.press(.enter)
        #expect(
            screen.asked.last
                == .convert(
                    path: path, to: path.replacing("model.pth", with: "model-state-module.pth"), asModule: true))
    }

    @Test func aFileThatIsDeletedWhileItIsShownSaysSo() throws {
        let entry = try write(Self.small)
        var screen = Screen([entry])
        screen.press(.enter)
        var model = screen.model
        _ = model.update(.checkpoint(.vanished(path: entry.path)))
        var frame = Frame(size: Size(rows: 24, columns: 80))
        model.draw(into: &frame, in: frame.bounds)
        #expect(frame.text.contains("it is not there any more"))
    }

    @Test func onlyAFileWithNormalizationLayersOffersToGoToThem() throws {
        var screen = Screen([try write(Self.layer("bn", channels: 4))])
        #expect(!screen.text.contains("[ ]"))
        screen.press(.enter)
        #expect(screen.frame(columns: 200).text.contains("[ ] layer"))
    }

    @Test func aFolderIsLookedIntoAgainWhenAFileWasWrittenOrDeleted() throws {
        var model = Screen([try write(Self.small)]).model
        let effects = model.update(.checkpoint(.done("deleted a.pth")))
        #expect(effects == [.checkpoint(.list(folder: "models"))])
        _ = model.update(.checkpoint(.listed(folder: "models", [])))
        var frame = Frame(size: Size(rows: 24, columns: 80))
        model.draw(into: &frame, in: frame.bounds)
        #expect(frame.text.contains("deleted a.pth") && frame.text.contains("no checkpoints in models"))
    }

    @Test func bothModesOfAnEvaluationAreShown() throws {
        let entry = try write(Self.small)
        var screen = Screen([entry])
        screen.press(.character("e"))
        #expect(screen.asked == [.evaluate(path: entry.path)])
        var model = screen.model
        let result = EvaluationSummary(running: (0.5, 0.832), batch: (0.25, 0.9))
        _ = model.update(.checkpoint(.evaluated(path: entry.path, result)))
        var frame = Frame(size: Size(rows: 24, columns: 80))
        model.draw(into: &frame, in: frame.bounds)
        #expect(frame.text.contains("evaluation mode   loss 0.5000  accuracy 83.20%"))
        #expect(frame.text.contains("batch statistics  loss 0.2500  accuracy 90.00%"))
    }

    @Test func aCheckpointOfNoRunCannotBeResumed() throws {
        var screen = Screen([try write(Self.small)])
        screen.press(.character("R"))
        #expect(screen.asked.isEmpty && screen.text.contains("belongs to no run here"))
    }

    // MARK: - Anything a file may hold

    @Test func anEmptyFolderSaysWhatItLooksFor() {
        #expect(Screen([]).text.contains("no checkpoints in models: .pth, .pt"))
    }

    @Test func namesThatCouldSteerATerminalAreHarmless() throws {
        let name = "a\u{1B}[31m\u{9B}2J\u{202E}.b\nc"
        let entry = try write([NamedTensor(name + ".weight", DenseTensor(shape: [1], [1]))], as: "x\u{1B}]0;t\u{7}.pth")
        var screen = Screen([entry])
        for key: Key in [.enter, .character("j"), .character("j"), .character("j"), .enter] {
            screen.press(key)
            let steering = screen.text.unicodeScalars.filter { scalar in
                scalar.value < 0x20 && scalar != "\n" || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x202E
            }
            #expect(
                steering.isEmpty && screen.text.split(separator: "\n", omittingEmptySubsequences: false).count == 24)
        }
    }

    private static let awkward: [String: [NamedTensor]] = [
        "nothing": [], "one tensor": [NamedTensor("x", DenseTensor(shape: [], [1]))],
        "a layer of 2,000 channels": layer("bn", channels: 2000),
        "200 layers": (0..<200).flatMap { layer("block.\($0).bn", channels: 4) },
        "wide characters": layer("層一.正規化層", channels: 4),
        "very long names": layer(String(repeating: "block.", count: 30) + "bn", channels: 4),
        "empty parts": [
            NamedTensor("..", DenseTensor(shape: [2], [1, 2])), NamedTensor("", DenseTensor(shape: [0], [])),
        ],
    ]

    @Test(arguments: awkward.keys.sorted())
    func anyNetworkIsDrawnAtEverySizeAfterEveryKey(name: String) throws {
        var screen = Screen([try write(Self.awkward[name] ?? [])])
        let keys = Keymap.standard.bindings(in: .checkpoints).filter { $0.group != .program }.flatMap(\.keys)
        for key in [Key.enter] + keys.filter({ if case .character(let digit) = $0 { !digit.isNumber } else { true } }) {
            screen.press(key)
            #expect(screen.frame().size == Size(rows: 24, columns: 80))
            _ = screen.frame(rows: 16, columns: 60)
            _ = screen.frame(rows: 60, columns: 200)
        }
    }

    @Test func theHistogramOfTwoThousandChannelsFits() throws {
        var screen = Screen([try write(Self.layer("bn", channels: 2000))])
        screen.press(.enter, .character("]"))
        #expect(screen.text.contains("bn  2000 channels") && screen.text.contains("a column"))
    }
}

/// The filter over a folder's checkpoints: what is typed shows at once, Enter keeps it, Esc goes back.
@Suite struct CheckpointFilterTests {
    private static func model() -> Model {
        var model = Model(folders: "x", browsing: "x")
        let entries = [10, 20, 30].map { (step: Int) in
            CheckpointEntry(
                path: "x/step-\(step).pth", name: "step-\(step).pth", step: step, bytes: step * 1000, modified: 0,
                loss: 1, accuracy: Double(step) / 40)
        }
        _ = model.update(.checkpoint(.listed(folder: "x", entries)))
        return model
    }

    private static func shown(_ model: Model) -> [Int] {
        var model = model
        let text = model.frame(24, 100).text
        return [10, 20, 30].filter { text.contains("step-\($0).pth") }
    }

    @Test(arguments: [
        ("step>=20", [20, 30]), ("accuracy<0.5", [10]), ("!step-20", [10, 30]), ("/[12]0\\./", [10, 20]),
        ("size>25000", [30]),
        ("nothing", []),
    ])
    func whatPassesIsShown(filter: String, steps: [Int]) {
        var model = Self.model()
        model.type("/" + filter)
        #expect(Self.shown(model) == steps)
        model.press(.enter)
        #expect(Self.shown(model) == steps)
        model.press(.escape)
        #expect(Self.shown(model) == [10, 20, 30] && model.app.view == .checkpoints)
        model.type("/step-1")
        model.press(.escape)
        #expect(Self.shown(model) == [10, 20, 30])
    }
}
