import Canvas

/// A layer over the view that takes the keys before it: the command line, the help, a dialog.
enum Layer: Equatable, Sendable {
    case commandLine(CommandPrompt)
    case help(Help)
    case dialog(Dialog)

    /// The outcome of a key for a layer.
    enum Outcome: Equatable {
        case stayOpen
        case closed
        /// A line of the command line, to be executed.
        case entered(String)
        case answered(Dialog.Answer)
    }

    /// - Parameters:
    ///   - history: what was typed into the command line before.
    ///   - context: what the command line can complete to; asked for where Tab is pressed.
    mutating func update(
        _ key: Key, _ app: AppState, _ history: CommandHistory, _ context: @autoclosure () -> CompletionContext
    ) -> Outcome {
        switch self {
        case .commandLine(var prompt):
            defer { self = .commandLine(prompt) }
            return prompt.update(key, history, context())
        case .help(var help):
            defer { self = .help(help) }
            return help.update(key, app.keys, in: app.view, window: app.window) ? .stayOpen : .closed
        case .dialog(var dialog):
            defer { self = .dialog(dialog) }
            return dialog.update(key)
        }
    }
}

extension Layer {
    /// - Parameter rect: the whole window.
    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        switch self {
        case .commandLine(let prompt):
            let layout = AppState.layout(rect)
            prompt.draw(into: &frame, hint: layout.messages, line: layout.footer)
        case .help(let help): help.draw(into: &frame, in: rect, app.keys, view: app.view, run: app.run)
        case .dialog(let dialog): dialog.draw(into: &frame, in: rect, offersAnswers: app.dialogWasSeen)
        }
    }
}

// MARK: - The layers of the dashboard

extension AppState {
    /// The open dialog, if there is one; it is the uppermost layer.
    package internal(set) var dialog: Dialog? {
        get {
            for case .dialog(let dialog) in layers { return dialog }
            return nil
        }
        set {
            if newValue != dialog { dialogWasSeen = false }
            layers.removeAll { if case .dialog = $0 { true } else { false } }
            if let newValue { layers.append(.dialog(newValue)) }
        }
    }
}
