/// An experiment that a new run can be started from.
package struct ExperimentChoice: Equatable, Sendable {
    package let title: String
    package let path: String
    /// Dotted keys and values as the file writes them.
    package let settings: [Setting]

    package struct Setting: Equatable, Sendable {
        package let key: String
        package var value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    package init(title: String, path: String, settings: [Setting]) {
        self.title = title
        self.path = path
        self.settings = settings
    }
}
