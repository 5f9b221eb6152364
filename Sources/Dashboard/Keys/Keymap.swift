import Canvas

/// The keymap in force: the key table with the changes of the user's configuration.
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

    /// The binding of an action in a view.
    func binding(of action: KeyAction, in view: ViewKind) -> KeyBinding? {
        bindings.first { $0.action == action && $0.views.contains(view) }
    }

    /// The key to press for an action, for messages; its command where it has no key.
    func name(of action: KeyAction) -> String {
        bindings.first { $0.action == action && !$0.keys.isEmpty }?.keys.first?.name ?? ":" + action.name
    }

    /// The key that always ends the program.
    static let alwaysQuits = Key.control("c")
}

// MARK: - Other keys

extension Keymap {
    /// A conflict: two actions that were given the same key in the same views.
    package struct Conflict: Equatable, Sendable {
        package let key: Key
        /// The action that keeps the key.
        package let winner: KeyAction
        /// The action that loses the key.
        package let loser: KeyAction
        package let views: [ViewKind]
    }

    /// Assigns other keys to actions, in all views; returns the conflicts. An earlier assignment keeps its key, and any
    /// of them takes it from actions without an assignment.
    package mutating func rebind(_ assignments: [(action: KeyAction, keys: [Key])]) -> [Conflict] {
        for (action, keys) in assignments {
            let keys = action == .quit && !keys.contains(Self.alwaysQuits) ? keys + [Self.alwaysQuits] : keys
            for index in bindings.indices where bindings[index].action == action { bindings[index].keys = keys }
        }
        var placements = bindings.indices.flatMap { row in
            ViewKind.allCases.filter(bindings[row].views.contains).map {
                Placement(row: row, view: $0, keys: bindings[row].keys)
            }
        }
        let conflicts = settle(&placements, assignments.map(\.action))
        bindings = bindings.indices.flatMap { row in Self.rows(of: bindings[row], placements.filter { $0.row == row }) }
        return Self.joined(conflicts)
    }

    /// A row of the table in one view.
    private struct Placement {
        let row: Int
        let view: ViewKind
        var keys: [Key]
    }

    /// Resolves conflicts: a key in a view belongs to quitting first, then to the assignments in their order, then to
    /// the rest.
    private func settle(_ placements: inout [Placement], _ order: [KeyAction]) -> [Conflict] {
        let ranks = bindings.map { $0.action == .quit ? -1 : order.firstIndex(of: $0.action) ?? order.count }
        var owners: [ViewKind: [Key: KeyAction]] = [:]
        var conflicts: [Conflict] = []
        for place in placements.indices.sorted(by: { (ranks[placements[$0].row], $0) < (ranks[placements[$1].row], $1) }
        ) {
            let (view, action) = (placements[place].view, bindings[placements[place].row].action)
            for key in placements[place].keys {
                let owner = owners[view, default: [:]][key] ?? action
                owners[view, default: [:]][key] = owner
                guard owner != action else { continue }
                placements[place].keys.removeAll { $0 == key }
                conflicts.append(Conflict(key: key, winner: owner, loser: action, views: [view]))
            }
        }
        return conflicts
    }

    /// The binding again, split where its keys are no longer the same in all of its views.
    private static func rows(of binding: KeyBinding, _ placements: [Placement]) -> [KeyBinding] {
        placements.reduce(into: []) { rows, placement in
            if let index = rows.firstIndex(where: { $0.keys == placement.keys }) {
                rows[index].views.insert(placement.view)
            } else {
                var row = binding
                (row.keys, row.views) = (placement.keys, [placement.view])
                rows.append(row)
            }
        }
    }

    /// Merges conflicts about the same pair of actions and the same key.
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
