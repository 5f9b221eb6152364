import Canvas

/// A row of the key table: keys, their action, and its description in the help and the footer.
package struct KeyBinding: Sendable {
    package enum Group: String, CaseIterable, Sendable {
        case steering = "Steer the training"
        case charts = "Read the charts"
        case normalization = "Read normalization layers"
        case images = "Look at images"
        case runs = "Work with runs"
        case checkpoints = "Work with checkpoints"
        case words = "Read the log"
        case moving = "Move around"
        case program = "The program"
    }

    package internal(set) var keys: [Key]
    package let action: KeyAction
    /// One or two words for the footer; empty for keys that it does not show.
    package let label: String
    package let explanation: String
    package let group: Group
    /// The views in which the key does something.
    package internal(set) var views: Set<ViewKind>

    init(
        _ keys: [Key], _ action: KeyAction, _ label: String, _ explanation: String, _ group: Group,
        in views: Set<ViewKind> = Set(ViewKind.allCases)
    ) {
        self.keys = keys
        self.action = action
        self.label = label
        self.explanation = explanation
        self.group = group
        self.views = views
    }

    /// The keys as the help writes them: `p or Space`.
    package var keyNames: String { keys.map(\.name).joined(separator: " ") }
}
