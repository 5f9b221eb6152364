import Runs

/// Actions that mean the same in every view.
extension AppState {
    /// Carries out an action that steers the training of the open run, or says why that is impossible.
    mutating func steer(_ action: KeyAction) -> [Effect] {
        guard let run else {
            refuse("there is no run here yet")
            return []
        }
        if action == .pauseOrResume, run.canBeResumed { return [.resumeRun(run.directory.path)] }
        if action == .pauseOrResume, let way = run.foreignResume {
            refuse(way)
            return []
        }
        guard run.isTraining else {
            refuse("\(run.name) is not training: \(run.state.word)")
            return []
        }
        if let refusal = action.ability(of: run).flatMap(run.refusal) {
            refuse(refusal)
            return []
        }
        switch action {
        case .pauseOrResume: return [.command(run.state.isPaused ? .resume : .pause, run: run.directory.path)]
        case .checkpoint: return [.command(.checkpoint, run: run.directory.path)]
        case .evaluate: return [.command(.evaluate, run: run.directory.path)]
        case .slower: return [.command(.set(.paceFactor(0.5)), run: run.directory.path)]
        case .faster: return [.command(.set(.paceFactor(2)), run: run.directory.path)]
        case .stopRun: dialog = .stopRun(name: run.name, path: run.directory.path)
        case .setLearningRate: dialog = .learningRate(LearningRateEntry(current: run.learningRate))
        default: break
        }
        return []
    }

    /// Carries out an action that changes how all charts are drawn.
    mutating func change(_ action: KeyAction) {
        switch action {
        case .smoothMore: settings.smoothMore()
        case .smoothLess: settings.smoothLess()
        case .smoothNot: settings.smoothNot()
        case .nextHorizontalAxis: nextAxis()
        case .toggleFollow: settings.window.toggleFollow(last: lastStep)
        default: break
        }
    }

    private mutating func nextAxis() {
        settings.axis = settings.axis.next
        var words = ""
        if settings.axis == .epoch, !countsEpochs {
            settings.axis = settings.axis.next
            words = overlaid.count > 1 ? " (not every run counts epochs)" : " (this log counts no epochs)"
        }
        note("x axis: \(settings.axis.title)\(words)")
    }

    /// Carries out an action that moves or zooms the range of steps that all charts show.
    mutating func moveWindow(_ action: KeyAction) {
        switch action {
        case .moveLeft: settings.window.pan(forward: false, last: lastStep)
        case .moveRight: settings.window.pan(forward: true, last: lastStep)
        case .moveUp: settings.window.zoom(by: 0.5, last: lastStep)
        case .moveDown: settings.window.zoom(by: 2, last: lastStep)
        case .moveToStart: settings.window.moveToStart(last: lastStep)
        case .moveToEnd: settings.window.moveToEnd(last: lastStep)
        default: break
        }
    }
}
