import ArgumentParser
import Canvas
import Dashboard
import Foundation
import Glibc
import Runs
import Terminal
import Training

/// The options of all commands that open the dashboard, and the opening itself.
struct ScreenOptions: ParsableArguments {
    @Option(help: "The colours: a theme's name, or a theme file.")
    var theme: String?

    /// Throws where standard input or output is no terminal, with the command to use instead.
    static func requireTerminal(instead command: String) throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw ProgramError("the dashboard needs a terminal, and this is none: try \(command)")
        }
    }

    /// Opens the dashboard on the runs below `places`, and prints at the end what continues without it.
    ///
    /// - Parameter browsing: a folder or a file whose checkpoints are shown first, whatever runs there are.
    func open(places: [String], run: RunDirectory?, browsing: String? = nil) throws {
        let environment = ProcessInfo.processInfo.environment
        let themes = ThemeCatalogue(folder: Installation.path(of: "Themes"), environment: environment)
        var loop = try DashboardLoop(
            places: places, open: run?.path, browsing: browsing,
            preferences: ScreenPreferences(theme, themes, environment),
            environment: environment,
            memory: MemoryFile(places: browsing.map { [$0] } ?? places, environment: environment))
        let reason = loop.runUntilExit()
        guard let last = loop.run else { return }
        ExitMessage(run: last, reason: reason).say()
    }
}
