import FileTesting
import Foundation
import Runs
import Testing

@Suite struct RunDirectoryTests {
    @Test func aNewRunHasAFolderForItsCheckpoints() throws {
        let folder = try TemporaryFolder()
        let run = try RunDirectory.create(named: "first", in: "\(folder.path)/deep/runs")
        #expect(run.path == "\(folder.path)/deep/runs/first")
        #expect(run.name == "first")
        #expect(try folder.names(in: "deep/runs/first") == ["checkpoints"])
        #expect(run.checkpointFile(step: 1200) == "\(run.path)/checkpoints/step-00001200.pth")
        #expect(run.checkpointFile(step: 1200, epoch: 13) == "\(run.path)/checkpoints/step-00001200-epoch-0013.pth")
    }

    @Test func aNameThatIsTakenIsAnErrorThatNamesAFreeOne() throws {
        let folder = try TemporaryFolder()
        for name in ["cnn", "cnn-2"] {
            _ = try RunDirectory.create(named: name, in: folder.path)
        }
        let error = #expect(throws: RunsError.self) { try RunDirectory.create(named: "cnn", in: folder.path) }
        #expect(
            error?.description
                == "\(folder.path)/cnn: this run exists already: choose another name, such as --name cnn-3")
    }

    @Test func aNameOfTheExperimentsOwnTakesTheNextFreeNumber() throws {
        let folder = try TemporaryFolder()
        let names = try (0..<3).map { _ in try RunDirectory.create(startingWith: "cnn", in: folder.path).name }
        #expect(names == ["cnn", "cnn-2", "cnn-3"])
    }

    @Test(arguments: [
        ("", "it is empty"), ("..", "it must start with a letter or a digit"),
        (".hidden", "it must start with a letter or a digit"), ("-rf", "it must start with a letter or a digit"),
        ("a/b", "use letters, digits and . _ - + only"), ("a b", "use letters, digits and . _ - + only"),
        ("a\u{1b}[2J", "use letters, digits and . _ - + only"), ("a\0", "use letters, digits and . _ - + only"),
        (String(repeating: "a", count: 101), "it has more than 100 bytes"),
    ])
    func unsafeNamesAreRefused(name: String, problem: String) throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: RunsError.self) { try RunDirectory.create(named: name, in: folder.path) }
        #expect(error == .badName(name: name, problem: problem))
        #expect(try folder.names().isEmpty)
    }

    @Test func aRunIsFoundByItsPathOrByItsName() throws {
        let folder = try TemporaryFolder()
        try folder.write("cnn/status.json", "{}")
        #expect(try RunDirectory.find("cnn", in: folder.path).path == "\(folder.path)/cnn")
        #expect(try RunDirectory.find("\(folder.path)/cnn/", in: "elsewhere").path == "\(folder.path)/cnn")
        let error = #expect(throws: RunsError.self) { try RunDirectory.find("cn", in: folder.path) }
        #expect(error?.description == "cn: no run there: did you mean 'cnn'?")
    }

    @Test func aFolderThatCannotBeMadeIsAnError() throws {
        let folder = try TemporaryFolder()
        try folder.write("file", "")
        let error = #expect(throws: RunsError.self) {
            try RunDirectory.create(named: "a", in: "\(folder.path)/file/runs")
        }
        #expect(error?.description == "\(folder.path)/file/runs: cannot be written: Not a directory")
    }
}
