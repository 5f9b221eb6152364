import Testing

@testable import EventLog

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
        try directory.write(HandMade.losses(0..<3))
        #expect(try follower.poll().changed)
        #expect(steps == [0, 1, 2])
        #expect(try follower.poll() == .init(changed: false, caughtUp: true))
        let version = follower.snapshot.version
        try directory.append(HandMade.losses(3..<5))
        #expect(try follower.poll().changed)
        #expect(steps == [0, 1, 2, 3, 4])
        #expect(follower.snapshot.version > version)
    }

    @Test func aRecordWrittenByteByByteAppearsWithItsLastByte() throws {
        try directory.write(HandMade.losses(0..<1))
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
        try directory.write(HandMade.losses(0..<1500))
        _ = try follower.poll()
        let before = follower.snapshot
        try directory.append(HandMade.losses(1500..<4000) + HandMade.losses(10..<20, offset: 0.5))
        _ = try follower.poll()
        #expect(before.scalars["loss"]?.map(\.step) == Array(0..<1500))
        #expect(before.points == 1500)
        #expect(steps == Array(0..<20))
    }

    @Test func filesAreOneLogInTheOrderOfTheirNames() throws {
        try directory.write(HandMade.losses(3..<6), to: secondLog)
        try directory.write(HandMade.losses(0..<3))
        try directory.write([1, 2, 3], to: "notes.txt")
        _ = try follower.poll()
        #expect(steps == Array(0..<6))
        #expect(follower.snapshot.files.map(\.name) == [firstLog, secondLog])
        #expect(follower.snapshot.progress.read == follower.snapshot.progress.total)
    }

    @Test func aFileThatComesLaterIsFound() throws {
        try directory.write(HandMade.losses(0..<3))
        _ = try follower.poll()
        try directory.write(HandMade.losses(3..<6), to: secondLog)
        follower.refresh()
        _ = try follower.poll()
        #expect(steps == Array(0..<6))
    }

    @Test func aFileThatBelongsBeforeOneAlreadyReadIsPutInItsPlace() throws {
        try directory.write(HandMade.losses(3..<6), to: secondLog)
        _ = try follower.poll()
        try directory.write(HandMade.losses(0..<3))
        follower.refresh()
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(0..<6))
    }

    @Test func aStepThatGoesBackDropsWhatCameAfterIt() throws {
        try directory.write(HandMade.losses(0..<10))
        _ = try follower.poll()
        let revision = follower.snapshot.scalars["loss"]?.revision
        try directory.append(HandMade.losses(4..<6, offset: 0.5))
        _ = try follower.poll()
        #expect(steps == [0, 1, 2, 3, 4, 5])
        #expect(follower.snapshot.scalars["loss"]?.last?.value == 5.5)
        #expect(follower.snapshot.scalars["loss"]?.revision != revision)
    }

    @Test func pointsOfOneStepAreAllKept() throws {
        try directory.write(HandMade.losses(0..<1) + HandMade.losses(0..<1) + HandMade.losses(0..<1))
        _ = try follower.poll()
        #expect(steps == [0, 0, 0])
    }

    @Test func aSessionThatStartsDropsWhatIsAfterItInAllTags() throws {
        let start = HandMade.record([0x10, 5] + HandMade.field(7, [0x08, 1]))
        try directory.write(HandMade.losses(0..<10) + HandMade.losses(0..<3, tag: "other") + start)
        _ = try follower.poll()
        #expect(steps == [0, 1, 2, 3, 4])
        #expect(follower.snapshot.scalars["other"]?.count == 3)
    }

    @Test func aFileThatShrinksIsReadAnew() throws {
        try directory.write(HandMade.losses(0..<10))
        _ = try follower.poll()
        try directory.write(HandMade.losses(7..<9))
        while try !follower.poll().caughtUp {}
        #expect(steps == [7, 8])
    }

    @Test func aFileThatIsReplacedByALongerOneIsReadAnew() throws {
        try directory.write(HandMade.losses(0..<3))
        _ = try follower.poll()
        try directory.remove(firstLog)
        try directory.write(HandMade.losses(20..<30))
        follower.refresh()
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(20..<30))
    }

    @Test func aFileThatIsWrittenOverInPlaceIsReadAnew() throws {
        try directory.write(HandMade.losses(0..<3))
        _ = try follower.poll()
        try directory.write(HandMade.losses(20..<30))
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(20..<30))
    }

    @Test func aFileThatIsGoneTakesItsPointsWithIt() throws {
        try directory.write(HandMade.losses(0..<3))
        try directory.write(HandMade.losses(3..<6), to: secondLog)
        _ = try follower.poll()
        try directory.remove(secondLog)
        follower.refresh()
        while try !follower.poll().caughtUp {}
        #expect(steps == [0, 1, 2])
    }

    @Test(arguments: [1, 100, 1000])
    func aBudgetGivesPartsOfTheLogInOrder(_ bytes: Int) throws {
        let small = LogFollower(directory: directory.path, windowCapacity: 200)
        try directory.write(HandMade.losses(0..<100))
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
        try directory.write(HandMade.losses(0..<2) + big + HandMade.losses(2..<4))
        _ = try small.poll()
        #expect(small.snapshot.scalars["loss"]?.map(\.step) == [0, 1, 2, 3])
        #expect(small.snapshot.texts["note"]?.last?.value == text)
    }
}
