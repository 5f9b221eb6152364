import Canvas
import Diagnosis

/// The mark and the style of a severity.
struct SeverityMark {
    let text: String
    let style: Style

    init(_ severity: Finding.Severity?) {
        switch severity {
        case .fault: (text, style) = ("✗", .error)
        case .warning: (text, style) = ("▲", .warning)
        case .note: (text, style) = ("○", .dim)
        case nil: (text, style) = ("✓", .good)
        }
    }
}
