import FileTesting
import Files
import Foundation
import Testing

@Suite struct AtomicFileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/a.json" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let both = [AtomicFile.Options.durable, .transient]

    @Test(arguments: [0, 1, 5 << 20]) func aFileHasWhatWasWritten(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 >> 3) }
        for options in Self.both {
            try AtomicFile.replace(path, with: bytes, options: options)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))
            #expect(try folder.names() == ["a.json"])
        }
    }

    @Test func nothingIsThereBeforeTheEndNorLeftAfterAFailure() throws {
        try folder.write("a.json", "old")
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try AtomicFile.replace(path) { put in
                try put("new")
                #expect(try folder.read("a.json") == "old")
                throw Stop()
            }
        }
        #expect(try folder.read("a.json") == "old")
        #expect(try folder.names() == ["a.json"])
    }

    @Test func stretchesOfTextAreJoined() throws {
        try AtomicFile.replace(path) { put in
            for line in ["one\n", "zwei\n", "三\n"] { try put(line) }
        }
        #expect(try folder.read("a.json") == "one\nzwei\n三\n")
    }

    @Test(arguments: [0o600, 0o640, 0o666]) func aReplacedFileHandsDownItsPermissions(_ mode: mode_t) throws {
        for options in Self.both {
            try folder.write("a.json", "old")
            chmod(path, mode)
            try AtomicFile.replace(path, with: "new", options: options)
            var info = stat()
            #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == mode)
            #expect(try folder.read("a.json") == "new")
        }
    }

    @Test func aLinkIsFollowedOrReplaced() throws {
        try folder.write("there/real.json", "old")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "there/real.json")
        try AtomicFile.replace(path, with: "new", options: .durable)
        #expect(try folder.read("there/real.json") == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "there/real.json")
        try AtomicFile.replace(path, with: "newer", options: .transient)
        #expect(try folder.read("there/real.json") == "new")
        #expect(try folder.read("a.json") == "newer")
        #expect(throws: (any Error).self) { try FileManager.default.destinationOfSymbolicLink(atPath: path) }
    }

    @Test func onlyDurableFilesWaitForTheDisk() throws {
        for options in Self.both {
            var operations = FileOperations.system
            operations.synchronize = { _ in
                errno = EIO
                return -1
            }
            try folder.write("a.json", "old")
            if options.isDurable {
                #expect(throws: FileError.unwritable(path: path, code: EIO)) { try write(options, operations) }
                #expect(try folder.read("a.json") == "old")
            } else {
                try write(options, operations)
                #expect(try folder.read("a.json") == "new")
            }
            #expect(try folder.names() == ["a.json"])
        }
    }

    private func write(_ options: AtomicFile.Options, _ operations: FileOperations) throws {
        var file = try AtomicFile(replacing: path, options: options, operations: operations)
        try file.write(Array("new".utf8))
        try file.commit()
    }

    @Test func whoeverIsToldToStopLeavesTheOldFile() throws {
        try folder.write("a.json", "old")
        #expect(throws: FileError.unwritable(path: path, code: ECANCELED)) {
            try write(.durable, .observed { _ in false })
        }
        #expect(try folder.read("a.json") == "old")
        #expect(try folder.names() == ["a.json"])
    }

    @Test func aMissingFolderIsAnErrorOfOneLine() {
        let error = #expect(throws: FileError.self) { try AtomicFile.replace("/nowhere/a.json", with: "new") }
        #expect(error?.description == "/nowhere/a.json: cannot be written: No such file or directory")
    }
}
