import Canvas
import EventLog
import Foundation
import FrameTesting
import Runs
import Testing

@testable import Dashboard

/// Runs that another program trains: what is offered, what is said, what is shown.
@Suite struct ForeignRunTests {
    private static let sizes = [(24, 80), (36, 120)]
    private static let started = WatchedFolder.started

    /// A PyTorch run of two ranks that can do everything but evaluate and keep a pace.
    private static func status(
        _ state: RunStatus.State = .running, can: Set<EngineAbility>? = nil,
        change: (inout RunStatus) -> Void = { _ in }
    ) -> RunStatus {
        var status = RunStatus(
            state: state, engine: EngineProcess(pid: 4242, host: "here"), step: 1234, epoch: 2, stepsPerEpoch: 500,
            updated: started + 60, program: "PyTorch 2.15.0",
            can: can ?? Set(EngineAbility.allCases).subtracting([.evaluate, .setPace]), stepped: started + 59, ranks: 2)
        change(&status)
        return status
    }

    private static func model(
        _ state: RunCatalogue.State = .known(.running), _ status: RunStatus = status(), saved: Bool = true,
        log: LogSnapshot = LogSnapshot()
    ) -> Model {
        var model = Model(folders: "runs")
        let checkpoint = SavedCheckpoint(
            path: "/runs/net/checkpoints/step-00000500.pth", step: 500, epoch: nil,
            bytes: 1_320_731, modified: started)
        let run = RunSnapshot(
            directory: RunDirectory(path: "/runs/net"), state: state, status: status,
            checkpoints: saved ? [checkpoint] : [], log: log)
        _ = model.update(.tick(started + 60))
        _ = model.update(.loaded(Workspace(runs: [], open: run)))
        return model
    }

    private static func log(_ write: (EventWriter) -> Void) throws -> LogSnapshot {
        let folder = try WatchedFolder()
        try folder.add("run", write)
        let follower = LogFollower(directory: folder.path + "/run")
        _ = try follower.poll()
        return follower.snapshot
    }

    // MARK: What is offered

    @Test func theFooterOffersWhatTheEngineCanDo() {
        let model = Self.model()
        let footer = model.footer(columns: 200)
        #expect(footer.contains("p pause") && footer.contains("c checkpoint") && footer.contains("L lr"))
        #expect(!footer.contains("e evaluate") && !footer.contains("< slower"))
        let silenced = Self.model(.known(.running), Self.status(can: []))
        #expect(!silenced.footer(columns: 200).contains("p pause"))
    }

