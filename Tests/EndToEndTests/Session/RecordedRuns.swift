import Foundation

extension TestWorkspace {
    /// Copies the recorded PyTorch runs of the repository to `logs`.
    func copyRecordedRuns() throws {
        try FileManager.default.copyItem(
            atPath: TestWorkspace.repository + "/sample-data/runs", toPath: path("logs"))
    }

    /// A dashboard that shows the recorded runs.
    func watchRecordedRuns(columns: Int = 120, rows: Int = 36, environment: [String: String] = [:]) throws
        -> TerminalSession
    {
        if files(in: "logs").isEmpty { try copyRecordedRuns() }
        let terminal = try TerminalSession(in: self, columns: columns, rows: rows, environment: environment)
        try watchAgain(in: terminal)
        return terminal
    }

    /// Opens it, and keeps what is typed after its end away from the shell.
    func watchAgain(in terminal: TerminalSession) throws {
        try terminal.command("clear; \(TestWorkspace.program) watch logs; echo status $?; stty sane; cat > /dev/null")
        try terminal.wait(forText: "pytorch-lr")
    }
}

extension TerminalSession {
    /// Types a line into the command line and executes it.
    func say(_ line: String) throws {
        try type(":" + line)
        try wait(forText: ":" + line)
        try press("Enter")
    }

    /// Leaves the dashboard and the `cat` behind it.
    func leave() throws {
        try say("detach")
        try wait(forText: "status 0")
        // Pressed again until it is heard: the `cat` may not be there yet.
        try wait(for: "the shell's prompt") { screen in
            if screen.split(separator: "\n").last?.hasPrefix("$") == true { return true }
            try? press("C-c")
            return false
        }
    }
}
