import Testing

@testable import EventLog

@Suite struct HostileBytesTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    /// A log with one of everything.
    private static func smallLog() -> [UInt8] {
        let histogram = HandMade.field(
            5,
            [0x09] + HandMade.little((-1.0).bitPattern) + HandMade.field(6, HandMade.little((2.0).bitPattern))
                + HandMade.field(7, HandMade.little((3.0).bitPattern)))
        let shape = HandMade.field(2, HandMade.field(2, [0x08, 2]))
        let tensor = HandMade.field(8, [0x08, 1] + shape + HandMade.field(4, [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]))
        let text = HandMade.field(8, [0x08, 7] + HandMade.field(8, Array("hello".utf8)))
        return HandMade.record(
            [0x09] + HandMade.little((1.7e9).bitPattern) + HandMade.field(3, Array("brain.Event:2".utf8)))
            + HandMade.scalar("loss", 1, 0.5)
            + HandMade.record(HandMade.event(1, summary: [HandMade.value("weight", histogram)]))
            + HandMade.record(
                HandMade.event(2, summary: [HandMade.value("mean", tensor), HandMade.value("note", text)]))
            + HandMade.scalar("loss", 2, 0.25)
    }

    private func read(_ bytes: [UInt8]) throws -> LogSnapshot {
        try directory.write(bytes)
        let follower = LogFollower(directory: directory.path, windowCapacity: 128)
        let outcome = try follower.poll()
        #expect(outcome.caughtUp)
        return follower.snapshot
    }

    @Test func theSmallLogItselfIsGood() throws {
        let snapshot = try read(Self.smallLog())
        #expect(snapshot.points == 5 && snapshot.problems.isEmpty)
        #expect(snapshot.tensors["mean"]?.last?.value == [1, 2])
        #expect(snapshot.histograms["weight"]?.last?.value.limits == [2])
        #expect(snapshot.texts["note"]?.last?.value == "hello")
    }

    @Test func cutAnywhereItGivesItsCompleteRecordsAndNoProblem() throws {
        let bytes = Self.smallLog()
        var points = 0
        for length in 0...bytes.count {
            let snapshot = try read(Array(bytes[..<length]))
            #expect(snapshot.problems.isEmpty)
            #expect(snapshot.points >= points)
            points = snapshot.points
        }
        #expect(points == 5)
    }

    /// Whatever the damage: no trap, no hang, and never more than the file can hold.
    @Test(arguments: 0..<8)
    func changedBytesNeverDoHarm(_ seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let good = Self.smallLog()
        for _ in 0..<500 {
            var bytes = good
            for _ in 0...Int.random(in: 0..<4, using: &numbers) {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            #expect(try read(bytes).points <= 5)
        }
    }

    /// Damage behind good checksums, where nothing but the decoder stands in its way.
    @Test(arguments: 0..<8)
    func changedMessagesNeverDoHarm(_ seed: Int) throws {
        var numbers = SeededNumbers(seed: 100 + UInt64(seed))
        let messages = try ["torch", "tensorflow2", "torch-hparams"].flatMap { log in
            split(try fixtureBytes(log)).prefix(60).filter { $0.count < 2000 }
        }
        for _ in 0..<40 {
            let changed = (0..<50).map { _ in mutated(messages.randomElement(using: &numbers) ?? [], &numbers) }
            let bytes = changed.flatMap(HandMade.record)
            let snapshot = try read(bytes)
            #expect(held(by: snapshot) <= 2 * bytes.count + 100_000)
        }
    }

    private func split(_ log: [UInt8]) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var start = 0
        while start < log.count {
            let length = (0..<4).reduce(0) { $0 | Int(log[start + $1]) << (8 * $1) }
            messages.append(Array(log[start + 12..<start + 12 + length]))
            start += 16 + length
        }
        return messages
    }

    private func mutated(_ message: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
        guard !message.isEmpty else { return [] }
        var bytes = message
        for _ in 0...Int.random(in: 0..<6, using: &numbers) {
            let place = Int.random(in: 0..<bytes.count, using: &numbers)
            switch Int.random(in: 0..<4, using: &numbers) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
            case 1: bytes[place] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &numbers) ?? 0
            case 2: bytes.insert(contentsOf: [UInt8](repeating: 0xFF, count: 10), at: place)
            default: bytes.removeSubrange(place..<min(place + 3, bytes.count))
            }
            if bytes.isEmpty { bytes = [0] }
        }
        return bytes
    }

    /// The bytes of all values in a snapshot.
    private func held(by snapshot: LogSnapshot) -> Int {
        snapshot.scalars.reduce(0) { $0 + $1.series.count * 24 }
            + snapshot.tensors.reduce(0) { $0 + $1.series.reduce(0) { $0 + $1.value.count * 4 } }
            + snapshot.histograms.reduce(0) { $0 + $1.series.reduce(0) { $0 + $1.value.counts.count * 16 } }
            + snapshot.texts.reduce(0) { $0 + $1.series.reduce(0) { $0 + $1.value.utf8.count } }
    }
}

