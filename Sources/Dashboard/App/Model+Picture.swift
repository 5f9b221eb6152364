import Canvas

// The picture: header, view, messages, footer, and the layers over them.
extension Model {
    var footer: Footer {
        let hasLiveRun = app.workspace?.runs.contains(where: \.isLive) ?? false
        return Footer(
            view: app.view, run: run, hasLiveRun: hasLiveRun, offersLayers: views.offersLayers(app),
            isEmpty: run == nil && !app.isBrowsing, keys: app.keys)
    }

    /// The smallest window in which views are drawn.
    package static let smallest = Size(rows: 16, columns: 60)

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard rect.rows >= Self.smallest.rows, rect.columns >= Self.smallest.columns else {
            drawTooSmall(into: &frame, in: rect)
            return
        }
        let (header, body, messages, footer) = AppState.layout(rect)
        drawBody(into: &frame, header: header, body: body)
        app.pending.draw(into: &frame, in: messages)
        drawTabs(into: &frame, in: messages)
        if views.isFilterTyped(app) {
            let end = frame.offer("Enter", "keep the filter", row: 0, in: footer)
            frame.offer("Esc", "as it was", row: 0, column: end + 2, in: footer)
        } else {
            self.footer.draw(into: &frame, in: footer)
        }
        for layer in app.layers { layer.draw(into: &frame, in: rect, app) }
    }

    private func drawBody(into frame: inout Frame, header: Rect, body: Rect) {
        if app.isBrowsing, app.view == .checkpoints {
            frame.write("Checkpoints in \(app.watchedFolders)".fitted(to: header.columns), row: 0, in: header, .title)
            return views.draw(into: &frame, in: body, app)
        }
        guard let workspace = app.workspace else {
            frame.write("looking into \(app.watchedFolders) …".fitted(to: header.columns), row: 0, in: header, .dim)
            return
        }
        if let run {
            let reading = workspace.isComplete ? nil : workspace.progress
            RunHeader(
                run: run, readingProblem: workspace.problem, reading: reading, runs: workspace.runs.count,
                now: app.now, utcOffset: app.utcOffset
            ).draw(into: &frame, in: header)
        } else if let problem = workspace.problem {
            frame.write(problem.fitted(to: header.columns), row: 0, in: header, .dim)
        }
        views.draw(into: &frame, in: body, app)
    }

    /// The views' names at the right end of the message line, where there is room beside the messages.
    private func drawTabs(into frame: inout Frame, in rect: Rect) {
        for tab in tabs(in: rect) {
            frame.write(
                tab.name, row: 0, column: tab.start, in: rect, tab.view == app.view ? .selection : .dim)
        }
    }

    private func tabs(in rect: Rect) -> [(view: ViewKind, name: String, start: Int)] {
        let names = ViewKind.tabs.map { " \($0.digit) \($0.title) " }
        let width = names.reduce(0) { $0 + $1.columns }
        guard app.pending.columns + width <= rect.columns else { return [] }
        var start = rect.columns - width
        return zip(ViewKind.tabs, names).map { view, name in
            defer { start += name.columns }
            return (view, name, start)
        }
    }

    func tab(at pointer: Pointer, in rect: Rect) -> ViewKind? {
        guard rect.contains(row: pointer.row, column: pointer.column) else { return nil }
        let column = pointer.column - rect.column
        return tabs(in: rect).last { $0.start <= column }?.view
    }

    private func drawTooSmall(into frame: inout Frame, in rect: Rect) {
        let need = "needs \(Self.smallest.columns)×\(Self.smallest.rows), has \(rect.columns)×\(rect.rows)"
        for (row, line) in ["window too small", need].enumerated() {
            let text = line.fitted(to: rect.columns)
            frame.write(
                text, row: max(0, rect.rows / 2 - 1) + row, column: (rect.columns - text.columns) / 2, in: rect,
                row == 0 ? .warning : .dim)
        }
    }
}
