import Testing

@testable import EventLog

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
        var bytes = HandMade.losses(0..<10)
        let size = bytes.count / 10
        change(&bytes, size)
        try directory.write(bytes)
        _ = try follower.poll()
    }

    @Test func aDamagedRecordIsSkippedAndReportedWithItsOffset() throws {
        try damaged { bytes, size in bytes[4 * size + 20] ^= 1 }
        #expect(steps == [0, 1, 2, 3, 5, 6, 7, 8, 9])
        let size = HandMade.losses(0..<1).count
        #expect(
            follower.snapshot.problems == [
                LogProblem(file: firstLog, offset: 4 * size, kind: .damagedRecord(bytes: size - 16))
            ])
        #expect(follower.snapshot.problems[0].description.contains("at byte \(4 * size): a record of"))
    }

    @Test func aDamagedLengthLosesOneRecordAndTheNextIsFound() throws {
        try damaged { bytes, size in bytes[4 * size] ^= 0x40 }
        #expect(steps == [0, 1, 2, 3, 5, 6, 7, 8, 9])
        let size = HandMade.losses(0..<1).count
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
        var bytes = HandMade.losses(0..<10)
        let good = bytes
        bytes[bytes.count - 10] ^= 1
        try directory.write(bytes)
        _ = try follower.poll()
        #expect(steps == Array(0..<9))
        #expect(follower.snapshot.problemCount == 1)
        try directory.append(Array(HandMade.losses(10..<11)))
        _ = try follower.poll()
        #expect(steps == Array(0..<9) + [10])
        #expect(follower.snapshot.problemCount == 1)
        try directory.write(good)
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(0..<10))
        #expect(follower.snapshot.problems.isEmpty)
    }

    @Test func zerosAtTheEndAreWaitedOutAndReplacedByWhatComes() throws {
        let bytes = HandMade.losses(0..<10)
        let size = bytes.count / 10
        try directory.write(bytes[..<(8 * size)] + [UInt8](repeating: 0, count: 2 * size))
        _ = try follower.poll()
        #expect(steps == Array(0..<8))
        #expect(follower.snapshot.problems.map(\.kind) == [.unreadableEnd])
        try directory.write(bytes + HandMade.losses(10..<11))
        while try !follower.poll().caughtUp {}
        #expect(steps == Array(0..<11))
        #expect(follower.snapshot.problems.isEmpty)
    }

    @Test func garbageIsPassedOverWhateverTheWindow() throws {
        var numbers = SeededNumbers(seed: 5)
        let garbage = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        try directory.write(HandMade.losses(0..<2) + garbage + HandMade.losses(2..<4))
        for capacity in [64, 333, 1 << 19] {
            let follower = LogFollower(directory: directory.path, windowCapacity: capacity)
            _ = try follower.poll()
            #expect(follower.snapshot.scalars["loss"]?.map(\.step) == [0, 1, 2, 3])
            #expect(follower.snapshot.problems.map(\.kind) == [.lostFraming(bytes: 5000)])
        }
    }

    @Test func aRecordThatClaimsGigabytesIsWaitedForWithoutMemory() throws {
        let header = HandMade.little(UInt64(1) << 39)
        try directory.write(HandMade.losses(0..<2) + header + HandMade.little(HandMade.masked(header)) + [1, 2, 3])
        _ = try follower.poll()
        #expect(steps == [0, 1])
        #expect(follower.snapshot.problems.isEmpty)
    }

    @Test func aLengthBeyondReasonIsDamageEvenWithAGoodChecksum() throws {
        let header = HandMade.little(UInt64.max)
        let lie = header + HandMade.little(HandMade.masked(header))
        try directory.write(HandMade.losses(0..<2) + lie + HandMade.losses(2..<4))
        _ = try follower.poll()
        #expect(steps == [0, 1, 2, 3])
        #expect(follower.snapshot.problems.map(\.kind) == [.lostFraming(bytes: 12)])
    }

    @Test func aRecordThatIsNoEventIsReportedAndTheRestIsRead() throws {
        try directory.write(HandMade.losses(0..<2) + HandMade.record([0xFF, 0xFF, 0xFF]) + HandMade.losses(2..<4))
        _ = try follower.poll()
        #expect(steps == [0, 1, 2, 3])
        #expect(follower.snapshot.problems.map(\.kind) == [.malformedEvent])
    }

    @Test func aTagOfMegabytesIsSkippedAndReported() throws {
        let tag = String(repeating: "x", count: 3_000_000)
        try directory.write(HandMade.losses(0..<1) + HandMade.scalar(tag, 0, 1) + HandMade.losses(1..<2))
        _ = try follower.poll()
        #expect(steps == [0, 1])
        #expect(follower.snapshot.scalars.tags == ["loss"])
        #expect(follower.snapshot.problems.map(\.kind) == [.longTag(bytes: 3_000_000)])
    }

    @Test func aFileThatCannotBeReadIsReportedOnceAndTheOthersAreRead() throws {
        try directory.write(HandMade.losses(3..<6), to: secondLog)
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
