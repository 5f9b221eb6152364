import Testing

@testable import Terminal

@Suite struct OutputPaceTests {
    @Test func `a quick terminal is never asked`() {
        var pace = OutputPace()
        for frame in 0..<1000 {
            let now = Double(frame) * 0.1
            let may = pace.mayShow(at: now)
            let asks = pace.showed(at: now, took: frame.isMultiple(of: 7) ? 0.2 : 0.001)
            #expect(may && !asks)
        }
    }

    @Test func `a slow terminal gets the next frame when it has answered for the last one`() {
        var pace = OutputPace()
        let asks = [pace.showed(at: 1, took: 0.5), pace.showed(at: 2, took: 0.5)]
        #expect(asks == [false, true])
        let early = pace.mayShow(at: 2.9)
        pace.answered(at: 3)
        let later = pace.mayShow(at: 3)
        #expect(!early && later)
        let asksAgain = pace.showed(at: 3, took: 0.01)
        #expect(asksAgain)
    }

    @Test func `a terminal that became quick again is not asked any more`() {
        var pace = OutputPace()
        _ = pace.showed(at: 0, took: 0.5)
        _ = pace.showed(at: 1, took: 0.5)
        pace.answered(at: 1.01)
        for frame in 2..<21 {
            let asks = pace.showed(at: Double(frame), took: 0.001)
            #expect(asks)
            pace.answered(at: Double(frame) + 0.01)
        }
        let asks = pace.showed(at: 30, took: 0.001)
        #expect(!asks)
    }

    @Test func `a terminal that never answers gets pauses as long as its frames take`() {
        var pace = OutputPace()
        _ = pace.showed(at: 0, took: 0.5)
        _ = pace.showed(at: 1, took: 0.5)
        let waiting = [pace.mayShow(at: 3.9), pace.mayShow(at: 4.1)]
        #expect(waiting == [false, true])
        let asks = pace.showed(at: 5, took: 0.8)
        let pausing = [pace.mayShow(at: 5.7), pace.mayShow(at: 5.9)]
        #expect(!asks && pausing == [false, true])
    }

    @Test func `an answer that nobody asked for changes nothing`() {
        var pace = OutputPace()
        pace.answered(at: 1)
        #expect(pace == OutputPace())
    }
}
