import Testing

@testable import EventLog

/// Records of one tag, steps 0, 1, 2, …, with values that say which step they are.
private func records(_ steps: Range<Int64>, tag: String = "loss", offset: Float = 0) -> [UInt8] {
    steps.flatMap { HandMade.scalar(tag, $0, Float($0) + offset) }
}

@Suite struct FollowerTests {
    private let directory: ScratchDirectory
    private let follower: LogFollower

    init() throws {
        directory = try ScratchDirectory()
        follower = LogFollower(directory: directory.path)
    }

    private var steps: [Int64] { follower.snapshot.scalars["loss"]?.map(\.step) ?? [] }

    @Test func aDirectoryWithoutAFileIsAnEmptyLog() throws {
        #expect(try follower.poll() == .init(changed: false, caughtUp: true))
        #expect(follower.snapshot.points == 0)
    }

    @Test func aMissingDirectoryIsAnErrorThatNamesIt() throws {
        let missing = LogFollower(directory: directory.path + "/nowhere")
        let error = #expect(throws: EventLogError.self) { try missing.poll() }
        #expect(error?.description.contains("/nowhere: cannot list this log directory") == true)
    }

    @Test func whatIsAddedIsReadOnceAndNothingElseAgain() throws {
        try directory.write(records(0..<3))
        #expect(try follower.poll().changed)
        #expect(steps == [0, 1, 2])
        #expect(try follower.poll() == .init(changed: false, caughtUp: true))
        let version = follower.snapshot.version
        try directory.append(records(3..<5))
        #expect(try follower.poll().changed)
        #expect(steps == [0, 1, 2, 3, 4])
        #expect(follower.snapshot.version > version)
    }

    @Test func aRecordWrittenByteByByteAppearsWithItsLastByte() throws {
        try directory.write(records(0..<1))
        _ = try follower.poll()
        let record = HandMade.scalar("loss", 1, 2.5)
        for byte in record.dropLast() {
            try directory.append([byte])
            _ = try follower.poll()
            #expect(steps == [0])
        }
        try directory.append(record.suffix(1))
        _ = try follower.poll()
        #expect(steps == [0, 1])
        #expect(follower.snapshot.problems.isEmpty)
    }

    @Test func aSnapshotStaysAsItWas() throws {
        try directory.write(records(0..<1500))
        _ = try follower.poll()
        let before = follower.snapshot
        try directory.append(records(1500..<4000) + records(10..<20, offset: 0.5))
        _ = try follower.poll()
        #expect(before.scalars["loss"]?.map(\.step) == Array(0..<1500))
        #expect(before.points == 1500)
        #expect(steps == Array(0..<20))
    }

    @Test func filesAreOneLogInTheOrderOfTheirNames() throws {
        try directory.write(records(3..<6), to: secondLog)
        try directory.write(records(0..<3))
        try directory.write([1, 2, 3], to: "notes.txt")
        _ = try follower.poll()
        #expect(steps == Array(0..<6))
        #expect(follower.snapshot.files.map(\.name) == [firstLog, secondLog])
        #expect(follower.snapshot.progress.read == follower.snapshot.progress.total)
    }

    @Test func aFileThatComesLaterIsFound() throws {
        try directory.write(records(0..<3))
        _ = try follower.poll()
        try directory.write(records(3..<6), to: secondLog)
        follower.refresh()
        _ = try follower.poll()
        #expect(steps == Array(0..<6))
    }

