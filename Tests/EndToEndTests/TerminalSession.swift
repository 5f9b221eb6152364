import Foundation

/// A real terminal: a tmux server of its own with one window, in which a shell runs.
final class TerminalSession {
    private let socket = "normscope-" + UUID().uuidString.prefix(8)
    init(in workshop: Workshop, columns: Int = 120, rows: Int = 36, environment: [String: String] = [:]) throws {
        let settings = ["LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PS1": "$ ", "ENV": ""].merging(environment) { $1 }
        let assignments = settings.map { "\($0)=\($1)" }
        try tmux(
            ["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-c", workshop.directory]
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

    func resize(columns: Int, rows: Int) throws {
        try tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
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
