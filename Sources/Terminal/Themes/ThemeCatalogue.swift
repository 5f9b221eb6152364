import Canvas
import Files
import Syntax

/// The catalogue of available themes: files in folders, of which the first folder wins, and the built-in ones.
package struct ThemeCatalogue: Sendable {
    /// The files by the names of themes.
    private let files: [String: String]
    /// All names: the built-in ones in their order, then the others alphabetically.
    package let names: [String]

    /// - Parameters:
    ///   - folder: looked at first; nil for none.
    ///   - environment: XDG_CONFIG_HOME or HOME, for `normscope/themes` in it.
    package init(folder: String? = nil, environment: [String: String]) {
        var files: [String: String] = [:]
        let own = UserFolders(environment: environment).configuration.map { $0 + "/themes" }
        for folder in [own, folder].compactMap({ $0 }) {
            for name in Self.themeNames(in: folder) { files[name] = "\(folder)/\(name).yaml" }
        }
        let builtIn = BuiltInThemes.texts.map(\.name)
        self.files = files
        names = builtIn + files.keys.filter { !builtIn.contains($0) }.sorted()
    }

    private static func themeNames(in folder: String) -> [String] {
        Folder.names(in: folder).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    }

    package func theme(named name: String) throws(TerminalError) -> Theme {
        if let file = files[name] { return try Theme.load(path: file) }
        if let text = BuiltInThemes.texts.first(where: { $0.name == name })?.text {
            return try Theme.parse(text, path: "Themes/\(name).yaml")
        }
        if name.contains("/") || name.hasSuffix(".yaml") { return try Theme.load(path: name) }
        throw .themeNotFound(name: name, nearest: Spelling.nearest(to: name, among: names), known: names)
    }

    /// The name after another one; the first one after the last.
    package func name(after name: String) -> String {
        guard let index = names.firstIndex(of: name) else { return names[0] }
        return names[(index + 1) % names.count]
    }
}
