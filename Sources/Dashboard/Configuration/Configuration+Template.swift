import Canvas

extension Configuration {
    /// The text of a configuration file with all defaults, each explained: to be saved and edited.
    ///
    /// - Parameter themes: the names of the themes that there are.
    package static func template(path: String, themes: [String]) -> String {
        let settings = [
            "# Normscope's settings. Save them as \(path)",
            "# and take the # away from what you change; normscope config --check says what is wrong with it.",
            "",
            "# The colours at the start: \(themes.joined(separator: ", ")),",
            "# or one of your own in the folder themes beside this file.",
            "#theme: dark",
            "",
            "# How much curves are smoothed at the start, from 0 to 0.99.",
            "#smoothing: \(ChartSettings.usualSmoothing)",
            "",
            "# Whether the mouse steers; off leaves it to the terminal, for selecting text.",
            "#mouse: on",
            "",
            "# Other keys: one, or a list of them; [] for none. They are the same in every view. Written as: q, Q, \"[\",",
            "# space, enter, esc, tab, shift-tab, backspace, delete, up, down, left, right, home, end, pgup, pgdn, F1, ctrl-l.",
            "# ctrl-c always quits.",
            "#keys:",
        ]
        return (settings + KeyBinding.Group.allCases.flatMap(lines)).joined(separator: "\n") + "\n"
    }

    /// The lines of a group of keys, each action once.
    private static func lines(of group: KeyBinding.Group) -> [String] {
        var seen: Set<String> = []
        let rows = KeyTable.bindings.filter { $0.group == group && isFirst($0) && seen.insert($0.action.name).inserted }
        guard !rows.isEmpty else { return [] }
        return ["#", "#  # \(group.rawValue)"] + rows.map(line)
    }

    /// Whether no earlier row of the table has the same action.
    private static func isFirst(_ binding: KeyBinding) -> Bool {
        KeyTable.bindings.first { $0.action == binding.action }?.group == binding.group
    }

    private static func line(_ binding: KeyBinding) -> String {
        let keys = binding.keys.map { quoted($0.spelling) }
        let value = keys.count == 1 ? keys[0] : "[\(keys.joined(separator: ", "))]"
        return "#  \(binding.action.name): \(value)".padded(to: 44) + "  # \(binding.explanation)"
    }

    private static func quoted(_ key: String) -> String {
        key.count == 1 && !(key.first?.isLetter ?? false) ? "\"\(key)\"" : key
    }
}
