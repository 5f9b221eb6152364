import FileTesting
import Foundation
import Testing

@testable import Runs

@Suite struct EvaluationRecordTests {
    private static let record = EvaluationRecord(
        step: 12, classes: ["cat", "日本"], confusion: [[3, 1], [0, 4]], channels: 1, height: 2, width: 3,
        samples: [.init(index: 7, label: 0, answer: 1, probability: 0.9, pixels: [0, 255, 1, 2, 3, 4])],
        filters: .init(name: "conv.weight", shape: [1, 1, 1, 2], values: [-0.25, .greatestFiniteMagnitude]))

    @Test func whatIsWrittenIsRead() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/evaluation.json"
        #expect(try EvaluationRecord.read(from: path) == nil)
        try Self.record.write(to: path)
        #expect(try EvaluationRecord.read(from: path) == Self.record)
        #expect(Self.record.count == 8 && Self.record.wrong == 1)
    }

    @Test(arguments: [
        ("\"height\":2", "\"height\":3"), ("\"height\":2", "\"height\":-2"), ("\"label\":0", "\"label\":9"),
        ("\"answer\":1", "\"answer\":-1"), ("[3,1]", "[3]"), ("[3,1]", "[3,-1]"), ("[1,1,1,2]", "[1,1,2,2]"),
        ("[1,1,1,2]", "[1,1,-1,-2]"), ("[1,1,1,2]", "[4611686018427387904,2,2,2]"), ("{", "["),
        ("\"channels\":1", "\"channels\":9223372036854775807"), ("\"pixels\":\"", "\"pixels\":\"?"),
    ])
    func whatMakesNoSenseIsRefusedInOneLine(sound: String, broken: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/evaluation.json"
        try Self.record.write(to: path)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(sound))
        try text.replacing(sound, with: broken).write(toFile: path, atomically: true, encoding: .utf8)
        let error = try #require(throws: RunsError.self) { try EvaluationRecord.read(from: path) }
        #expect(error.description.contains(path) && !error.description.contains("\n"))
    }

    @Test func theReaderHandsOnTheNewestRecordAndSurvivesABrokenOne() throws {
        let folder = try TemporaryFolder()
        try folder.write("run/experiment.yaml", "epochs: 1")
        let path = folder.path + "/run/evaluation.json"
        var reader = WorkspaceReader(places: [folder.path])
        let before = reader.poll(open: nil)
        #expect(before?.open != nil && before?.open?.evaluation == nil)
        try Self.record.write(to: path)
        let after = reader.poll(open: nil)
        #expect(after?.open?.evaluation == Self.record)
        try "broken".write(toFile: path, atomically: true, encoding: .utf8)
        let broken = reader.poll(open: nil)
        #expect(broken != nil && broken?.open?.evaluation == nil)
    }
}
