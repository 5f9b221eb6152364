/// The folders of the user's own files by the XDG base directory specification; nil where the environment names no
/// home.
package struct UserFolders: Sendable {
    /// Settings: the configuration file and themes.
    package let configuration: String?
    /// The folder for state that programs keep.
    package let state: String?

    package init(environment: [String: String]) {
        configuration = Self.folder("XDG_CONFIG_HOME", orIn: ".config", environment)
        state = Self.folder("XDG_STATE_HOME", orIn: ".local/state", environment)
    }

    /// A folder from an environment variable; as the specification says, a relative path is ignored.
    private static func folder(_ variable: String, orIn place: String, _ environment: [String: String]) -> String? {
        if let folder = environment[variable], folder.hasPrefix("/") { return folder + "/normscope" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return "\(home)/\(place)/normscope"
    }
}
