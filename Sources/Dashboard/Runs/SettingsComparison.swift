import Canvas
import EventLog
import Runs

/// The settings of two runs side by side: first those that differ, then the common ones.
struct SettingsComparison: Equatable, Sendable {
    struct Line: Equatable, Sendable {
        let name: String
        let left: String
        let right: String

        var differs: Bool { left != right }
    }

    let names: (left: String, right: String)
    let lines: [Line]
    private var scroll = 0

    static func == (a: Self, b: Self) -> Bool {
        a.names == b.names && a.lines == b.lines && a.scroll == b.scroll
    }

    init(_ left: RunCatalogue.Entry, _ right: RunCatalogue.Entry) {
        self.init(
            names: (left.name, right.name), left.settings, right.settings)
    }

    init(names: (left: String, right: String), _ left: [Hyperparameter], _ right: [Hyperparameter]) {
        self.names = names
        let values = [left, right].map { Dictionary($0.map { ($0.name, $0.value.text) }) { $1 } }
        var seen: Set<String> = []
        let all = (left + right).filter { seen.insert($0.name).inserted }.map {
            Line(name: $0.name, left: values[0][$0.name] ?? "—", right: values[1][$0.name] ?? "—")
        }
        lines = all.filter(\.differs) + all.filter { !$0.differs }
    }

    /// Handles a key; returns whether the comparison stays open.
    mutating func update(_ key: Key) -> Bool {
        switch key {
        case .down, .character("j"): scroll += 1
        case .up, .character("k"): scroll -= 1
        case .pageDown: scroll += 10
        case .pageUp: scroll -= 10
        default: return false
        }
        scroll = max(0, min(scroll, lines.count - 1))
        return true
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        let name = max(10, min(28, rect.columns / 4))
        let side = max(4, (rect.columns - name - 4) / 2)
        func write(_ line: Line, row: Int, _ style: Style, in rect: Rect) {
            frame.write(line.name.fitted(to: name), row: row, in: rect, style == .dim ? .dim : .text)
            frame.write(line.left.fitted(to: side), row: row, column: name + 2, in: rect, style)
            frame.write(line.right.fitted(to: side), row: row, column: name + side + 4, in: rect, style)
        }
        let count = lines.count(where: \.differs)
        write(Line(name: "\(count) differ", left: names.left, right: names.right), row: 0, .title, in: rect)
        let (body, foot) = rect.split(top: 1).rest.split(top: rect.rows - 2)
        for (row, line) in lines.dropFirst(scroll).prefix(body.rows).enumerated() {
            write(line, row: row, line.differs ? Style(.accent, .bold) : .dim, in: body)
        }
        let words =
            lines.isEmpty ? "neither says what it was asked to do; any key closes" : "j k scroll, any other key closes"
        frame.write(words.fitted(to: foot.columns), row: 0, in: foot, .dim)
    }
}
