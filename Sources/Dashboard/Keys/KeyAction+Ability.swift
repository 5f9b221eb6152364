import Runs

extension KeyAction {
    /// What the engine of a run must be able to do for this; nil for what no engine is asked.
    func ability(of run: RunSnapshot) -> EngineAbility? {
        switch self {
        case .pauseOrResume: run.state.isPaused ? .resume : .pause
        case .checkpoint: .checkpoint
        case .evaluate: .evaluate
        case .setLearningRate: .setLearningRate
        case .slower, .faster: .setPace
        case .stopRun: .stop
        default: nil
        }
    }
}

extension RunSnapshot {
    /// Whether the run's engine would do what an action asks of it.
    func canDo(_ action: KeyAction) -> Bool { action.ability(of: self).flatMap(refusal) == nil }
}
