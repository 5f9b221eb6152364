import Canvas
import Testing

@testable import Dashboard

@Suite struct DialogTests {
    @Test(arguments: [
        ("×0.5", 0.025), ("*2", 0.1), ("x2", 0.1), ("0.001", 0.001), ("1e-4", 1e-4), (" × 0.5", 0.025), ("0", 0),
    ])
    func aFactorOrANumberIsARate(text: String, expected: Double) throws {
        var entry = LearningRateEntry(current: 0.05)
        for character in text { _ = entry.update(.character(character)) }
        let rate = try #require(entry.rate)
        #expect(abs(rate - expected) < 1e-12)
        let outcome = entry.update(.enter)
        #expect(outcome == .answered(.learningRate(rate)))
    }

    @Test(arguments: ["", "×", "abc", "-1", "nan", "inf", "1e999", "×-2"])
    func whatIsNoRateIsNotAccepted(text: String) {
        var entry = LearningRateEntry(current: 0.05)
        for character in text { _ = entry.update(.character(character)) }
        #expect(entry.rate == nil)
        let outcome = entry.update(.enter)
        #expect(outcome == .stayOpen)
    }

    @Test func aFactorOfAnUnknownRateIsNoRate() {
        var entry = LearningRateEntry(current: nil)
        for character in "×2" { _ = entry.update(.character(character)) }
        #expect(entry.rate == nil)
    }

    @Test func aFactorCountsFromTheRateInForceEvenIfItBecameKnownLater() {
        var dialog = Dialog.learningRate(LearningRateEntry(current: nil))
        _ = "×2".map { dialog.update(.character($0)) }
        dialog.refresh(learningRate: 0.25)
        let outcome = dialog.update(.enter)
        #expect(outcome == .answered(.learningRate(0.5)))
    }

    @Test func escapeClosesEveryDialog() {
        for var dialog in [Dialog.quit(run: "a"), .learningRate(LearningRateEntry(current: 1))] {
            let outcome = dialog.update(.escape)
            #expect(outcome == .closed)
        }
    }

    @Test func quittingOffersToDetachOrToStop() {
        var dialog = Dialog.quit(run: "a")
        let outcomes = "zds".map { dialog.update(.character($0)) }
        #expect(outcomes == [.stayOpen, .answered(.detach), .answered(.stopAndSave)])
    }
}
