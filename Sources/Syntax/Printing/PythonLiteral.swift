/// Python's notation for values, as `repr` writes it: what `print(net)` shows.
package enum PythonLiteral {
    package static let none = "None"

    package static func boolean(_ value: Bool) -> String { value ? "True" : "False" }

    package static func number(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return "\(value)"
    }

    package static func string(_ text: String) -> String { "'\(text)'" }

    /// A tuple of one item has a comma behind it.
    package static func tuple(_ items: [String]) -> String {
        "(" + items.joined(separator: ", ") + (items.count == 1 ? ",)" : ")")
    }

    package static func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }

    package static func call(_ name: String, _ arguments: [String]) -> String {
        name + "(" + arguments.joined(separator: ", ") + ")"
    }
}
