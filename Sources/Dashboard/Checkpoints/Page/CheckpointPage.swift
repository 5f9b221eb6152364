import Canvas
import Checkpoints

/// An open checkpoint: its modules and tensors as a tree, and details of the chosen one beside it.
struct CheckpointPage: Sendable {
    let path: String
    /// Nil while the file is being read.
    private(set) var table: CheckpointTable?
    private(set) var problem: String?
    private(set) var tree = TensorTree([], root: "")
    private var list = FilteredList<TensorTree.Node>()
    private var tableScroll = ListCursor()
    private(set) var pictures: [String: TensorPicture] = [:]
    private(set) var channels: [String: LayerChannels] = [:]
    /// Whether the details of the chosen item take the whole view.
    private(set) var isLarge = false

    init(path: String) {
        self.path = path
        showTree()
    }

    var filter: FilterField {
        get { list.filter }
        set {
            list.filter = newValue
            applyFilter()
        }
    }

    // MARK: - What arrives

    mutating func receive(_ table: CheckpointTable) {
        self.table = table
        tree = TensorTree(table.rows.map(\.name), root: table.classes[""] ?? "all tensors")
        applyFilter()
    }

    mutating func receive(_ picture: TensorPicture) { pictures[picture.name] = picture }
    mutating func receive(_ channels: LayerChannels) { self.channels[channels.layer] = channels }
    mutating func fail(_ problem: String) { self.problem = problem }

    // MARK: - Moving

    /// The module or tensor under the cursor.
    var chosen: TensorTree.Node { list.chosen ?? tree.nodes[0] }

    /// Clears the filter or leaves the enlarged details; false where the page itself is to be closed.
    mutating func goBack() -> Bool {
        if !isLarge, list.clearFilter() {
            applyFilter()
            return true
        }
        defer { isLarge = false }
        return isLarge
    }

    /// Shows the tensors that pass the filter, with the modules that contain them.
    private mutating func applyFilter() {
        let filter = ListFilter(list.filter.text)
        tree.show { list.filter.isEmpty || filter.matches(.init(name: $0)) }
        showTree()
    }

    private mutating func showTree() { list.show(tree.visible, of: tree.nodes.count) }

    mutating func enlarge() {
        isLarge = table != nil
        tableScroll = ListCursor()
    }

    mutating func move(_ action: KeyAction) {
        if isLarge { return tableScroll.update(action, count: chosen.rows.count) }
        switch action {
        case .moveLeft: foldOrLeave()
        case .moveRight:
            tree.unfold(chosen)
            showTree()
        default: list.move(action)
        }
    }

    /// Folds an unfolded module; for anything else, chooses the module that contains it.
    private mutating func foldOrLeave() {
        let node = chosen
        if node.row == nil, !tree.isFolded(node), node.depth > 0 {
            tree.fold(node)
            showTree()
        } else if let parent = list.items[..<list.cursor.index].lastIndex(where: { $0.depth < node.depth }) {
            list.choose(index: parent)
        }
    }

    /// Chooses the normalization layer before or after the chosen item.
    mutating func chooseLayer(_ distance: Int) {
        guard let table else { return }
        let layers = tree.nodes.indices.filter {
            tree.nodes[$0].row == nil && table.layers.contains(tree.nodes[$0].path)
        }
        let here = tree.nodes.firstIndex(of: chosen) ?? 0
        let found = distance > 0 ? layers.first { $0 > here } : layers.last { $0 < here }
        if let place = found ?? (distance > 0 ? layers.first : layers.last) { choose(tree.nodes[place]) }
    }

    /// Chooses the normalization layer with a name; false if there is none.
    mutating func choose(layer name: String) -> Bool {
        guard table?.layers.contains(name) == true, let node = tree.nodes.first(where: { $0.path == name }) else {
            return false
        }
        choose(node)
        return true
    }

    private mutating func choose(_ node: TensorTree.Node) {
        tree.reveal(node.path)
        list.choose(node)
        showTree()
    }

    mutating func click(line: Int, rows: Int) { list.click(line: line, rows: rows) }

    // MARK: - What is to be read

    /// The chosen item's name, if it is a normalization layer.
    private var layer: String? {
        chosen.row == nil && table?.layers.contains(chosen.path) == true ? chosen.path : nil
    }

