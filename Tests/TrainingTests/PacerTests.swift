import Runs
import Testing

@testable import Training

@Suite struct PacerTests {
    @Test func stepsAreDueAtEqualDistances() {
        var pacer = Pacer(pace: .stepsPerSecond(4))
        #expect(pacer.wait(at: 10) == 0)
        pacer.stepStarted(at: 10)
        #expect(pacer.wait(at: 10.1) == 0.15.nextDown || abs(pacer.wait(at: 10.1) - 0.15) < 1e-9)
        pacer.stepStarted(at: 10.25)
        #expect(abs(pacer.wait(at: 10.25) - 0.25) < 1e-9)
    }

    @Test func aLongWaitIsNotFollowedByABurst() {
        var pacer = Pacer(pace: .stepsPerSecond(100))
        pacer.stepStarted(at: 0)
        var started = 0
        while pacer.wait(at: 60) == 0 {
            pacer.stepStarted(at: 60)
            started += 1
        }
        #expect(started <= 12)
    }

    @Test func fullSpeedNeverWaits() {
        var pacer = Pacer(pace: .full)
        pacer.stepStarted(at: 0)
        #expect(pacer.wait(at: 0) == 0)
    }

    @Test(arguments: [
        (Pace.stepsPerSecond(100), 2.0, 100.0, Pace.stepsPerSecond(200)),
        (.stepsPerSecond(100), 0.5, 100, .stepsPerSecond(50)),
        (.stepsPerSecond(1), 0.5, 1, .stepsPerSecond(1)),
        (.stepsPerSecond(3200), 2, 1100, .full),
        (.full, 0.5, 1000, .stepsPerSecond(500)),
        (.full, 2, 1000, .full),
    ])
    func aFactorChangesThePaceWithinWhatTheEngineCanDo(
        pace: Pace, factor: Double, real: Double, expected: Pace
    ) {
        #expect(pace.times(factor, stepsPerSecond: real) == expected)
    }
}
