import Runs

extension KeyAction {
    /// The ability that a run's engine needs for the action; nil where no engine is involved.
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
    /// Whether the run's engine can do what an action asks of it.
    func canDo(_ action: KeyAction) -> Bool { action.ability(of: self).flatMap(refusal) == nil }
}
