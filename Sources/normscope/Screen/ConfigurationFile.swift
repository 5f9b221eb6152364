import Dashboard
import Files
import Terminal

/// The user's configuration file, `~/.config/normscope/config.yaml`.
struct ConfigurationFile {
    private static let name = "config.yaml"
    /// nil where the environment names no home.
    let path: String?

    init(environment: [String: String]) {
        path = UserFolders(environment: environment).configuration.map { "\($0)/\(Self.name)" }
    }

    /// What the file says; the usual where there is none. Themes are looked up, so that a wrong name has its line.
    func read(_ themes: ThemeCatalogue) -> Configuration {
        guard let path else { return Configuration() }
        var configuration: Configuration
        do {
            guard let bytes = try WholeFile.read(path, limit: Configuration.mostBytes) else { return Configuration() }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return Configuration(problem: "\(Self.name): it is not UTF-8 text")
            }
            configuration = Configuration(yaml: text, file: Self.name)
        } catch {
            return Configuration(problem: "\(error)")
        }
        if let name = configuration.theme?.name {
            do { _ = try themes.theme(named: name) } catch { configuration.dropTheme(because: "\(error)") }
        }
        return configuration
    }
}
