import Tensors
import Testing

@Suite struct SplitMix64Tests {
    @Test func theNumbersAreThoseOfThePublishedAlgorithm() {
        var random = SplitMix64(seed: 1_234_567)
        let first = (0..<3).map { _ in random.next() }
        #expect(first == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }

    @Test func theSequencesOfASeedAreKept() {
        var random = SplitMix64(seed: 7, sequence: 2)
        #expect((0..<2).map { _ in random.next() } == [15_382_188_663_614_947_347, 13_749_612_498_591_646_408])
    }
}
