/// The speed limit of a run, for people who watch it.
package enum Pace: Hashable, Sendable, CustomStringConvertible {
    case full
    /// At most so many steps a second; over 0 and finite.
    case stepsPerSecond(Double)

    /// `full` or a number over zero.
    package init?(parsing text: String) {
        if text.lowercased() == "full" {
            self = .full
        } else if let value = Double(text), value.isFinite, value > 0 {
            self = .stepsPerSecond(value)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .full: "full"
        case .stepsPerSecond(let value): plainNumber(value)
        }
    }
}

/// The shortest text that reads back as the same number, without `.0`.
package func plainNumber(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
