extension EventSummary {
    /// The summary as lines for people. Control characters in names from files are shown as U+FFFD: these lines may go
    /// straight to a terminal.
    package var lines: [String] {
        let total = [
            Self.count(points, "point"), Self.count(runs.count, "run"),
            "\(Self.grouped(bytes)) bytes read in \(Self.rounded(seconds, 3)) s",
        ]
        return runs.flatMap { Self.lines($0) + [""] } + [total.joined(separator: ", ")]
    }

    static func lines(_ run: Run) -> [String] {
        let width = run.tags.map { printable($0.tag).count }.max() ?? 0
        var lines = ["\(printable(run.name)): \(count(run.points, "point")) under \(count(run.tags.count, "tag"))"]
        lines += run.tags.map { "  " + line($0, width: min(width, 60)) }
        if !run.hyperparameters.isEmpty {
            let values = run.hyperparameters.map { "\(printable($0.name))=\(text($0.value))" }
            lines.append("  hyperparameters: " + values.joined(separator: ", "))
        }
        if run.unreadBytes > 0 && run.problemCount == 0 {
            lines.append("  the last \(grouped(run.unreadBytes)) bytes are no complete record yet")
        }
        lines += run.problems.map { "  problem: " + printable($0) }
        if run.problemCount > run.problems.count {
            lines.append("  and \(count(run.problemCount - run.problems.count, "problem")) more")
        }
        return lines
    }

    private static func line(_ tag: Tag, width: Int) -> String {
        let name = printable(tag.tag)
        let padded = name + String(repeating: " ", count: max(0, width - name.count))
        var line =
            "\(padded)  \(tag.kind.rawValue), \(grouped(tag.count)) from step \(tag.firstStep) to \(tag.lastStep)"
        if let last = tag.last { line += ", last \(last.value)" }
        if tag.notFinite > 0 { line += ", \(grouped(tag.notFinite)) not finite" }
        return line
    }

    private static func text(_ value: Hyperparameter.Value) -> String {
        switch value {
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
        case .text(let text): printable(text)
        case .flag(let flag): "\(flag)"
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// Digits in groups of three: 1,234,567.
    private static func grouped(_ number: Int) -> String {
        var digits = Array("\(number)")
        var place = digits.count - 3
        while place > 0 && digits[place - 1] != "-" {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }

    private static func rounded(_ value: Double, _ places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return "\((value * scale).rounded() / scale)"
    }

    /// Without anything that a terminal would take for a command.
    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}
