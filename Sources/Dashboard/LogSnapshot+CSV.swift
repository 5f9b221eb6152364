import EventLog

extension LogSnapshot {
    /// All scalars as comma-separated values: `tag,step,wall_time,value`, one point a line, tags in the order in which
    /// they came. A tag with a comma, a quote or a line break is quoted as RFC 4180 says.
    package func commaSeparatedScalars() -> String {
        var text = "tag,step,wall_time,value\n"
        for (tag, series) in scalars {
            let name = Self.quoted(tag)
            for point in series {
                text += "\(name),\(point.step),\(point.wallTime),\(point.value)\n"
            }
        }
        return text
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
