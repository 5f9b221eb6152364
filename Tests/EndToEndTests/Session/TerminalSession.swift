import Foundation

/// A real terminal: a tmux server of its own with one window, in which a shell runs.
final class TerminalSession {
    private let socket = "normscope-" + UUID().uuidString.prefix(8)
    init(in workspace: TestWorkspace, columns: Int = 120, rows: Int = 36, environment: [String: String] = [:]) throws {
        // What the person who runs the tests has set up and what dashboards remember must not meet here.
        let own = ["XDG_CONFIG_HOME": workspace.configuration, "XDG_STATE_HOME": workspace.path(".state")]
        let usual = ["LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PS1": "$ ", "ENV": ""].merging(own) { $1 }
        let settings = usual.merging(environment) { $1 }
        let assignments = settings.map { "\($0)=\($1)" }
        try tmux(
            ["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-c", workspace.directory]
                + ["env"] + assignments + ["sh"])
        try tmux(["set-option", "-g", "default-terminal", "tmux-256color"])
        try tmux(["set-option", "-g", "escape-time", "0"])
    }

    deinit {
        _ = try? tmux(["kill-server"])
    }

    @discardableResult
    private func tmux(_ arguments: [String]) throws -> String {
        try run(
            "/usr/bin/env", ["tmux", "-u", "-L", String(socket)] + arguments, in: "/",
            environment: ["LC_ALL": "C.UTF-8"]
        ).output
    }

    /// Presses keys by tmux's names (`Enter`, `Escape`, `C-l`, `p`).
    func press(_ keys: String...) throws {
        try tmux(["send-keys"] + keys)
    }

    /// Types text as it is, then Enter.
    func command(_ line: String) throws {
        try tmux(["send-keys", "-l", line])
        try press("Enter")
    }

    func type(_ text: String) throws {
        try tmux(["send-keys", "-l", text])
    }

    /// What the terminal reports of the mouse, in xterm's SGR form: 0 is the left button, 64 and 65 the wheel up and down.
    func point(button: Int = 0, row: Int, column: Int) throws {
        try type("\u{1B}[<\(button);\(column + 1);\(row + 1)M")
    }

    /// Presses the left button on a text that is on the screen, the lowest one.
    func click(_ text: String) throws {
        let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
        for (row, line) in lines.enumerated().reversed() {
            guard let found = line.range(of: text) else { continue }
            return try point(row: row, column: line.distance(from: line.startIndex, to: found.lowerBound))
        }
        throw NeverHappened(what: "\(text) to click on", last: screen)
    }

    /// Sends bytes as a paste does.
    func paste(_ bytes: [UInt8], from file: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        try tmux(["load-buffer", file])
        try tmux(["paste-buffer", "-r"])
    }

    func resize(columns: Int, rows: Int) throws {
        try tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
    }

    /// What tmux knows of the program in the window, such as `mouse_any_flag`.
    func flag(_ name: String) throws -> String {
        try tmux(["display-message", "-p", "#{\(name)}"]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    var screen: String { (try? tmux(["capture-pane", "-p"])) ?? "" }

    /// Waits until the screen satisfies `condition`, and returns it as it was then.
    @discardableResult
    func wait(for what: String, seconds: Double = 60, _ condition: (String) -> Bool) throws -> String {
        var seen = ""
        try EndToEndTests.wait(for: what, seconds: seconds, showing: { seen }) {
            seen = screen
            return condition(seen)
        }
        return seen
    }

    @discardableResult
    func wait(forText text: String, seconds: Double = 60) throws -> String {
        try wait(for: "the text '\(text)'", seconds: seconds) { $0.contains(text) }
    }
}
