import Syntax
import Testing

@Suite struct SpellingTests {
    @Test(arguments: [
        ("epoch", "epochs"), ("shedule", "schedule"), ("optmizer", "optimizer"), ("BATCH-SIZE", "batch_size"),
        ("peochs", "epochs"), ("sead", "seed"),
    ])
    func aSlipOfThePenFindsWhatWasMeant(word: String, expected: String) {
        #expect(
            Spelling.nearest(to: word, among: ["epochs", "schedule", "optimizer", "batch_size", "seed"]) == expected)
    }

    @Test(arguments: ["", "xyzzy", "lr", String(repeating: "a", count: 10_000)])
    func somethingElseAltogetherFindsNothing(word: String) {
        #expect(Spelling.nearest(to: word, among: ["epochs", "schedule"]) == nil)
    }
}
