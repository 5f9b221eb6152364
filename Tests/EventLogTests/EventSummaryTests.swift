import Foundation
import Testing

@testable import EventLog

@Suite struct EventSummaryTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    @Test func aTreeIsSummedUpRunByRunAndTagByTag() throws {
        let writer = try EventWriter(directory: directory.path, startedAt: 1_700_000_000)
        writer.hyperparameters([.init("lr", .number(0.05)), .init("epochs", .number(30))], wallTime: 0)
        for step in 0..<1500 as Range<Int64> {
            writer.scalar("train/loss", step: step, value: step == 700 ? .nan : Float(step), wallTime: 0)
        }
        writer.histogram("layer1.1.weight", step: 5, Histogram(of: [1]), wallTime: 0)
        writer.text("control\u{1B}[2J", step: 9, "pause", wallTime: 0)
        try writer.flush()
        try directory.write(HandMade.losses(3..<5) + HandMade.record([0xFF]) + [1, 2], run: "inner/run")

        let summary = try EventSummary(path: directory.path)
        let own = directory.path.split(separator: "/").last.map(String.init) ?? ""
        #expect(summary.runs.map(\.name).sorted() == [own, "inner/run"].sorted())
        let first = try #require(summary.runs.first { $0.name == own })
        #expect(
            EventSummary.lines(first) == [
                "\(own): 1,502 points under 3 tags",
                "  train/loss       scalar, 1,500 from step 0 to 1499, last 1499.0, 1 not finite",
                "  layer1.1.weight  histogram, 1 from step 5 to 5",
                "  control\u{FFFD}[2J      text, 1 from step 9 to 9",
                "  hyperparameters: lr=0.05, epochs=30",
            ])
        let second = try #require(summary.runs.first { $0.name == "inner/run" })
        #expect(second.points == 2 && second.unreadBytes == 2 && second.problemCount == 1)
        #expect(EventSummary.lines(second).last?.hasSuffix("a record holds something that is no event") == true)
        #expect(summary.points == 1504)
        #expect(summary.lines.last?.hasPrefix("1,504 points, 2 runs, ") == true)
    }

    @Test func aSingleFileIsReadWithoutItsNeighbours() throws {
        try directory.write(HandMade.losses(0..<3))
        try directory.write(HandMade.losses(0..<5), to: "other")
        let summary = try EventSummary(path: directory.path + "/other")
        #expect(summary.points == 5 && summary.runs[0].name == "other")
    }

    @Test func whatIsNoLogIsAnErrorThatSaysSo() throws {
        try directory.write(Array("just some text, longer than a header".utf8), to: "notes.txt")
        for name in ["notes.txt", "missing"] {
            let error = #expect(throws: EventLogError.self) { try EventSummary(path: directory.path + "/" + name) }
            #expect(error?.description.contains("/\(name): no event log can be read here") == true)
        }
    }

    @Test func itIsEncodedWithNumbersThatJSONDoesNotHave() throws {
        try directory.write(
            HandMade.scalar("a", 1, .nan) + HandMade.scalar("b", 1, -.infinity) + HandMade.scalar("c", 1, 2.5))
        let data = try JSONEncoder().encode(try EventSummary(path: directory.path))
        let json = String(decoding: data, as: UTF8.self)
        #expect(json.contains(#""last":"nan""#) && json.contains(#""last":"-inf""#) && json.contains(#""last":2.5"#))
        #expect(json.contains(#""kind":"scalar""#) && json.contains(#""firstStep":1"#))
    }
}
