/// A tree of the modules and tensors of a checkpoint, by the parts of their names; modules can be folded.
///
/// Invariant: a node stands before its children, in the order of the file.
struct TensorTree: Equatable, Sendable {
    struct Node: ListItem, Equatable {
        /// The whole name, such as `layer1.1`; empty for the root.
        let path: String
        /// Its last part.
        let label: String
        let depth: Int
        /// The index of the tensor in the table; nil for a module.
        let row: Int?
        /// The range of rows in this subtree.
        fileprivate(set) var rows: Range<Int>

        var listID: Self { self }
    }

    private(set) var nodes: [Node]
    private var folded: Set<String> = []
    /// Rows that a filter leaves out.
    private var hidden: Set<Int> = []

    /// - Parameter root: what the whole is called.
    init(_ names: [String], root: String) {
        nodes = [Node(path: "", label: root, depth: 0, row: nil, rows: 0..<names.count)]
        // The modules that are open, outermost first: their places in `nodes`.
        var open: [Int] = []
        for (row, name) in names.enumerated() {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            let modules = parts.dropLast()
            let kept = zip(open, modules).prefix { nodes[$0.0].label == $0.1 }.count
            open = Array(open.prefix(kept))
            for depth in kept..<modules.count {
                let path = parts[...depth].joined(separator: ".")
                nodes.append(Node(path: path, label: parts[depth], depth: depth + 1, row: nil, rows: row..<row))
                open.append(nodes.count - 1)
            }
            for place in open { nodes[place].rows = nodes[place].rows.lowerBound..<row + 1 }
            nodes.append(Node(path: name, label: parts.last ?? name, depth: parts.count, row: row, rows: row..<row + 1))
        }
    }

    /// The nodes that are neither hidden by the filter nor in a folded module.
    var visible: [Node] {
        var visible: [Node] = []
        var hiddenBelow: Int?
        for node in nodes {
            if let depth = hiddenBelow, node.depth > depth { continue }
            hiddenBelow = node.row == nil && folded.contains(node.path) ? node.depth : nil
            if node.depth > 0, !hidden.isEmpty, node.rows.allSatisfy(hidden.contains) { continue }
            visible.append(node)
        }
        return visible
    }

    /// Hides the tensors that are not wanted, and modules without any other; the root stays.
    mutating func show(_ isWanted: (String) -> Bool) {
        hidden = Set(nodes.filter { $0.row != nil && !isWanted($0.path) }.compactMap(\.row))
    }

    /// The rows below a node that are shown.
    func rows(of node: Node) -> [Int] { node.rows.filter { !hidden.contains($0) } }

    func isFolded(_ node: Node) -> Bool { node.row == nil && folded.contains(node.path) }

    mutating func fold(_ node: Node) { folded.insert(node.path) }
    mutating func unfold(_ node: Node) { folded.remove(node.path) }

    /// Unfolds every module that hides a path.
    mutating func reveal(_ path: String) {
        folded = folded.filter { !$0.isEmpty && path != $0 && !path.hasPrefix($0 + ".") }
    }
}
