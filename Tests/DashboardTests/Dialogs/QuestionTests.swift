import Canvas
import Testing

@testable import Dashboard

@Suite struct QuestionTests {
    @Test(arguments: [
        ("×0.5", 0.025), ("*2", 0.1), ("x2", 0.1), ("0.001", 0.001), ("1e-4", 1e-4), (" × 0.5", 0.025), ("0", 0),
    ])
    func aFactorOrANumberIsARate(text: String, expected: Double) throws {
        var entry = LearningRateEntry(current: 0.05)
        for character in text { _ = entry.update(.character(character)) }
        let rate = try #require(entry.rate)
        #expect(abs(rate - expected) < 1e-12)
        let reaction = entry.update(.enter)
        #expect(reaction == .answered(.learningRate(rate)))
    }

    @Test(arguments: ["", "×", "abc", "-1", "nan", "inf", "1e999", "×-2"])
    func whatIsNoRateIsNotAccepted(text: String) {
        var entry = LearningRateEntry(current: 0.05)
        for character in text { _ = entry.update(.character(character)) }
        #expect(entry.rate == nil)
        let reaction = entry.update(.enter)
        #expect(reaction == .stillAsking)
    }

    @Test func aFactorOfAnUnknownRateIsNoRate() {
        var entry = LearningRateEntry(current: nil)
        for character in "×2" { _ = entry.update(.character(character)) }
        #expect(entry.rate == nil)
    }

    @Test func aFactorCountsFromTheRateInForceEvenIfItBecameKnownLater() {
        var question = Question.learningRate(LearningRateEntry(current: nil))
        _ = "×2".map { question.update(.character($0)) }
        question.follow(learningRate: 0.25)
        let reaction = question.update(.enter)
        #expect(reaction == .answered(.learningRate(0.5)))
    }

    @Test func escapeCancelsEveryQuestion() {
        for var question in [Question.quit(run: "a"), .learningRate(LearningRateEntry(current: 1))] {
            let reaction = question.update(.escape)
            #expect(reaction == .cancelled)
        }
    }

    @Test func quittingOffersToDetachOrToStop() {
        var question = Question.quit(run: "a")
        let reactions = "zds".map { question.update(.character($0)) }
        #expect(reactions == [.stillAsking, .answered(.detach), .answered(.stopAndSave)])
    }
}