@Suite struct HostileMessageTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    private func read(_ records: [[UInt8]]) throws -> LogSnapshot {
        try directory.write(records.flatMap { $0 })
        let follower = LogFollower(directory: directory.path)
        _ = try follower.poll()
        return follower.snapshot
    }

    /// A tensor with a shape and elements in their own field.
    private func tensor(_ type: UInt8, _ shape: [UInt64], _ elements: [UInt8]) -> [UInt8] {
        let dimensions = shape.flatMap { HandMade.field(2, [0x08] + HandMade.varint($0)) }
        let message = [0x08, type] + HandMade.field(2, dimensions) + elements
        return HandMade.record(HandMade.event(0, summary: [HandMade.value("t", HandMade.field(8, message))]))
    }

    @Test(arguments: [
        [UInt64.max], [1 << 62, 4], [1 << 32, 1 << 32], [1 << 40], [0x7FFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF],
        [1 << 20],
    ])
    func aShapeThatLiesIsMalformedAndTakesNoMemory(_ shape: [UInt64]) throws {
        let snapshot = try read([tensor(1, shape, [0x2D, 0, 0, 0x80, 0x3F]), HandMade.scalar("loss", 0, 1)])
        #expect(snapshot.problems.map(\.kind) == [.malformedEvent])
        #expect(snapshot.points == 1)
    }

    @Test func anEmptyTensorIsAVectorOfNothing() throws {
        #expect(try read([tensor(1, [0], [])]).tensors["t"]?.last?.value == [])
    }

    @Test func missingElementsRepeatTheLastOne() throws {
        #expect(try read([tensor(1, [3], [0x2D, 0, 0, 0x80, 0x3F])]).tensors["t"]?.last?.value == [1, 1, 1])
    }

    /// Fields as TensorFlow writes them: half and bfloat16 as the integers of their bits, others as their own kind.
    static let spelledElements: [(UInt8, [UInt8], [Float])] = [
        (19, HandMade.field(13, HandMade.varint(0x3C00) + HandMade.varint(0xC000)), [1, -2]),
        (14, HandMade.field(13, HandMade.varint(0x3F80) + HandMade.varint(0xC000)), [1, -2]),
        (3, HandMade.field(7, HandMade.varint(7) + HandMade.varint(UInt64(bitPattern: -3))), [7, -3]),
        (9, [0x50] + HandMade.varint(7) + [0x50] + HandMade.varint(UInt64(bitPattern: -3)), [7, -3]),
        (10, HandMade.field(11, [1, 0]), [1, 0]),
        (23, HandMade.field(17, HandMade.varint(1 << 63) + [3]), [9.223372e18, 3]),
        (22, HandMade.field(16, HandMade.varint(0xFFFF_FFFF) + [3]), [4.2949673e9, 3]),
        (2, HandMade.field(6, HandMade.little((0.5).bitPattern) + HandMade.little((-1e3).bitPattern)), [0.5, -1000]),
        (14, HandMade.field(4, [0x80, 0x3F, 0, 0xC0]), [1, -2]),
        (23, HandMade.field(4, HandMade.little(UInt64(1)) + HandMade.little(UInt64(2))), [1, 2]),
        // PyTorch's add_tensor puts the bits of 32-bit floats where halves belong.
        (19, HandMade.field(13, HandMade.varint(0x3F80_0000) + HandMade.varint(0xC000_0000)), [1, -2]),
    ]

    @Test(arguments: spelledElements)
    func elementsOfEveryTypeAreNumbers(_ type: UInt8, _ elements: [UInt8], _ values: [Float]) throws {
        #expect(try read([tensor(type, [2], elements)]).tensors["t"]?.last?.value == values)
    }

    @Test func aMatrixIsCountedButNotKept() throws {
        let snapshot = try read([tensor(1, [1, 2], HandMade.field(5, [0, 0, 0, 0, 0, 0, 0, 0]))])
        #expect(snapshot.others["t"]?.map(\.value) == [.tensor])
    }

    @Test func groupsNestedDeeplyDoNotNestTheReader() throws {
        let deep = [UInt8](repeating: 0x7B, count: 1_000_000)
        #expect(try read([HandMade.record(deep)]).problems.map(\.kind) == [.malformedEvent])
    }

    @Test func aSummaryInPiecesIsTheSameAsOne() throws {
        let pieces = ["a", "b"].flatMap {
            HandMade.field(5, HandMade.field(1, HandMade.value($0, [0x15, 0, 0, 0, 0])))
        }
        #expect(try read([HandMade.record([0x10, 3] + pieces)]).scalars.tags == ["a", "b"])
    }

    @Test func theNumberOfTagsIsBounded() throws {
        let values = (0..<100_010).map { HandMade.value("\($0)", [0x15, 0, 0, 0, 0]) }
        let records = stride(from: 0, to: values.count, by: 1000).map {
            HandMade.record(HandMade.event(0, summary: Array(values[$0..<min($0 + 1000, values.count)])))
        }
        let snapshot = try read(records)
        #expect(snapshot.scalars.count == 100_000)
        #expect(snapshot.problemCount == 10)
        #expect(snapshot.problems.first?.kind == .tooManyTags(limit: 100_000))
    }

    @Test func aTagThatIsNotTextIsShownRepaired() throws {
        let value = HandMade.field(1, [0x61, 0xFF, 0x62]) + [0x15, 0, 0, 0, 0]
        let other = HandMade.field(1, [0x61, 0xFE, 0x62]) + [0x15, 0, 0, 0, 0]
        let snapshot = try read([HandMade.record(HandMade.event(0, summary: [value, other]))])
        #expect(snapshot.scalars.tags == ["a\u{FFFD}b"])
        #expect(snapshot.points == 2)
    }

    @Test func aHistogramWithMoreLimitsThanCountsIsMalformed() throws {
        let histogram = HandMade.field(5, HandMade.field(6, HandMade.little((2.0).bitPattern)))
        let record = HandMade.record(HandMade.event(0, summary: [HandMade.value("h", histogram)]))
        #expect(try read([record]).problems.map(\.kind) == [.malformedEvent])
    }
}
