// What the user set up, kept from one session to the next.
extension Model {
    /// What is to be there again at the next start.
    package var memory: ScreenMemory {
        var memory = remembered
        memory.view = desk.view.word
        memory.smoothing = desk.settings.smoothing
        memory.axis = desk.settings.axis.rawValue
        memory.isLogarithmic = desk.settings.isLogarithmic
        memory.marks = desk.marks
        views.remember(in: &memory)
        return memory
    }

    /// Takes over what was remembered, as far as it makes sense here.
    ///
    /// - Parameter showingView: false where what is to be seen first was asked for at the start.
    package mutating func recall(_ memory: ScreenMemory, history: [String], showingView: Bool) {
        remembered = memory
        self.history = CommandHistory(history)
        if let weight = memory.smoothing ?? memory.defaults.smoothing { _ = desk.settings.smooth(by: weight) }
        if let axis = memory.axis.flatMap(ChartSettings.HorizontalAxis.init) { desk.settings.axis = axis }
        desk.settings.isLogarithmic = memory.isLogarithmic
        desk.marks = memory.marks.reduce(into: []) { marks, path in
            if !marks.contains(path), marks.count < OverlaidRun.most { marks.append(path) }
        }
        views.recall(memory, desk)
        if showingView, let view = memory.view.flatMap(ViewKind.init(word:)) { desk.view = view }
    }
}
