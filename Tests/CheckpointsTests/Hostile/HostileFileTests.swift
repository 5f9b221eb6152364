import Testing

@testable import Checkpoints

/// Files that were made to do harm: each is one clear error.
@Suite struct HostileFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func problem(_ bytes: [UInt8]) throws -> String {
        let path = try folder.file("bad.pth", bytes)
        let error = #expect(throws: CheckpointError.self) { try Exploration.explore(path) }
        let text = try #require(error).description
        #expect(!text.contains("\n"))
        return text
    }

    private func zip(_ pickle: [UInt8], storage: [UInt8] = [UInt8](repeating: 0, count: 64)) -> ZipBuilder {
        var zip = ZipBuilder()
        zip.add("a/data.pkl", pickle)
        zip.add("a/data/0", storage)
        return zip
    }

    private func repeated(_ part: [UInt8], _ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(part.count * count)
        for _ in 0..<count { bytes += part }
        return bytes
    }

    // MARK: - Pickles

    /// Pickles after the two bytes of the protocol, with what the error must say.
    private static let pickles: [(name: String, bytes: [UInt8], says: String)] = [
        ("nothing", [], "1 bytes expected, 0 are there"),
        ("stop on an empty stack", [0x2E], "the pickle's stack is empty"),
        ("pop on an empty stack", Array("0.".utf8), "the pickle's stack is empty"),
        ("no mark", Array("t.".utf8), "no mark on the stack"),
        ("an unknown opcode", [0xFF], "0xff is no pickle opcode"),
        ("items below a mark", Array("N(0(".utf8) + [0x81, 0x2E], "the pickle's stack is empty"),
        ("an unstored memo", Array("h\u{7}.".utf8), "memo 7 was never stored"),
        (
            "a text of 4 GB", Array("X".utf8) + [0xFF, 0xFF, 0xFF, 0xFF],
            "a length of 4294967295 bytes where 0 are left"
        ),
        ("a text of 2⁶⁴ bytes", [0x8D] + Array(repeating: 0xFF, count: 8), "a length of 18446744073709551615 bytes"),
        (
            "a frame of 2⁶³ bytes", [0x95] + Array(repeating: 0, count: 7) + [0x80],
            "a length of 9223372036854775808 bytes"
        ),
        ("a long of 2 GB", [0x8B, 0xFF, 0xFF, 0xFF, 0x7F], "a length of 2147483647 bytes"),
        ("protocol 9", [0x80, 9], "pickle protocol 9 is unknown"),
        ("an odd dictionary", Array("(Nd.".utf8), "a key without a value"),
        ("items for a number", Array("K\u{1}K\u{1}a.".utf8), "items for something that is no container"),
        ("arguments that are none", Array("cos\nsystem\nNR.".utf8), "arguments that are no tuple"),
        ("a global without name", Array("NN".utf8) + [0x93, 0x2E], "a global without a name"),
        ("a persistent id of none", Array("NQ.".utf8), "a persistent id that is no tuple"),
        ("an extension", [0x82, 1, 0x2E], "an extension code"), ("a buffer", [0x97, 0x2E], "an out-of-band buffer"),
        ("a number that is none", Array("Fabc\n.".utf8), "'abc' is no number"),
        ("a text without quotes", Array("Sabc\n.".utf8), "a text without its quotes"),
        (
            "a tensor of nothing", Array("ctorch._utils\n_rebuild_tensor_v2\n)R.".utf8),
            "a tensor without a typed storage"
        ),
    ]

    @Test(arguments: pickles.indices)
    func aBrokenPickleIsOneClearError(_ index: Int) throws {
        let (name, bytes, says) = Self.pickles[index]
        let text = try problem(zip([0x80, 2] + bytes).bytes())
        #expect(text.contains(says), "\(name): \(text)")
        #expect(text.contains("a/data.pkl, byte "))
    }

    /// A tensor by `_rebuild_tensor_v2` on storage 0, which holds 16 floats.
    private func tensor(offset: String = "K\u{0}", shape: String, strides: String, count: String = "K\u{10}") -> [UInt8]
    {
        let storage = "(X\u{7}\0\0\0storagectorch\nFloatStorage\nX\u{1}\0\0\u{0}0X\u{3}\0\0\0cpu\(count)tQ"
        let text = "ctorch._utils\n_rebuild_tensor_v2\n(\(storage)\(offset)(\(shape)t(\(strides)tI00\nNtR."
        return [0x80, 2] + Array(text.utf8)
    }

    @Test func aSoundTensorMadeTheSameWayIsRead() throws {
        let path = try folder.file("good.pth", zip(tensor(shape: "K\u{4}K\u{4}", strides: "K\u{4}K\u{1}")).bytes())
        #expect(try CheckpointFile(readingFrom: path).tensors[0].shape == [4, 4])
    }

    @Test func tensorsThatDoNotFitTheirStorageAreErrors() throws {
        let huge = "L4611686018427387904L\n"
        let cases: [([UInt8], String)] = [
            (tensor(shape: "K\u{11}", strides: "K\u{1}"), "element 16 is needed, storage '0' holds 16"),
            (tensor(offset: "K\u{10}", shape: "K\u{1}", strides: "K\u{1}"), "element 16 is needed"),
            (tensor(shape: "I-1\n", strides: "K\u{1}"), "a negative size, stride or offset"),
            (tensor(shape: "K\u{2}", strides: "I-1\n"), "a negative size, stride or offset"),
            (tensor(offset: "I-1\n", shape: "K\u{2}", strides: "K\u{1}"), "a negative size, stride or offset"),
            (tensor(shape: huge + huge, strides: "K\u{1}K\u{1}"), "overflows"),
            (tensor(shape: "K\u{2}", strides: huge + "K\u{1}"), "1 sizes and 2 strides"),
            (tensor(shape: "K\u{3}", strides: huge), "overflows"),
            (tensor(shape: "K\u{4}", strides: "K\u{1}", count: "I-5\n"), "storage '0' of -5 elements"),
            (tensor(shape: "K\u{4}", strides: "K\u{1}", count: huge), "storage '0' of 4611686018427387904 elements"),
            (tensor(shape: "K\u{4}", strides: "K\u{1}", count: "K\u{11}"), "its storage needs 68 bytes, 64 are there"),
        ]
        for (pickle, says) in cases {
            let text = try problem(zip(pickle).bytes())
            #expect(text.contains(says), "\(text)")
        }
    }

    @Test func aTensorThatExpandsBeyondReasonIsListedButNotLoaded() throws {
        let path = try folder.file("big.pth", zip(tensor(shape: "L1099511627776L\n", strides: "K\u{0}")).bytes())
        let file = try CheckpointFile(readingFrom: path)
        #expect(file.tensors[0].count == 1 << 40)
        #expect(throws: CheckpointError.self) { try file.dense(file.tensors[0]) }
        let statistics = try file.statistics(file.tensors[0])
        #expect(statistics.count == 1 << 40)
        #expect(statistics.mean == 0)
    }

    @Test func floodsOfObjectsAreStopped() throws {
        let flood = 4_000_000
        let cases: [(String, [UInt8])] = [
            ("empty lists", repeated([0x5D], flood)), ("marks", repeated([0x28], flood)),
            ("memos", [0x5D] + repeated([0x94], flood)), ("numbers", repeated([0x4B, 1], flood)),
            ("nested tuples", [0x29] + repeated([0x85], flood)), ("duplicates", [0x5D] + repeated([0x32], flood)),
            ("sets", repeated([0x8F], flood)), ("dictionaries", repeated([0x7D], flood)),
        ]
        for (name, bytes) in cases {
            let text = try problem(zip([0x80, 4] + bytes).bytes())
            #expect(text.contains("more objects than the size of the file warrants"), "\(name): \(text)")
        }
    }

    @Test func deepNestingIsAnError() throws {
        let text = try problem(zip([0x80, 2, 0x29] + repeated([0x85], 300_000) + [0x2E]).bytes())
        #expect(text.contains("nested too deeply"))
    }

    @Test func aGraphWithMorePathsThanAtomsIsAnError() throws {
        // Each level is a list that holds the one before it twice.
        var pickle: [UInt8] = [0x80, 2, 0x5D]
        for _ in 0..<100 { pickle += [0x32, 0x86] }
        let text = try problem(zip(pickle + [0x2E]).bytes())
        #expect(text.contains("refer to each other too often"))
    }

    @Test func namesThatDoubleWithEachLevelAreAnError() throws {
        // Each level is a dictionary that holds the one before it under two keys, one of them long.
        let long = [0x58, 0xD0, 7, 0, 0] + repeated([0x6B], 2000)
        let level = [0x71, 0, 0x7D, 0x28] + long + [0x68, 0, 0x58, 1, 0, 0, 0, 0x62, 0x68, 0, 0x75]
        let text = try problem(zip([0x80, 2, 0x7D] + repeated(level, 60) + [0x2E]).bytes())
        #expect(text.contains("refer to each other too often"))
    }

    @Test func aListThatHoldsItselfIsNoTrap() throws {
        let path = try folder.file("cycle.pth", zip([0x80, 2, 0x5D, 0x32, 0x61, 0x2E]).bytes())
        #expect(try CheckpointFile(readingFrom: path).tensors.isEmpty)
    }

    // MARK: - Zip

    @Test func aLyingDirectoryIsAnError() throws {
        let honest = zip(tensor(shape: "K\u{4}", strides: "K\u{1}"))
        let lies: [(String, (inout ZipBuilder) -> Void)] = [
            (
                "claims 4000 bytes",
                {
                    $0.claims[1].storedSize = 4000; $0.claims[1].size = 4000
                }
            ),
            ("its two sizes differ", { $0.claims[1].size = 65 }),
            ("reach into what follows", { $0.claims[1].offset = 0 }),
            ("at byte 99999", { $0.claims[0].offset = 99999 }),
            (
                "no local header",
                {
                    $0.claims[1].offset += 1; $0.claims[1].storedSize -= 1; $0.claims[1].size -= 1
                }
            ),
            ("listed twice", { $0.claims[1].name = "a/data.pkl" }),
            ("is encrypted", { $0.claims[0].flags = 1 }), ("compressed by method 12", { $0.claims[0].method = 12 }),
            ("does not fit", { $0.claimedCount = 60_000 }),
            ("does not fit", { $0.claimedDirectoryOffset = 4_000_000_000 }),
            ("the deflated data", { $0.claims[0].method = 8 }),
            (
                "claim to inflate to 4000000000",
                {
                    $0.claims[0].method = 8; $0.claims[0].size = 4_000_000_000
                }
            ),
            ("without data.pkl", { $0.claims[0].name = "a/data.txt" }),
        ]
        for (says, lie) in lies {
            var zip = honest
            lie(&zip)
            let text = try problem(zip.bytes())
            #expect(text.contains(says), "\(says): \(text)")
        }
    }

    @Test func storagesThatAreNotThereAreErrors() throws {
        var zip = ZipBuilder()
        zip.add("a/data.pkl", tensor(shape: "K\u{4}", strides: "K\u{1}"))
        #expect(try problem(zip.bytes()).contains("storage '0': its bytes are not there"))
    }

    @Test(arguments: ["medium", "", "little or not so little"])
    func anUnknownByteOrderIsAnError(_ order: String) throws {
        var zip = zip([0x80, 2, 0x7D, 0x2E])
        zip.add("a/byteorder", Array(order.utf8))
        #expect(try problem(zip.bytes()).contains("entry 'a/byteorder'"))
    }

    @Test(
        arguments: [
            ("version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
            ("<!DOCTYPE html>", "a web page"),
            ("GGUF....", "a GGUF file"), ("some text that is none of it", "no known format"), ("", "an empty file"),
        ])
    func whatIsNoCheckpointIsNamed(_ content: String, _ says: String) throws {
        let text = try problem(Array(content.utf8))
        #expect(text.contains("not a checkpoint"))
        #expect(text.contains(says))
    }

    @Test func aFolderAndADeviceAreErrors() throws {
        #expect(throws: CheckpointError.self) { try CheckpointFile(readingFrom: folder.path) }
        #expect(throws: CheckpointError.self) { try CheckpointFile(readingFrom: "/dev/zero") }
    }

    // MARK: - Safetensors

    private func safetensors(_ header: String, data: Int) -> [UInt8] {
        let text = Array(header.utf8)
        return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
            + [UInt8](repeating: 0, count: data)
    }

    private static let headers: [(header: String, data: Int, says: String)] = [
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
            12,
            "'b' at byte 4 of the data overlaps"
        ),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "leaves a hole"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "take 4 bytes, 8 follow the header"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "take 8 bytes, 4 follow the header"),
        (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "does not take 8 bytes"),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, 8, "does not take 8 bytes"),
        (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "a count expected"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "lacks dtype, shape or data_offsets"),
        (#"{"a":{"dtype":"F32","shape":[2]}}"#, 8, "lacks dtype, shape or data_offsets"),
        (#"{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}"#, 1, "holds F4, which is not known here"),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#,
            1,
            "'a' is listed twice"
        ),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}} x"#, 1, "something follows the end"),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]"#, 1, "'}' expected"),
        ("{\"\u{1}\":{}}", 0, "a control character"), (#"{"\ud800":{}}"#, 0, "half a character"),
        (#"{"__metadata__":{"a":1}}"#, 0, "'\"' expected"),
        (#"{"a":{"x":\#(String(repeating: "[", count: 100))"#, 0, "nested too deeply"),
    ]

    @Test(arguments: headers.indices)
    func aSafetensorsFileThatBreaksTheSpecificationIsOneClearError(_ index: Int) throws {
        let (header, data, says) = Self.headers[index]
        let text = try problem(safetensors(header, data: data))
        #expect(text.contains(says), "\(text)")
    }

    @Test func aSafetensorsHeaderLongerThanTheFileIsAnError() throws {
        #expect(
            try problem([0xFF, 0xE0, 0xF5, 5, 0, 0, 0, 0] + Array("{}".utf8)).contains("a header of 99999999 bytes"))
    }
}
