import Charts
import EventLog

extension Hyperparameter.Value {
    /// The value as text for tables.
    var text: String {
        switch self {
        case .number(let number): NumberFormat.setting(number)
        case .text(let text): text
        case .flag(let flag): "\(flag)"
        }
    }
}

extension NumberFormat {
    /// A number as people type it: `64`, `0.05`, `5e-4`.
    static func setting(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e9 { return fixed(value, decimals: 0) }
        return "\(value)"
    }
}
