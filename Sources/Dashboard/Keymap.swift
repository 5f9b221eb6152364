import Canvas

/// Which key does what: the key table, with what the user's file changes in it.
///
/// Invariant: in one view a key stands for at most one action.
package struct Keymap: Sendable {
    package private(set) var bindings: [KeyBinding]

    package static let standard = Keymap(KeyTable.bindings)

    private init(_ bindings: [KeyBinding]) {
        self.bindings = bindings
    }

    package func binding(for key: Key, in view: ViewKind) -> KeyBinding? {
        bindings.first { $0.views.contains(view) && $0.keys.contains(key) }
    }

    package func bindings(in view: ViewKind) -> [KeyBinding] {
        bindings.filter { $0.views.contains(view) }
    }

    /// The row of an action that does something in a view.
    func binding(of action: Action, in view: ViewKind) -> KeyBinding? {
        bindings.first { $0.action == action && $0.views.contains(view) }
    }

    /// What to press for an action, as sentences on the screen name it; its command where no key is left for it.
    func name(of action: Action) -> String {
        bindings.first { $0.action == action && !$0.keys.isEmpty }?.keys.first?.name ?? ":" + action.name
    }

    /// The key that always ends the program.
    static let alwaysQuits = Key.control("c")
}

// MARK: - Other keys

extension Keymap {
    /// Two actions that want one key in the same views.
    package struct Conflict: Equatable, Sendable {
        package let key: Key
        /// Who keeps the key.
        package let winner: Action
        /// Who goes without it.
        package let loser: Action
        package let views: [ViewKind]
    }

    /// Gives actions other keys, in all views; answers what then stood in each other's way. What comes earlier in
    /// `wishes` keeps its key, and any of them takes it from an action that nobody spoke of.
    package mutating func rebind(_ wishes: [(action: Action, keys: [Key])]) -> [Conflict] {
        for (action, keys) in wishes {
            let keys = action == .quit && !keys.contains(Self.alwaysQuits) ? keys + [Self.alwaysQuits] : keys
            for index in bindings.indices where bindings[index].action == action { bindings[index].keys = keys }
        }
        let order = wishes.map(\.action)
        let ranks = bindings.map { $0.action == .quit ? -1 : order.firstIndex(of: $0.action) ?? order.count }
        let ranked = bindings.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
        var conflicts: [Conflict] = []
        for (place, winner) in ranked.enumerated() {
            for loser in ranked[(place + 1)...] { conflicts += resolve(winner, loser) }
        }
        return Self.joined(conflicts)
    }

    /// Takes the keys that two rows share from the second one.
    private mutating func resolve(_ winner: Int, _ loser: Int) -> [Conflict] {
        let (first, second) = (bindings[winner], bindings[loser])
        let views = first.views.intersection(second.views)
        let shared = second.keys.filter(first.keys.contains)
        guard !views.isEmpty, !shared.isEmpty, first.action != second.action else { return [] }
        bindings[loser].keys.removeAll(where: shared.contains)
        let order = ViewKind.allCases.filter(views.contains)
        return shared.map { Conflict(key: $0, winner: first.action, loser: second.action, views: order) }
    }

    /// One conflict a pair and key, whatever rows of the table it came from.
    private static func joined(_ conflicts: [Conflict]) -> [Conflict] {
        conflicts.reduce(into: []) { all, next in
            guard let index = all.firstIndex(where: { $0.isAbout(next) }) else { return all.append(next) }
            let views = Set(all[index].views + next.views)
            all[index] = Conflict(
                key: next.key, winner: next.winner, loser: next.loser,
                views: ViewKind.allCases.filter(views.contains))
        }
    }
}

extension Keymap.Conflict {
    fileprivate func isAbout(_ other: Self) -> Bool {
        key == other.key && winner == other.winner && loser == other.loser
    }
}
