import Testing

@testable import Terminal

@Suite struct OutputPaceTests {
    /// A pace whose terminal has answered the first question at once.
    private static func answering() -> OutputPace {
        var pace = OutputPace()
        pace.began(at: 0)
        pace.answered(at: 0.001)
        return pace
    }

    /// A pace whose terminal has shown the first frame at once, too.
    private static func trusted() -> OutputPace {
        var pace = answering()
        _ = pace.showed(at: 0.002, took: 0.001)
        pace.answered(at: 0.02)
        return pace
    }

    /// A pace whose terminal was found to be slow at the second 2.
    private static func slow() -> OutputPace {
        var pace = answering()
        _ = pace.showed(at: 1, took: 0.5)
        pace.answered(at: 1.9)
        _ = pace.showed(at: 2, took: 0.5)
        return pace
    }

    @Test func `a quick terminal is asked once a second and shows every frame`() {
        var pace = Self.answering()
        var questions = 0
        for frame in 1...1000 {
            let now = Double(frame) * 0.1
            let may = pace.mayShow(at: now)
            #expect(may, "frame \(frame)")
            if pace.showed(at: now, took: frame.isMultiple(of: 7) ? 0.2 : 0.001) {
                questions += 1
                pace.answered(at: now + 0.01)
            }
        }
        #expect((99...101).contains(questions))
    }

    @Test func `the second frame waits until the first was seen`() {
        var pace = Self.answering()
        let asks = pace.showed(at: 0.1, took: 0.001)
        let may = [0.2, 0.4, 5].map { pace.mayShow(at: $0) }
        pace.answered(at: 8)
        let later = pace.mayShow(at: 8)
        let asksAgain = pace.showed(at: 8, took: 0.001)
        #expect(asks && may == [false, false, false] && later && asksAgain)
    }

    @Test func `a line that swallows frames quickly and shows them slowly is found by its late answer`() {
        var pace = Self.trusted()
        let asks = pace.showed(at: 1.1, took: 0.001)
        let may = [1.2, 1.4, 1.7, 9].map { pace.mayShow(at: $0) }
        pace.answered(at: 9.5)
        let later = pace.mayShow(at: 9.5)
        let asksAgain = pace.showed(at: 9.5, took: 0.001)
        #expect(asks && may == [true, true, false, false] && later && asksAgain)
    }

    @Test func `a slow terminal gets the next frame when it has answered for the last one`() {
        var pace = Self.slow()
        let early = pace.mayShow(at: 2.9)
        pace.answered(at: 3)
        let later = pace.mayShow(at: 3)
        let asksAgain = pace.showed(at: 3, took: 0.01)
        #expect(!early && later && asksAgain)
    }

    @Test func `a terminal that became quick again is trusted again`() {
        var pace = Self.slow()
        pace.answered(at: 2.01)
        for frame in 1..<20 {
            let asks = pace.showed(at: 3 + Double(frame) * 0.1, took: 0.001)
            #expect(asks, "frame \(frame)")
            pace.answered(at: 3.01 + Double(frame) * 0.1)
        }
        let asks = [10, 10.1, 10.2].map { pace.showed(at: $0, took: 0.001) }
        #expect(asks == [true, false, false])
    }

    @Test func `a terminal that never answers is shown every frame, with pauses as long as frames take`() {
        var pace = OutputPace()
        pace.began(at: 0)
        let may = [0.1, 1, 2, 3].map { pace.mayShow(at: $0) }
        let isWaiting = pace.isWaiting
        let asks = [pace.showed(at: 4, took: 0.001), pace.showed(at: 5, took: 0.8)]
        let pausing = [pace.mayShow(at: 5.7), pace.mayShow(at: 5.9)]
        #expect(may == [true, true, true, true] && !isWaiting && asks == [false, false] && pausing == [false, true])
    }

    @Test func `a terminal that answers at last is asked from then on`() {
        var pace = OutputPace()
        pace.began(at: 0)
        _ = pace.mayShow(at: 2)
        pace.answered(at: 3)
        let asks = pace.showed(at: 3, took: 0.001)
        #expect(asks)
    }

    @Test func `a terminal that stops to answer does not stop the screen for ever`() {
        var pace = Self.slow()
        let may = [pace.mayShow(at: 31), pace.mayShow(at: 33)]
        #expect(may == [false, true])
    }
}
