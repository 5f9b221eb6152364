import ArgumentParser
import Dashboard
import Foundation
import Terminal

/// `normscope config`
struct Configure: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print a configuration file with all settings and keys, or check yours.",
        discussion: """
            The file is ~/.config/normscope/config.yaml (below XDG_CONFIG_HOME where that is set). What is printed changes
            nothing by itself: every line in it is a comment that says what is so anyway.
            """)

    @Flag(help: "Say what is wrong with your file, line by line.")
    var check = false

    @Flag(help: "Print where your file is looked for.")
    var path = false

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let file = ConfigurationFile(environment: environment)
        let themes = ThemeCatalogue(folder: Installation.path(of: "Themes"), environment: environment)
        guard let place = file.path else {
            throw ProgramError("no home: set HOME or XDG_CONFIG_HOME to where your settings are")
        }
        if path { return print(place) }
        guard check else {
            return print(Dashboard.Configuration.template(path: place, themes: themes.names), terminator: "")
        }
        let problems = file.read(themes).problems
        guard problems.isEmpty else {
            for problem in problems { print(problem.onOneLine) }
            throw ExitCode.failure
        }
        print(FileKind(place) == .nothing ? "\(place): not there: everything is as usual" : "\(place): good")
    }
}
