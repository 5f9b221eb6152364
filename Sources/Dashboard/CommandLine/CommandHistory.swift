/// The history of the command line, the newest line first, each once.
package struct CommandHistory: Equatable, Sendable {
    private static let most = 200
    private static let longest = 500
    package private(set) var lines: [String] = []

    package init() {}

    /// Reads the lines of a file; empty, long and unprintable ones are dropped.
    package init(_ lines: [String]) {
        for line in lines.reversed() { add(line) }
    }

    mutating func add(_ line: String) {
        let line = line.trimmed
        guard !line.isEmpty, line.count <= Self.longest, line.allSatisfy(\.isPrintable) else { return }
        lines.removeAll { $0 == line }
        lines.insert(line, at: 0)
        if lines.count > Self.most { lines.removeLast(lines.count - Self.most) }
    }

    func lines(beginningWith text: String) -> [String] { lines.filter { $0.hasPrefix(text) && $0 != text } }
}
