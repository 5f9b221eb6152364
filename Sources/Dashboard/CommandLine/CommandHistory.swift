/// Lines that were typed into the command line, the newest first, each once.
package struct CommandHistory: Equatable, Sendable {
    private static let most = 200
    private static let longest = 500
    package private(set) var lines: [String] = []

    package init() {}

    /// Takes what a file holds, whatever that is: no line that is empty, long or not printable.
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
