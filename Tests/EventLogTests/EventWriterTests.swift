import Testing

@testable import EventLog

/// A disk with room for so many bytes, then full until it is given more.
private final class SmallDisk: AppendedFile {
    var bytes: [UInt8] = []
    var room: Int

    init(room: Int) {
        self.room = room
    }

    func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard room > 0 else { return -28 }
        let taken = min(room, bytes.count)
        self.bytes += bytes.prefix(taken)
        room -= taken
        return taken
    }
}

@Suite struct EventWriterTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    private func snapshot() throws -> LogSnapshot {
        let follower = LogFollower(directory: directory.path)
        _ = try follower.poll()
        #expect(follower.snapshot.problems.isEmpty)
        #expect(follower.snapshot.progress.read == follower.snapshot.progress.total)
        return follower.snapshot
    }

    @Test func aScalarIsFramedAsTensorBoardFramesIt() throws {
        let disk = SmallDisk(room: .max)
        let writer = EventWriter(file: disk, path: "memory")
        writer.scalar("train/loss", step: 300, value: 0.5, wallTime: 1_700_000_000)
        try writer.flush()
        #expect(disk.bytes == HandMade.scalar("train/loss", 300, 0.5))
    }

    @Test func theFileIsNamedAsTensorBoardNamesItAndBeginsWithItsVersion() throws {
        let writer = try EventWriter(directory: directory.path, startedAt: 1_700_000_000.75)
        let names = try directory.names()
        #expect(names.count == 1 && writer.path == directory.path + "/" + names[0])
        #expect(names[0].hasPrefix("events.out.tfevents.1700000000.") && names[0].hasSuffix(".0"))
        let version = HandMade.field(3, Array("brain.Event:2".utf8))
        let source = HandMade.field(10, HandMade.field(1, Array("normscope".utf8)))
        let time = [0x09] + HandMade.little((1_700_000_000.75).bitPattern)
        #expect(try directory.bytes(of: names[0]) == HandMade.record(time + version + source))
        #expect(try snapshot().started == 1_700_000_000.75)
    }

    @Test func aSecondWriterOfTheSameSecondGetsAFileOfItsOwn() throws {
        let first = try EventWriter(directory: directory.path, startedAt: 1_700_000_000)
        let second = try EventWriter(directory: directory.path, startedAt: 1_700_000_000)
        #expect(first.path != second.path)
        #expect(try directory.names().count == 2)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let writer = try EventWriter(directory: directory.path, startedAt: 1_700_000_000)
        let histogram = Histogram(of: [0.5, -1, 3, 3])
        writer.scalar("a", step: -1, value: -0.25, wallTime: 1.5)
        writer.scalar("é/loss", step: .max, value: .nan, wallTime: 2)
        writer.tensor("layer1.1/running_mean", step: 1, values: [1, -2.5, .infinity], wallTime: 3)
        writer.tensor("empty", step: 1, values: [], wallTime: 3)
        writer.histogram("layer1.1.weight", step: 2, histogram, wallTime: 4)
        writer.text("control", step: 3, "pause: \u{1B}[31m\n", wallTime: 5)
        writer.hyperparameters(
            [.init("lr", .number(0.05)), .init("optimizer", .text("SGD")), .init("nesterov", .flag(true))], wallTime: 6)
        writer.sessionEnd(.success, wallTime: 7)
        try writer.flush()

        let found = try snapshot()
        #expect(found.scalars["a"]?.first == ScalarPoint(step: -1, wallTime: 1.5, value: -0.25))
        #expect(found.scalars["é/loss"]?.first?.value.isNaN == true)
        #expect(found.scalars["é/loss"]?.first?.step == .max)
        #expect(found.tensors["layer1.1/running_mean"]?.first?.value == [1, -2.5, .infinity])
        #expect(found.tensors["empty"]?.first?.value == [])
        #expect(found.histograms["layer1.1.weight"]?.first?.value == histogram.compact)
        #expect(found.texts["control"]?.first?.value == "pause: \u{1B}[31m\n")
        #expect(
            found.hyperparameters == [
                .init("lr", .number(0.05)), .init("optimizer", .text("SGD")), .init("nesterov", .flag(true)),
            ])
        #expect(found.sessionEnd == .success)
    }

    @Test func aRunThatGoesOnVoidsWhatTheFileBeforeHoldsFromThereOn() throws {
        let first = try EventWriter(directory: directory.path, startedAt: 1_700_000_000)
        for step in 0..<10 as Range<Int64> {
            first.scalar("loss", step: step, value: 1, wallTime: 0)
            first.tensor("mean", step: step, values: [1], wallTime: 0)
        }
        try first.flush()
        let second = try EventWriter(directory: directory.path, startedAt: 1_700_000_100, restartStep: 6)
        second.scalar("loss", step: 6, value: 2, wallTime: 0)
        try second.flush()
        let found = try snapshot()
        #expect(found.scalars["loss"]?.map(\.value) == [1, 1, 1, 1, 1, 1, 2])
        #expect(found.tensors["mean"]?.count == 6)
    }

    @Test func nothingIsWrittenBeforeAFlush() throws {
        let writer = try EventWriter(directory: directory.path, startedAt: 1_700_000_000)
        writer.scalar("loss", step: 0, value: 1, wallTime: 0)
        #expect(try snapshot().points == 0)
        try writer.flush()
        #expect(try snapshot().points == 1)
        #expect(writer.pendingBytes == 0)
    }

    @Test func aDirectoryThatIsNotThereIsAnErrorThatNamesTheFile() {
        let error = #expect(throws: EventLogError.self) {
            try EventWriter(directory: directory.path + "/nowhere", startedAt: 1_700_000_000)
        }
        #expect(error?.description.contains("/nowhere/events.out.tfevents.1700000000.") == true)
    }

    /// Full after any number of bytes, then given room bit by bit.
    @Test(arguments: 0..<126)
    func aFullDiskIsAnErrorAndTheLogIsWholeOnceThereIsRoom(_ room: Int) throws {
        let wanted = (0..<3 as Range<Int64>).flatMap { HandMade.scalar("loss", $0, 1) }
        let disk = SmallDisk(room: room)
        let writer = EventWriter(file: disk, path: "full/log")
        var failures = 0
        for step in 0..<3 as Range<Int64> {
            writer.scalar("loss", step: step, value: 1, wallTime: 1_700_000_000)
            do { try writer.flush() } catch {
                failures += 1
                #expect(error.description.hasPrefix("full/log: cannot write the event log (No space left on device)"))
            }
            #expect(wanted.starts(with: disk.bytes))
        }
        #expect(failures > 0)
        while disk.bytes.count < wanted.count {
            disk.room = 7
            try? writer.flush()
        }
        #expect(disk.bytes == wanted)
        #expect(writer.dropped == 0)
    }

    @Test func aDiskThatStaysFullCostsABoundedAmountOfMemory() {
        let writer = EventWriter(file: SmallDisk(room: 0), path: "full/log")
        let text = String(repeating: "x", count: 1 << 20)
        for step in 0..<100 as Range<Int64> {
            writer.text("note", step: step, text, wallTime: 0)
        }
        #expect(writer.pendingBytes < EventWriter.pendingLimit + 2 << 20)
        #expect(writer.dropped > 30)
        #expect(throws: EventLogError.self) { try writer.flush() }
    }
}
