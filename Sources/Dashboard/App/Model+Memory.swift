// What the user set up, kept from one session to the next.
extension Model {
    /// The state of the screen to be saved for the next start.
    package var memory: ScreenMemory {
        var memory = remembered
        memory.view = app.view.word
        memory.smoothing = app.settings.smoothing
        memory.axis = app.settings.axis.rawValue
        memory.isLogarithmic = app.settings.isLogarithmic
        memory.marks = app.marks
        views.save(to: &memory)
        return memory
    }

    /// Restores the saved state of the screen, as far as it is valid.
    ///
    /// - Parameter showingView: false where what is to be seen first was asked for at the start.
    package mutating func restore(from memory: ScreenMemory, history: [String], showingView: Bool) {
        remembered = memory
        self.history = CommandHistory(history)
        if let weight = memory.smoothing ?? memory.defaults.smoothing { _ = app.settings.smooth(by: weight) }
        if let axis = memory.axis.flatMap(ChartSettings.HorizontalAxis.init) { app.settings.axis = axis }
        app.settings.isLogarithmic = memory.isLogarithmic
        app.marks = memory.marks.reduce(into: []) { marks, path in
            if !marks.contains(path), marks.count < OverlaidRun.most { marks.append(path) }
        }
        views.restore(from: memory, app)
        if showingView, let view = memory.view.flatMap(ViewKind.init(word:)) { app.view = view }
    }
}
