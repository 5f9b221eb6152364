import Canvas

// Keys and mouse.
extension Model {
    mutating func handle(_ key: Key) -> [Effect] {
        if !app.layers.isEmpty { return pressInTopLayer(key) }
        if let effects = views.handle(key, &app) { return effects }
        guard let binding = app.keys.binding(for: key, in: app.view) else { return [] }
        return perform(binding.action)
    }

    /// Puts pasted text into the field that is being typed in. Anywhere else it is refused: its letters are no keys.
    mutating func handle(paste text: String) -> [Effect] {
        guard isTyping else {
            app.refuse("pasted text is no command: open a field for it with : or /")
            return []
        }
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.filter(\.isPrintable).flatMap { handle(.character($0)) }
    }

    /// Whether keys are letters of a text at present.
    private var isTyping: Bool {
        switch app.layers.last {
        case .commandLine: true
        case .dialog(let dialog): dialog.isTyping
        case .help: false
        case nil: views.isFilterTyped(app)
        }
    }

    private mutating func pressInTopLayer(_ key: Key) -> [Effect] {
        if case .dialog(let dialog) = app.layers.last, dialog.asksToDestroy, !app.dialogWasSeen, key != .escape {
            // Typed, pasted or repeated before the question could be read: no answer to it.
            return []
        }
        var layer = app.layers.removeLast()
        switch layer.update(key, app, history, views.completionContext(app)) {
        case .stayOpen: app.layers.append(layer)
        case .closed: break
        case .entered(let line):
            history.add(line)
            return execute(line)
        case .answered(let answer):
            if answer.keepsDialogOpen { app.layers.append(layer) }
            return effects(of: answer)
        }
        return []
    }

    private func effects(of answer: Dialog.Answer) -> [Effect] {
        switch answer {
        case .stopRun(let path): return [.command(.stop, run: path)]
        case .deleteRun(let path): return [.deleteRun(path)]
        case .renameRun(let path, let name): return [.renameRun(path, to: name)]
        case .startRun(let experiment, let overrides):
            return [.startRun(experiment: experiment, overrides: overrides)]
        case .deleteCheckpoint(let path): return [.checkpoint(.delete(path: path))]
        case .convert(let path, let output, let asModule):
            return [.checkpoint(.convert(path: path, to: output, asModule: asModule))]
        case .detach: return [.quit]
        case .stopAndSave: return run.map { [.command(.stop, run: $0.directory.path), .quit] } ?? []
        case .learningRate(let rate):
            return run.map { [.command(.set(.learningRate(rate)), run: $0.directory.path)] } ?? []
        }
    }

    mutating func perform(_ action: KeyAction) -> [Effect] {
        switch action {
        // The key that shows the images leads back from them too.
        case .show(.images) where app.view == .images: return performInView(.back)
        case .show(let kind): show(kind)
        case .nextView: show(app.view.next)
        case .previousView: show(app.view.previous)
        case .help: app.layers.append(.help(Help()))
        case .commandLine: app.layers.append(.commandLine(CommandPrompt()))
        case .quit: return quit()
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .nextTheme: return [.nextTheme]
        case .reload: return [.reload]
        case .writePicture: return [.writePicture(nil)]
        case .writeValues: return writeValues(to: nil)
        case .stopRun where app.view != .runs: return app.steer(action)
        case .pauseOrResume, .checkpoint, .evaluate, .setLearningRate, .slower, .faster: return app.steer(action)
        case .smoothMore, .smoothLess, .smoothNot, .nextHorizontalAxis, .toggleFollow:
            app.change(action)
            views.refresh(app)
        default: return performInView(action)
        }
        return []
    }

    private mutating func performInView(_ action: KeyAction) -> [Effect] {
        let before = app.view
        defer { refreshView(unless: before) }
        return views.handle(action, &app)
    }

    /// A view that comes on the screen takes in what happened meanwhile.
    private mutating func refreshView(unless before: ViewKind) {
        if app.view != before { views.refresh(app) }
    }

    mutating func show(_ kind: ViewKind) {
        app.view = kind
        views.refresh(app)
    }

    private mutating func quit() -> [Effect] {
        guard let run, run.isTraining else { return [.quit] }
        app.dialog = .quit(run: run.name, canStop: run.refusal(of: .stop) == nil)
        return []
    }

    mutating func handle(_ pointer: Pointer) -> [Effect] {
        switch app.layers.last {
        case .dialog: return []
        case .help(let help): return handle(pointer, in: help)
        case .commandLine, nil: break
        }
        let (_, body, messages, footer) = AppState.layout(Rect(rows: app.window.rows, columns: app.window.columns))
        if pointer.gesture == .press, app.layers.isEmpty {
            if let kind = tab(at: pointer, in: messages) { return perform(.show(kind)) }
            if footer.contains(row: pointer.row, column: pointer.column),
                let action = self.footer.action(atColumn: pointer.column, in: footer)
            {
                return perform(action)
            }
        }
        guard body.contains(row: pointer.row, column: pointer.column) else { return [] }
        let before = app.view
        defer { refreshView(unless: before) }
        return views.handle(
            Pointer(pointer.gesture, row: pointer.row - body.row, column: pointer.column - body.column), &app)
    }

    private mutating func handle(_ pointer: Pointer, in help: Help) -> [Effect] {
        var help = help
        app.layers.removeLast()
        if help.point(pointer, app.keys, in: app.view, window: app.window) { app.layers.append(.help(help)) }
        return []
    }

    mutating func writeValues(to path: String?) -> [Effect] {
        guard csvTable == nil else { return [.writeValues(path)] }
        app.refuse("there is nothing here to write as CSV")
        return []
    }
}
