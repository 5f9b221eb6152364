import Syntax

/// The text of a pickled value as Python writes it.
enum PythonText {
    private static let depthLimit = 8
    private static let itemLimit = 32

    /// The value as Python's `str` writes it, a text without quotes.
    static func str(_ value: PickleGraph.Value, _ graph: PickleGraph) -> String {
        graph.text(value) ?? repr(value, graph)
    }

    static func repr(_ value: PickleGraph.Value, _ graph: PickleGraph, depth: Int = 0) -> String {
        switch value {
        case .none: PythonLiteral.none
        case .bool(let flag): PythonLiteral.boolean(flag)
        case .int(let number): String(number)
        case .float(let number): PythonLiteral.number(number)
        case .string: PythonLiteral.string(graph.text(value) ?? "")
        case .object(let number): depth < depthLimit ? repr(graph.objects[Int(number)], graph, depth: depth + 1) : "…"
        }
    }

    private static func repr(_ object: PickleGraph.Object, _ graph: PickleGraph, depth: Int) -> String {
        func texts(_ items: [PickleGraph.Value]) -> [String] {
            items.prefix(itemLimit).map { repr($0, graph, depth: depth) } + (items.count > itemLimit ? ["…"] : [])
        }
        switch object {
        case .list(let items): return PythonLiteral.list(texts(items))
        case .tuple(let items): return PythonLiteral.tuple(texts(items))
        case .set(let items): return items.isEmpty ? "set()" : "{" + texts(items).joined(separator: ", ") + "}"
        case .global(let global): return global.description
        case .instance(let instance): return "<" + (instance.constructor?.description ?? "?") + ">"
        default: return "…"
        }
    }
}
