import Canvas

/// View 7: what the engine has to say in words, the newest last. It follows the end until the user moves up.
struct LogView: DashboardView {
    /// Lines between the end of the log and the last one shown.
    private var distance = 0
    private static let page = 10

    mutating func update(_ action: Action, _ desk: inout Desk) -> [Effect] {
        let lines = desk.run?.engineLog.count ?? 0
        switch action {
        case .back: desk.view = .overview
        case .moveUp: distance += 1
        case .moveDown: distance -= 1
        case .pageUp: distance += Self.page
        case .pageDown: distance -= Self.page
        case .moveToStart: distance = lines
        case .moveToEnd: distance = 0
        default: break
        }
        distance = max(0, min(distance, lines - 1))
        return []
    }

    func draw(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        let lines = desk.run?.engineLog ?? []
        guard !lines.isEmpty else {
            frame.pane("engine.log", in: rect, note: "the engine has said nothing yet")
            return
        }
        let title = "engine.log  \(lines.count) lines" + (distance > 0 ? ", \(distance) below" : "")
        frame.write(title.fitted(to: rect.columns), row: 0, in: rect, .title)
        let (_, body) = rect.split(top: 1)
        let end = max(min(body.rows, lines.count), lines.count - distance)
        for (row, line) in lines[max(0, end - body.rows)..<end].enumerated() {
            frame.write(line.fitted(to: body.columns), row: row, in: body)
        }
    }
}
