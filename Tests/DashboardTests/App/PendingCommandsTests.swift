import Canvas
import Testing

@testable import Dashboard

@Suite struct PendingCommandsTests {
    private func shown(_ pending: PendingCommands) -> String {
        var frame = Frame(size: Size(rows: 1, columns: 80))
        pending.draw(into: &frame, in: frame.bounds)
        return frame.text
    }

    @Test func aCommandIsShownAsAskedAndThenAsDone() {
        var pending = PendingCommands()
        pending.asked("1", "checkpoint", run: "a")
        #expect(shown(pending).contains("asked: checkpoint"))
        pending.settle(run: "a", upTo: "1", answer: "wrote step-00000007.pth", at: 10)
        #expect(shown(pending).contains("✓ wrote step-00000007.pth"))
        #expect(!shown(pending).contains("asked"))
    }

    @Test func aLaterAnswerSettlesWhatWasAskedBefore() {
        var pending = PendingCommands()
        pending.asked("1", "pause", run: "a")
        pending.asked("2", "checkpoint", run: "a")
        pending.settle(run: "a", upTo: "2", answer: "wrote it", at: 10)
        #expect(!shown(pending).contains("asked"))
    }

    @Test func theSameWordsAreShownOnce() {
        var pending = PendingCommands()
        for time in 0..<3 { pending.refuse("not training", at: Double(time)) }
        #expect(shown(pending).ranges(of: "not training").count == 1)
    }

    @Test func anEngineThatIsGoneAnswersNothing() {
        var pending = PendingCommands()
        pending.asked("1", "pause", run: "a")
        pending.abandon(run: "a", at: 10)
        #expect(shown(pending).contains("the engine did not answer"))
    }

    @Test func theAnswerOfOneRunSettlesNothingThatAnotherWasAsked() {
        var pending = PendingCommands()
        pending.asked("1", "pause", run: "a")
        pending.asked("1", "b: stop", run: "b")
        pending.settle(run: "b", upTo: "1", answer: "stopped at step 7", name: "b", at: 10)
        #expect(shown(pending).contains("✓ b: stopped at step 7") && shown(pending).contains("asked: pause"))
        pending.abandon(run: "b", at: 11)
        #expect(pending.askedRuns == ["a"])
    }

    @Test func answersGoAwayAfterAWhileAndQuestionsStay() {
        var pending = PendingCommands()
        pending.note("wrote x.csv", at: 10)
        pending.asked("1", "pause", run: "a")
        let isEarly = pending.expire(at: 12)
        let isLate = pending.expire(at: 100)
        #expect(!isEarly && isLate)
        #expect(!shown(pending).contains("wrote") && shown(pending).contains("asked: pause"))
    }
}

@Suite struct WrappingTests {
    @Test(arguments: [
        ("one two three", 7, ["one two", "three"]), ("short", 20, ["short"]), ("", 5, [""]),
        ("abcdefgh i", 4, ["abcd", "efgh", "i"]), ("日本 語", 5, ["日本", "語"]),
    ])
    func linesBreakBetweenWords(text: String, columns: Int, lines: [String]) {
        #expect(text.wrapped(to: columns) == lines)
    }

    @Test func aLongMessageIsReadableInANarrowWindow() {
        var model = Model(folders: "runs")
        let words = (1...40).map { "word\($0)" }.joined(separator: " ")
        _ = model.update(.refused(words))
        let text = model.frame(24, 80).text
        #expect(text.contains("word1 ") && text.contains("word40"))
    }
}
