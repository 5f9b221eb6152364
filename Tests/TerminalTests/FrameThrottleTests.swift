import Testing

@testable import Terminal

@Suite struct FrameThrottleTests {
    /// A throttle whose terminal has answered the first request at once.
    private static func answering() -> FrameThrottle {
        var throttle = FrameThrottle()
        throttle.began(at: 0)
        throttle.answered(at: 0.001)
        return throttle
    }

    /// A throttle whose terminal has shown the first frame at once, too.
    private static func trusted() -> FrameThrottle {
        var throttle = answering()
        _ = throttle.showed(at: 0.002, took: 0.001)
        throttle.answered(at: 0.02)
        return throttle
    }

    /// A throttle whose terminal was found to be slow after 2 seconds.
    private static func slow() -> FrameThrottle {
        var throttle = answering()
        _ = throttle.showed(at: 1, took: 0.5)
        throttle.answered(at: 1.9)
        _ = throttle.showed(at: 2, took: 0.5)
        return throttle
    }

    @Test func `a quick terminal is asked once a second and shows every frame`() {
        var throttle = Self.answering()
        var questions = 0
        for frame in 1...1000 {
            let now = Double(frame) * 0.1
            let may = throttle.mayShow(at: now)
            #expect(may, "frame \(frame)")
            if throttle.showed(at: now, took: frame.isMultiple(of: 7) ? 0.2 : 0.001) {
                questions += 1
                throttle.answered(at: now + 0.01)
            }
        }
        #expect((99...101).contains(questions))
    }

    @Test func `the second frame waits until the first was seen`() {
        var throttle = Self.answering()
        let asks = throttle.showed(at: 0.1, took: 0.001)
        let may = [0.2, 0.4, 5].map { throttle.mayShow(at: $0) }
        throttle.answered(at: 8)
        let later = throttle.mayShow(at: 8)
        let asksAgain = throttle.showed(at: 8, took: 0.001)
        #expect(asks && may == [false, false, false] && later && asksAgain)
    }

    @Test func `a line that swallows frames quickly and shows them slowly is found by its late answer`() {
        var throttle = Self.trusted()
        let asks = throttle.showed(at: 1.1, took: 0.001)
        let may = [1.2, 1.4, 1.7, 9].map { throttle.mayShow(at: $0) }
        throttle.answered(at: 9.5)
        let later = throttle.mayShow(at: 9.5)
        let asksAgain = throttle.showed(at: 9.5, took: 0.001)
        #expect(asks && may == [true, true, false, false] && later && asksAgain)
    }

    @Test func `a slow terminal gets the next frame when it has answered for the last one`() {
        var throttle = Self.slow()
        let early = throttle.mayShow(at: 2.9)
        throttle.answered(at: 3)
        let later = throttle.mayShow(at: 3)
        let asksAgain = throttle.showed(at: 3, took: 0.01)
        #expect(!early && later && asksAgain)
    }

    @Test func `a terminal that became quick again is trusted again`() {
        var throttle = Self.slow()
        throttle.answered(at: 2.01)
        for frame in 1..<20 {
            let asks = throttle.showed(at: 3 + Double(frame) * 0.1, took: 0.001)
            #expect(asks, "frame \(frame)")
            throttle.answered(at: 3.01 + Double(frame) * 0.1)
        }
        let asks = [10, 10.1, 10.2].map { throttle.showed(at: $0, took: 0.001) }
        #expect(asks == [true, false, false])
    }

    @Test func `a terminal that never answers is shown every frame, with pauses as long as frames take`() {
        var throttle = FrameThrottle()
        throttle.began(at: 0)
        let may = [0.1, 1, 2, 3].map { throttle.mayShow(at: $0) }
        let isWaiting = throttle.isWaiting
        let asks = [throttle.showed(at: 4, took: 0.001), throttle.showed(at: 5, took: 0.8)]
        let pausing = [throttle.mayShow(at: 5.7), throttle.mayShow(at: 5.9)]
        #expect(may == [true, true, true, true] && !isWaiting && asks == [false, false] && pausing == [false, true])
    }

    @Test func `a terminal that answers at last is asked from then on`() {
        var throttle = FrameThrottle()
        throttle.began(at: 0)
        _ = throttle.mayShow(at: 2)
        throttle.answered(at: 3)
        let asks = throttle.showed(at: 3, took: 0.001)
        #expect(asks)
    }

    @Test func `a terminal that stops to answer does not stop the screen for ever`() {
        var throttle = Self.slow()
        let may = [throttle.mayShow(at: 31), throttle.mayShow(at: 33)]
        #expect(may == [false, true])
    }
}
