import Canvas
import Charts

/// The dialog for setting the learning rate: a factor of the current one (`×0.5`, `*2`, `x2`) or a number.
package struct LearningRateEntry: Equatable, Sendable {
    var current: Double?
    private var input = TextInput()

    init(current: Double?) {
        self.current = current
    }

    /// The typed rate; nil unless it is finite and not negative.
    var rate: Double? {
        let text = input.text.filter { $0 != " " }
        let value: Double? =
            if let factor = text.first, "×*xX".contains(factor) {
                Double(text.dropFirst()).flatMap { factor in current.map { $0 * factor } }
            } else {
                Double(text)
            }
        guard let value, value.isFinite, value >= 0 else { return nil }
        return value
    }

    mutating func update(_ key: Key) -> Layer.Outcome {
        if key == .control("c") || key == .escape { return .closed }
        if key == .enter {
            return rate.map { .answered(.learningRate($0)) } ?? .stayOpen
        }
        input.update(key)
        return .stayOpen
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        let room = frame.window(title: "Learning rate", rows: 5, columns: 58, over: rect)
        let now = current.map { NumberFormat.compact($0) } ?? "unknown"
        frame.write("now \(now); type ×0.5, ×2 or a number", row: 0, in: room)
        input.draw(prompt: "> ", into: &frame, row: 2, in: room)
        frame.write(verdict(now: now), row: 3, in: room, rate == nil ? .dim : .good)
        frame.offer("Enter", "set it", row: 4, in: room)
        frame.offer("Esc", "cancel", row: 4, column: 18, in: room)
    }

    private func verdict(now: String) -> String {
        if let rate { return "\(now) → \(NumberFormat.compact(rate))" }
        return input.text.isEmpty ? "" : "not a rate yet"
    }
}
