import Canvas
import Runs
import Testing

@testable import Dashboard

@Suite struct RunStateTests {
    @Test(arguments: RunStatus.State.allCases)
    func aRunOnAnotherMachineIsSteeredLikeOneHere(state: RunStatus.State) {
        let here = RunCatalogue.State.known(state)
        let there = RunCatalogue.State.elsewhere(state, host: "far")
        #expect(here.mark == there.mark && here.style == there.style)
        #expect(here.isTraining == there.isTraining && here.isTraining == state.needsEngine)
        #expect(here.isPaused == (state == .paused))
    }

    @Test(arguments: RunStatus.State.allCases.map(RunCatalogue.State.known) + [.lost, .log, .unstarted])
    func everyStateHasAMarkWithoutUTF8(state: RunCatalogue.State) {
        var frame = Frame(size: Size(rows: 1, columns: 1), glyphs: .ascii)
        frame.write(state.mark, in: frame.bounds)
        #expect(frame.text != "?" && frame.text != " ")
    }

    @Test(arguments: [RunCatalogue.State.lost, .unstarted, .unreadable("x")])
    func withoutAnEngineNothingIsTraining(state: RunCatalogue.State) {
        #expect(!state.isTraining && !state.isRunning && !state.isPaused)
    }
}