    /// The request for what the chosen item needs to be shown; nil if nothing is missing.
    var request: CheckpointRequest? {
        guard problem == nil else { return nil }
        guard let table else { return .open(path: path) }
        let node = chosen
        let names = table.rows[node.rows].map(\.name)
        let unknown = names.filter { pictures[$0].map { node.row != nil && $0.counts.isEmpty } ?? true }
        let missing = layer.flatMap { channels[$0] == nil ? $0 : nil }
        let isKnown = node.row != nil && names.allSatisfy { pictures[$0] != nil && !hasSpread($0) }
        guard missing != nil || (!unknown.isEmpty && !isKnown) else { return nil }
        return .examine(path: path, tensors: unknown, histogram: node.row != nil, layer: missing)
    }

    /// Whether a tensor has more than one value, so that a histogram would show something.
    private func hasSpread(_ name: String) -> Bool {
        guard let picture = pictures[name], let low = picture.statistics.minimum, let high = picture.statistics.maximum
        else { return false }
        return low < high
    }
}

// MARK: - The picture

extension CheckpointPage {
    func draw(into frame: inout Frame, in rect: Rect) {
        let (head, body) = rect.split(top: 1)
        guard let table else {
            frame.pane(path, in: rect, note: problem ?? "reading …")
            return
        }
        var end = frame.write(FileName.of(path).fitted(to: head.columns / 2), in: head, .title)
        if filter.isTyping || !filter.isEmpty {
            end = filter.draw(into: &frame, row: 0, column: end + 2, in: head)
        }
        let note = problem ?? table.weapons.first.map { "DANGEROUS: mentions \($0)" } ?? table.summary
        frame.write(
            ("  " + note).fitted(to: max(0, head.columns - end)), column: end, in: head,
            table.weapons.isEmpty && problem == nil ? .dim : .error)
        if isLarge { return drawDetail(table, into: &frame, in: body) }
        let (left, rest) = body.split(left: min(60, max(28, body.columns * 2 / 5)))
        drawTree(table, into: &frame, in: left)
        drawDetail(table, into: &frame, in: rest.split(left: 1).rest)
    }

    private func drawTree(_ table: CheckpointTable, into frame: inout Frame, in rect: Rect) {
        for (row, line) in list.lines(rect.rows).enumerated() {
            draw(line.item, table, row: row, into: &frame, in: rect, line.isChosen ? .selection : nil)
        }
    }

    private func draw(
        _ node: TensorTree.Node, _ table: CheckpointTable, row: Int, into frame: inout Frame, in rect: Rect,
        _ selection: Style?
    ) {
        let indent = String(repeating: " ", count: min(2 * node.depth, max(0, rect.columns - 12)))
        let mark = node.row != nil ? "  " : tree.isFolded(node) ? "▶ " : "▼ "
        let shape = node.row.map { Self.text(of: table.rows[$0].shape) } ?? note(on: node, table)
        let room = max(8, rect.columns - 1 - shape.columns - 1)
        let text = (indent + mark + node.label).padded(to: room) + " " + shape
        let style = selection ?? (node.row == nil ? Style(.accent) : .text)
        frame.write(text.padded(to: rect.columns - 1), row: row, in: rect, style)
    }

    /// The note beside a module: its class where the file has it, or that it is a normalization layer.
    private func note(on node: TensorTree.Node, _ table: CheckpointTable) -> String {
        if node.depth == 0 { return "\(table.rows.count) tensors" }
        return (table.classes[node.path] ?? (table.layers.contains(node.path) ? "normalization" : "")).fitted(to: 16)
    }

    private static func text(of shape: [Int]) -> String {
        shape.isEmpty ? "()" : shape.map(String.init).joined(separator: "×").fitted(to: 16)
    }

    private func drawDetail(_ table: CheckpointTable, into frame: inout Frame, in rect: Rect) {
        let node = chosen
        if let row = node.row {
            let entry = table.rows[row]
            TensorDetail(entry: entry, tiedTo: table.ties[entry.name], picture: pictures[entry.name])
                .draw(into: &frame, in: rect)
        } else if let layer, let channels = channels[layer] {
            LayerDetail(channels: channels).draw(into: &frame, in: rect)
        } else {
            let prefix = node.path.isEmpty ? 0 : node.path.count + 1
            TensorTable(
                rows: tree.rows(of: node).map { table.rows[$0] }, prefix: prefix, pictures: pictures,
                unshown: node.depth == 0 ? table.unshown : []
            ).draw(into: &frame, in: rect, first: isLarge ? tableScroll.index : 0)
        }
    }
}

/// The name of a file: the last part of its path.
enum FileName {
    static func of(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
