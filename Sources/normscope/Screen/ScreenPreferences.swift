import Canvas
import Dashboard
import Terminal

/// How the user wants the screen: the configuration file, overruled by what stands on the command line.
struct ScreenPreferences {
    static let usualTheme = "dark"

    let themes: ThemeCatalogue
    private let configuration: Configuration
    /// What `--theme` says.
    private let asked: String?

    init(_ theme: String?, _ themes: ThemeCatalogue, _ environment: [String: String]) {
        self.themes = themes
        asked = theme
        configuration = ConfigurationFile(environment: environment).read(themes)
    }

    var keymap: Keymap { configuration.keymap }
    var defaults: ScreenMemory.Defaults { configuration.defaults }

    /// The theme to begin with, and what was wrong with the configuration.
    ///
    /// One that is asked for and can't be had is an error; of one that was taken last time nobody needs to hear.
    func theme(remembering last: String?) throws -> (Theme, problems: [String]) {
        if let asked { return (try themes.theme(named: asked), configuration.problems) }
        for name in [last, configuration.theme?.name].compactMap({ $0 }) {
            if let theme = try? themes.theme(named: name) { return (theme, configuration.problems) }
        }
        return (try themes.theme(named: Self.usualTheme), configuration.problems)
    }
}
