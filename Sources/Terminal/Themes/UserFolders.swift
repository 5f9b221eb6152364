/// Where the user's own files are, as the XDG base directory specification has it; nil where the environment names no home.
package struct UserFolders: Sendable {
    /// Settings: the configuration file and themes.
    package let configuration: String?
    /// What programs remember.
    package let state: String?

    package init(environment: [String: String]) {
        configuration = Self.folder("XDG_CONFIG_HOME", orIn: ".config", environment)
        state = Self.folder("XDG_STATE_HOME", orIn: ".local/state", environment)
    }

    /// A path that is not absolute is to be passed over.
    private static func folder(_ variable: String, orIn place: String, _ environment: [String: String]) -> String? {
        if let folder = environment[variable], folder.hasPrefix("/") { return folder + "/normscope" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return "\(home)/\(place)/normscope"
    }
}
