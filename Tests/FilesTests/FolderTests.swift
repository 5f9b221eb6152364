import FileTesting
import Files
import Foundation
import Testing

@Suite struct FolderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func namesAreSortedWithoutHiddenOnes() throws {
        for name in ["b", "a/x", ".hidden", "c.yaml"] { try folder.write(name, "") }
        #expect(Folder.names(in: folder.path) == ["a", "b", "c.yaml"])
        let entries = try Folder.entries(of: folder.path)
        #expect(Set(entries.map(\.name)) == ["a", "b", ".hidden", "c.yaml"])
        #expect(entries.filter(\.isFolder).map(\.name) == ["a"])
        #expect(entries.filter(\.isHidden).map(\.name) == [".hidden"])
    }

    @Test func aLinkToAFolderIsAFolder() throws {
        try folder.write("a/x", "")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "a")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/broken", withDestinationPath: "nothing")
        #expect(try Set(Folder.entries(of: folder.path).filter(\.isFolder).map(\.name)) == ["a", "link"])
    }

    @Test func aFolderThatIsNotThereHasNoNames() {
        #expect(Folder.names(in: "/nowhere/at/all").isEmpty)
        #expect(throws: FileError.unlistable(path: "/nowhere/at/all", code: ENOENT)) {
            try Folder.entries(of: "/nowhere/at/all")
        }
    }

    @Test func foldersAboveAreMadeToo() throws {
        let path = folder.path + "/one/two/three"
        try Folder.make(path, mode: 0o700)
        try Folder.make(path)
        var info = stat()
        #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == 0o700)
        try folder.write("file", "")
        #expect(throws: FileError.unwritable(path: folder.path + "/file/x", code: ENOTDIR)) {
            try Folder.make(folder.path + "/file/x")
        }
    }

    @Test func whatALinkLeadsToSurvivesTheRemoval() throws {
        for name in ["run/status.json", "run/checkpoints/a.pth", "run/.hidden", "kept/b.pth"] {
            try folder.write(name, name)
        }
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/run/link", withDestinationPath: "../kept")
        try Folder.remove(folder.path + "/run")
        #expect(try folder.names() == ["kept"])
        #expect(try folder.names(in: "kept") == ["b.pth"])
        #expect(throws: FileError.unremovable(path: folder.path + "/run", code: ENOENT)) {
            try Folder.remove(folder.path + "/run")
        }
    }

    /// A folder's time is coarse: what came just before the names were read may be followed by more with the same time.
    @Test(arguments: [(0.0, false), (2.5, false), (3.5, true), (-2.5, false), (-100, true)])
    func aVersionCountsWhereTheFolderWasQuiet(seconds: Double, isCurrent: Bool) throws {
        let version = try #require(FileVersion(folder.path))
        #expect(FolderVersion(version, at: version.modified + seconds).isCurrent(version) == isCurrent)
    }

    @Test func anotherVersionIsNotCurrent() throws {
        let before = try #require(FileVersion(folder.path))
        let known = FolderVersion(before, at: before.modified + 10)
        #expect(known.isCurrent(before))
        try folder.write("new", "")
        #expect(!known.isCurrent(try #require(FileVersion(folder.path))))
    }

    @Test func aVersionSaysWhatLiesThere() throws {
        try folder.write("a", "12345")
        let file = try #require(FileVersion(folder.path + "/a"))
        #expect((file.kind, file.size, file.isFolder) == (.file, 5, false))
        #expect(FileVersion(folder.path)?.kind == .folder)
        #expect(FileVersion("/dev/null")?.kind == .other)
        #expect(FileVersion(folder.path + "/b") == nil)
        try folder.write("a", "123456")
        #expect(FileVersion(folder.path + "/a") != file)
    }
}
