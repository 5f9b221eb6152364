import Canvas
import Dashboard
import Terminal

/// The user's preferences for the screen: the configuration file, overridden by the command line.
struct ScreenPreferences {
    static let usualTheme = "dark"

    let themes: ThemeCatalogue
    private let configuration: Configuration
    /// The argument of `--theme`.
    private let asked: String?

    init(_ theme: String?, _ themes: ThemeCatalogue, _ environment: [String: String]) {
        self.themes = themes
        asked = theme
        configuration = ConfigurationFile(environment: environment).read(themes)
    }

    var keymap: Keymap { configuration.keymap }
    var defaults: ScreenMemory.Defaults { configuration.defaults }

    /// The initial theme, and the problems of the configuration.
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