    @Test func aKeyForWhatItCannotDoSaysWhy() {
        var model = Self.model()
        #expect(model.type("e").isEmpty)
        #expect(
            model.frame(24, 80).text.contains("✗ evaluate: this PyTorch run can't; pass evaluate= to normscope.attach"))
        #expect(model.type(">").isEmpty)
        #expect(model.frame(24, 120).text.contains("✗ set pace: this PyTorch run can't; it goes as fast as its script"))
        #expect(model.enter("pace 5").isEmpty)
        #expect(model.type("c") == [.command(.checkpoint, run: "/runs/net")])
        #expect(model.enter("momentum 0.05") == [.command(.set(.momentum(0.05, layer: nil)), run: "/runs/net")])
        #expect(
            model.enter("set momentum.layer1.1=None")
                == [.command(.set(.momentum(nil, layer: "layer1.1")), run: "/runs/net")])
    }

    @Test func theHelpMarksWhatThisRunCannotDo() {
        var model = Self.model()
        model.type("?")
        let text = model.frame(60, 120).text
        #expect(text.contains("not in this run: run the validation images now"))
        #expect(text.contains("not in this run: halve the pace") && text.contains("write a checkpoint now"))
        #expect(!text.contains("not in this run: write a checkpoint"))
    }

    @Test func aRunThatCannotBeStoppedIsLeftOnly() {
        var model = Self.model(.known(.running), Self.status(can: [.pause]))
        model.type("q")
        #expect(!model.frame(24, 80).text.contains("stop and save"))
        #expect(model.type("s").isEmpty)
        #expect(model.type("d") == [.quit])
    }

    @Test func anAnswerThatIsAFailureLooksLikeOne() {
        var model = Self.model()
        _ = model.update(.commanded(id: "a", request: "checkpoint", run: "/runs/net"))
        let failed = Self.status {
            ($0.lastCommand, $0.lastAnswer, $0.lastCommandFailed) = ("a", "the disk is full", true)
        }
        let run = RunSnapshot(directory: RunDirectory(path: "/runs/net"), state: .known(.running), status: failed)
        _ = model.update(.loaded(Workspace(runs: [], open: run)))
        let text = model.frame(24, 80).text
        #expect(text.contains("✗ the disk is full") && !text.contains("✓"))
    }

    // MARK: What is said when it is gone

    @Test(arguments: [RunCatalogue.State.lost, .known(.stopped), .known(.failed), .known(.finished)])
    func nobodyHereGoesOnWithIt(state: RunCatalogue.State) {
        var model = Self.model(state)
        #expect(model.app.run?.canBeResumed == false)
        #expect(!model.footer(columns: 200).contains("resume from"))
        for ask in [{ (model: inout Model) in model.type("p") }, { $0.enter("resume") }] {
            #expect(ask(&model).isEmpty)
            let text = model.frame(24, 200).text
            #expect(text.contains("this run was trained by PyTorch 2.15.0: start its script again; normscope.attach(…"))
        }
    }

    @Test func theHeaderSaysThatThePyTorchProcessIsGoneAndPromisesNoResume() {
        var model = Self.model(.lost)
        let text = model.frame(24, 100).text
        #expect(text.contains("PyTorch process gone (pid 4242): its script goes on from step 500 with resume=\"auto\""))
        #expect(!text.contains(":resume goes on"))
        var young = Self.model(.lost, saved: false)
        let said = young.frame(24, 100).text
        #expect(said.contains("PyTorch process gone (pid 4242)") && !said.contains("goes on from"))
    }

    @Test func itsCheckpointsAreLookedAtButNeitherResumedNorEvaluatedHere() {
        var model = Self.model(.known(.stopped), Self.status(.stopped))
        model.type("5")
        let footer = model.footer(columns: 200)
        #expect(!footer.contains("R resume") && !footer.contains("e evaluate") && footer.contains("C convert"))
        #expect(model.type("R").isEmpty)
        #expect(model.frame(24, 200).text.contains("this run was trained by PyTorch 2.15.0"))
        #expect(model.type("e").isEmpty)
        #expect(model.frame(24, 200).text.contains("only its PyTorch script knows the network and the images"))
    }

    // MARK: Silence and stillness

    @Test func aSilentEngineIsSaidWithSinceWhenAndStillHears() {
        var model = Self.model(.silent(.running, since: Self.started + 9, host: nil))
        let text = model.frame(24, 80).text
        // 1,700,000,009 seconds since 1970 are 22:13:29 in UTC.
        #expect(text.contains("! silent since 22:13:29") && !text.contains("running"))
        #expect(model.app.run?.state.style == Style(.warning, .bold))
        #expect(model.type("p") == [.command(.pause, run: "/runs/net")])
        var old = Self.model(.silent(.paused, since: Self.started - 200_000, host: "far"))
        #expect(old.frame(24, 80).text.contains("silent for 2d 07h on far"))
        #expect(old.type("p") == [.command(.resume, run: "/runs/net")])
    }

    @Test func aProcessThatLivesWithoutAStepSaysForHowLong() {
        var model = Self.model(.known(.running), Self.status { $0.stepped = Self.started + 18 })
        #expect(model.frame(24, 80).text.contains("▶ running   no step for 42s"))
        var steady = Self.model()
        #expect(!steady.frame(24, 80).text.contains("no step"))
        var paused = Self.model(.known(.paused), Self.status(.paused) { $0.stepped = Self.started })
        #expect(!paused.frame(24, 80).text.contains("no step"))
    }

    // MARK: Facts

    @Test func epochsAndStepsWithoutATotalAreSaidPlainly() throws {
        let log = try Self.log { writer in
            writer.scalar("throughput/steps_per_second", step: 1234, value: 20, wallTime: Self.started)
            writer.scalar("lr", step: 1234, value: 0.01, wallTime: Self.started)
        }
        var model = Self.model(log: log)
        let header = model.frame(24, 80).text.split(separator: "\n").prefix(2).joined(separator: "\n")
        #expect(header.hasPrefix("net ▶ running   epoch 3   step 1234   lr 0.0100   steps/s 20"))
        #expect(header.contains("2 ranks") && header.contains("47% of epoch 3"))
        #expect(!header.contains("pace") && !header.contains("/0"))
        var unknown = Self.model(.known(.running), Self.status { ($0.epoch, $0.stepsPerEpoch) = (0, 0) })
        let text = unknown.frame(24, 80).text
        #expect(text.contains("step 1234") && !text.contains("epoch") && text.contains("PyTorch 2.15.0, pid 4242"))
    }

    // MARK: The machine

    private static func machine(gpus: Int, writer: EventWriter) {
        var values: [(String, Float)] = [
            ("cpu_percent", 63), ("process_cpu_percent", 153.4), ("memory_percent", 41),
            ("process_memory_mib", 1234.5),
        ]
        for gpu in 0..<gpus {
            values += [
                ("gpu.\(gpu).utilization_percent", 87), ("gpu.\(gpu).memory_percent", 40),
                ("gpu.\(gpu).temperature_celsius", 71), ("gpu.\(gpu).power_watts", 240),
            ]
        }
        writer.scalar("train/loss", step: 1, value: 1, wallTime: started)
        for (name, value) in values { writer.scalar("system/" + name, step: 1, value: value, wallTime: started) }
    }

    @Test(arguments: [0, 1, 8], sizes)
    func theMachineHasItsPlaceInTheOverview(gpus: Int, size: (Int, Int)) throws {
        var model = Self.model(log: try Self.log { Self.machine(gpus: gpus, writer: $0) })
        let frame = model.frame(size.0, size.1)
        #expect(FrameFile().mismatch(of: frame, named: "overview-machine-\(gpus)-gpus-\(size.1)x\(size.0)") == nil)
        model.type("2")
        #expect(model.frame(size.0, size.1).text.contains("system"))
    }

    @Test(arguments: ["train/grad_norm", "train/grad_norm/netD"], [true, false])
    func theGradientsNormStandsWhereNoAccuracyIsLogged(tag: String, hasAccuracy: Bool) throws {
        var model = Self.model(
            log: try Self.log { writer in
                writer.scalar("train/loss", step: 1, value: 1, wallTime: Self.started)
                writer.scalar(tag, step: 1, value: 2.5, wallTime: Self.started)
                if hasAccuracy { writer.scalar("val/accuracy", step: 1, value: 0.5, wallTime: Self.started) }
            })
        let screen = model.frame(36, 120).text
        // Beside the loss, or among the other scalars below it.
        let heading = screen.split(separator: "\n").first { $0.contains("loss") } ?? ""
        #expect(heading.contains(tag) != hasAccuracy)
        #expect(screen.contains("accuracy") == hasAccuracy)
    }

    @Test func theRateInForceIsTheOneThatWasSetAndNotItsNearest32BitFloat() throws {
        let model = Self.model(
            log: try Self.log { $0.scalar("lr", step: 1, value: 0.0002, wallTime: Self.started) })
        #expect(model.app.run?.learningRate == 0.0002)
    }

    @Test func aLogThatKnowsNothingOfTheMachineShowsNothing() throws {
        var model = Self.model(log: try Self.log { $0.scalar("train/loss", step: 1, value: 1, wallTime: Self.started) })
        #expect(!model.frame(36, 120).text.contains("cpu"))
    }

    // MARK: Ranks

    /// Two layers in three ranks: in the second one each rank has statistics of its own.
    private static func logRanks(to writer: EventWriter, synchronized: Bool = false) {
        for step in 1...Int64(12) {
            for (number, layer) in ["bn1", "bn2"].enumerated() {
                let apart = number == 1 && !synchronized ? 1.0 : 0
                func row(_ rank: Int, _ quantity: LoggedLayer.Quantity) -> [Float] {
                    (0..<20).map { channel in
                        let c = Double(channel), shift = apart * sin(c * Double(rank) * 1.3)
                        let wobble = 0.05 * sin(Double(step) * 2 + c + 5 * (synchronized ? 0 : Double(rank)))
                        switch quantity {
                        case .runningMean: return Float(sin(c * 0.7) + 0.9 * shift + wobble / 10)
                        case .batchMean: return Float(sin(c * 0.7) + 0.9 * shift + wobble)
                        case .runningVariance: return Float(exp(0.4 * shift))
                        default: return Float(exp(0.4 * shift + wobble))
                        }
                    }
                }
                for quantity in LoggedLayer.Quantity.allCases where quantity != .weight && quantity != .bias {
                    let (tag, time) = ("batchnorm/\(layer)/", started + Double(step))
                    writer.tensor(tag + quantity.rawValue, step: step, values: row(0, quantity), wallTime: time)
                    writer.matrix(
                        tag + "ranks_" + quantity.rawValue, step: step, rows: (0..<3).map { row($0, quantity) },
                        wallTime: time)
                }
            }
        }
    }

    @Test(arguments: ["list", "mean", "variance"], sizes)
    func theRanksHaveAColumnAndAPicture(face: String, size: (Int, Int)) throws {
        var model = Self.model(log: try Self.log { Self.logRanks(to: $0) })
        model.type("3j")
        if face != "list" { model.press(.tab) }
        if face == "variance" { model.press(.tab) }
        if face != "list" { model.press(.enter) }
        let frame = model.frame(size.0, size.1)
        #expect(FrameFile().mismatch(of: frame, named: "batchnorm-ranks-\(face)-\(size.1)x\(size.0)") == nil)
        #expect(frame.text.contains("3 ranks disagree") && frame.text.contains("ranks"))
        model.type("v")
        if face != "list" { #expect(model.frame(36, 120).text.contains("over time")) }
    }

    @Test func ranksThatAgreeShowAsMuchAndOneRankHasNoColumn() throws {
        var model = Self.model(log: try Self.log { Self.logRanks(to: $0, synchronized: true) })
        model.type("3j")
        let text = model.frame(36, 120).text
        #expect(text.contains("0.00σ") && !text.contains("disagree"))
        var alone = try LayerLogs.folder("young").model()
        alone.type("3")
        #expect(!alone.frame(36, 120).text.contains("ranks"))
    }

    @Test func everySizeOfTheRanksCanBeDrawn() throws {
        var model = Self.model(log: try Self.log { Self.logRanks(to: $0) })
        model.type("3j")
        model.press(.tab, .enter)
        for rows in stride(from: 16, through: 60, by: 3) {
            for columns in stride(from: 60, through: 200, by: 13) {
                for glyphs in [GlyphSet.braille, .ascii] { _ = model.frame(rows, columns, glyphs: glyphs) }
            }
        }
        #expect(model.frame(24, 80, glyphs: .ascii).text.allSatisfy { $0.isASCII })
    }

    @Test func singleNumbersOfALayerAreNoDistributions() throws {
        var model = Self.model(
            log: try Self.log { writer in
                Self.logRanks(to: writer)
                writer.tensor("batchnorm/bn1/batch_var_correction", step: 1, values: [1], wallTime: Self.started)
            })
        model.type("4")
        let text = model.frame(36, 120).text
        #expect(text.contains("running_mean") && !text.contains("correction") && !text.contains("ranks_"))
    }
}