    @Test func aFileThatBelongsBeforeOneAlreadyReadIsPutInItsPlace() throws {
        try directory.write(records(3..<6), to: secondLog)
        _ = try follower.poll()
        try directory.write(records(0..<3))
        follower.refresh()
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(0..<6))
    }

    @Test func aStepThatGoesBackDropsWhatCameAfterIt() throws {
        try directory.write(records(0..<10))
        _ = try follower.poll()
        let revision = follower.snapshot.scalars["loss"]?.revision
        try directory.append(records(4..<6, offset: 0.5))
        _ = try follower.poll()
        #expect(steps == [0, 1, 2, 3, 4, 5])
        #expect(follower.snapshot.scalars["loss"]?.last?.value == 5.5)
        #expect(follower.snapshot.scalars["loss"]?.revision != revision)
    }

    @Test func pointsOfOneStepAreAllKept() throws {
        try directory.write(records(0..<1) + records(0..<1) + records(0..<1))
        _ = try follower.poll()
        #expect(steps == [0, 0, 0])
    }

    @Test func aSessionThatStartsDropsWhatIsAfterItInAllTags() throws {
        let start = HandMade.record([0x10, 5] + HandMade.field(7, [0x08, 1]))
        try directory.write(records(0..<10) + records(0..<3, tag: "other") + start)
        _ = try follower.poll()
        #expect(steps == [0, 1, 2, 3, 4])
        #expect(follower.snapshot.scalars["other"]?.count == 3)
    }

    @Test func aFileThatShrinksIsReadAnew() throws {
        try directory.write(records(0..<10))
        _ = try follower.poll()
        try directory.write(records(7..<9))
        while try !follower.poll().caughtUp {}
        #expect(steps == [7, 8])
    }

    @Test func aFileThatIsReplacedByALongerOneIsReadAnew() throws {
        try directory.write(records(0..<3))
        _ = try follower.poll()
        try directory.remove(firstLog)
        try directory.write(records(20..<30))
        follower.refresh()
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(20..<30))
    }

    @Test func aFileThatIsWrittenOverInPlaceIsReadAnew() throws {
        try directory.write(records(0..<3))
        _ = try follower.poll()
        try directory.write(records(20..<30))
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(20..<30))
    }

    @Test func aFileThatIsGoneTakesItsPointsWithIt() throws {
        try directory.write(records(0..<3))
        try directory.write(records(3..<6), to: secondLog)
        _ = try follower.poll()
        try directory.remove(secondLog)
        follower.refresh()
        while try !follower.poll().caughtUp {}
        #expect(steps == [0, 1, 2])
    }

    @Test(arguments: [1, 100, 1000])
    func aBudgetGivesPartsOfTheLogInOrder(_ bytes: Int) throws {
        let small = LogFollower(directory: directory.path, windowCapacity: 200)
        try directory.write(records(0..<100))
        var counts = [0]
        while try !small.poll(.bytes(bytes)).caughtUp {
            counts.append(small.snapshot.points)
            #expect(small.snapshot.scalars["loss"]?.map(\.step) ?? [] == Array(0..<Int64(small.snapshot.points)))
        }
        #expect(counts == counts.sorted() && counts.count > 2)
        #expect(small.snapshot.points == 100)
    }

    @Test(arguments: [16, 17, 50, 64, 1000])
    func recordsLargerThanTheWindowAreReadWhole(_ capacity: Int) throws {
        let small = LogFollower(directory: directory.path, windowCapacity: capacity)
        let text = String(repeating: "long ", count: 400)
        let tensor = [0x08, 7] + HandMade.field(8, Array(text.utf8))
        let big = HandMade.record(HandMade.event(1, summary: [HandMade.value("note", HandMade.field(8, tensor))]))
        try directory.write(records(0..<2) + big + records(2..<4))
        _ = try small.poll()
        #expect(small.snapshot.scalars["loss"]?.map(\.step) == [0, 1, 2, 3])
        #expect(small.snapshot.texts["note"]?.last?.value == text)
    }
}

@Suite struct DamagedLogTests {
    private let directory: ScratchDirectory
    private let follower: LogFollower

    init() throws {
        directory = try ScratchDirectory()
        follower = LogFollower(directory: directory.path)
    }

    private var steps: [Int64] { follower.snapshot.scalars["loss"]?.map(\.step) ?? [] }

    /// Ten records of equal length; that of step n begins at n times `size`.
    private func damaged(_ change: (inout [UInt8], _ size: Int) -> Void) throws {
        var bytes = records(0..<10)
        let size = bytes.count / 10
        change(&bytes, size)
        try directory.write(bytes)
        _ = try follower.poll()
    }

