import Testing

@testable import Dashboard

@Suite struct EqualBinsTests {
    @Test(arguments: [
        [1.0], [1, 1, 1], [0, 0], [-3, 5, 7.5, 2], Array(repeating: 1e30, count: 5), [1e-300, 2e-300],
    ])
    func everyFiniteValueIsCountedOnce(values: [Double]) throws {
        let bins = try #require(EqualBins(values + [.nan, .infinity], atMost: 40))
        #expect(bins.counts.reduce(0, +) == Double(values.count))
        #expect(bins.edges.count == bins.counts.count + 1)
        #expect(zip(bins.edges, bins.edges.dropFirst()).allSatisfy { $0 < $1 })
        #expect(bins.edges[0] <= values.min()! && bins.edges.last! >= values.max()! * (1 - 1e-9))
    }

    @Test func momentsAreThoseOfTheValues() throws {
        let bins = try #require(EqualBins([1, 2, 3, 4], atMost: 40))
        #expect(bins.mean == 2.5)
        #expect(abs(bins.standardDeviation - 1.25.squareRoot()) < 1e-12)
    }

    @Test func withoutAFiniteValueThereAreNoBins() {
        #expect(EqualBins([.nan, -.infinity], atMost: 10) == nil)
        #expect(EqualBins([], atMost: 10) == nil)
    }
}