    @Test func aDamagedRecordIsSkippedAndReportedWithItsOffset() throws {
        try damaged { bytes, size in bytes[4 * size + 20] ^= 1 }
        #expect(steps == [0, 1, 2, 3, 5, 6, 7, 8, 9])
        let size = records(0..<1).count
        #expect(
            follower.snapshot.problems == [
                LogProblem(file: firstLog, offset: 4 * size, kind: .damagedRecord(bytes: size - 16))
            ])
        #expect(follower.snapshot.problems[0].description.contains("at byte \(4 * size): a record of"))
    }

    @Test func aDamagedLengthLosesOneRecordAndTheNextIsFound() throws {
        try damaged { bytes, size in bytes[4 * size] ^= 0x40 }
        #expect(steps == [0, 1, 2, 3, 5, 6, 7, 8, 9])
        let size = records(0..<1).count
        #expect(
            follower.snapshot.problems == [
                LogProblem(file: firstLog, offset: 4 * size, kind: .lostFraming(bytes: size))
            ])
    }

    @Test func bytesThatAreMissingInTheMiddleLoseWhatTheyBelongedTo() throws {
        try damaged { bytes, size in bytes.removeSubrange(4 * size + 5..<6 * size + 3) }
        #expect(steps == [0, 1, 2, 3, 7, 8, 9])
        #expect(follower.snapshot.problemCount == 1)
    }

    @Test func aDamagedLastRecordIsReportedButTakenOnceItIsWhole() throws {
        var bytes = records(0..<10)
        let good = bytes
        bytes[bytes.count - 10] ^= 1
        try directory.write(bytes)
        _ = try follower.poll()
        #expect(steps == Array(0..<9))
        #expect(follower.snapshot.problemCount == 1)
        try directory.append(Array(records(10..<11)))
        _ = try follower.poll()
        #expect(steps == Array(0..<9) + [10])
        #expect(follower.snapshot.problemCount == 1)
        try directory.write(good)
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(0..<10))
        #expect(follower.snapshot.problems.isEmpty)
    }

    @Test func zerosAtTheEndAreWaitedOutAndReplacedByWhatComes() throws {
        let bytes = records(0..<10)
        let size = bytes.count / 10
        try directory.write(bytes[..<(8 * size)] + [UInt8](repeating: 0, count: 2 * size))
        _ = try follower.poll()
        #expect(steps == Array(0..<8))
        #expect(follower.snapshot.problems.map(\.kind) == [.unreadableEnd])
        try directory.write(bytes + records(10..<11))
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(0..<11))
        #expect(follower.snapshot.problems.isEmpty)
    }

    @Test func garbageIsPassedOverWhateverTheWindow() throws {
        var numbers = SeededNumbers(seed: 5)
        let garbage = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        try directory.write(records(0..<2) + garbage + records(2..<4))
        for capacity in [64, 333, 1 << 19] {
            let follower = LogFollower(directory: directory.path, windowCapacity: capacity)
            _ = try follower.poll()
            #expect(follower.snapshot.scalars["loss"]?.map(\.step) == [0, 1, 2, 3])
            #expect(follower.snapshot.problems.map(\.kind) == [.lostFraming(bytes: 5000)])
        }
    }

    @Test func aRecordThatClaimsGigabytesIsWaitedForWithoutMemory() throws {
        let header = HandMade.little(UInt64(1) << 39)
        try directory.write(records(0..<2) + header + HandMade.little(HandMade.masked(header)) + [1, 2, 3])
        _ = try follower.poll()
        #expect(steps == [0, 1])
        #expect(follower.snapshot.problems.isEmpty)
    }

    @Test func aLengthBeyondReasonIsDamageEvenWithAGoodChecksum() throws {
        let header = HandMade.little(UInt64.max)
        let lie = header + HandMade.little(HandMade.masked(header))
        try directory.write(records(0..<2) + lie + records(2..<4))
        _ = try follower.poll()
        #expect(steps == [0, 1, 2, 3])
        #expect(follower.snapshot.problems.map(\.kind) == [.lostFraming(bytes: 12)])
    }

    @Test func aRecordThatIsNoEventIsReportedAndTheRestIsRead() throws {
        try directory.write(records(0..<2) + HandMade.record([0xFF, 0xFF, 0xFF]) + records(2..<4))
        _ = try follower.poll()
        #expect(steps == [0, 1, 2, 3])
        #expect(follower.snapshot.problems.map(\.kind) == [.malformedEvent])
    }

    @Test func aTagOfMegabytesIsSkippedAndReported() throws {
        let tag = String(repeating: "x", count: 3_000_000)
        try directory.write(records(0..<1) + HandMade.scalar(tag, 0, 1) + records(1..<2))
        _ = try follower.poll()
        #expect(steps == [0, 1])
        #expect(follower.snapshot.scalars.tags == ["loss"])
        #expect(follower.snapshot.problems.map(\.kind) == [.longTag(bytes: 3_000_000)])
    }

    @Test func aFileThatCannotBeReadIsReportedOnceAndTheOthersAreRead() throws {
        try directory.write(records(3..<6), to: secondLog)
        try directory.makeDirectory(firstLog)
        #expect(try follower.poll() == .init(changed: true, caughtUp: true))
        #expect(try follower.poll() == .init(changed: false, caughtUp: true))
        #expect(steps == [3, 4, 5])
        #expect(follower.snapshot.problems.map(\.kind) == [.unreadableFile(reason: "not a regular file")])
    }

    @Test func theListOfProblemsIsBoundedAndTheirNumberIsNot() throws {
        let bad = HandMade.record([0xFF])
        try directory.write((0..<250).flatMap { _ in bad })
        _ = try follower.poll()
        #expect(follower.snapshot.problems.count == 100)
        #expect(follower.snapshot.problemCount == 250)
    }
}
