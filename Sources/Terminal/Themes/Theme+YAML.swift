import Canvas
import Files
import Glibc
import Syntax
import Yams

extension Theme {
    /// Reads a theme file: `name`, a colour for every role under `colours`, and a `ramp` of at least two.
    package static func load(path: String) throws(TerminalError) -> Theme {
        try parse(try ThemeFile.read(path), path: path)
    }

    /// Reads the text of a theme; `path` names it in errors.
    package static func parse(_ text: String, path: String) throws(TerminalError) -> Theme {
        let file = ThemeFile(path: path)
        let root = try file.mapping(try file.compose(text), called: "a theme")
        var (name, colours, ramp): (String?, [Role: RGB], [RGB]) = (nil, [:], [])
        for (key, value) in root {
            switch key.string {
            case "name": name = value.string
            case "colours": colours = try file.colours(value)
            case "ramp": ramp = try file.ramp(value)
            default: throw file.unknown(key, among: ["name", "colours", "ramp"])
            }
        }
        let missing = Role.allCases.filter { colours[$0] == nil }.map(\.rawValue) + (ramp.count < 2 ? ["ramp"] : [])
        guard missing.isEmpty else { throw .themeIncomplete(path: path, missing: missing) }
        return Theme(name: name ?? ThemeFile.name(of: path), colours: colours, ramp: ramp)
    }
}

/// A theme file that is being read: its errors name the path and the line.
struct ThemeFile {
    let path: String

    /// The largest size that is read, which keeps a wrong path from filling the memory.
    private static let mostBytes = 65_536

    static func read(_ path: String) throws(TerminalError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .themeUnreadable(path: path, reason: systemReason()) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: mostBytes + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes[filled...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw .themeUnreadable(path: path, reason: systemReason()) }
            if count == 0 { break }
            filled += count
        }
        guard filled <= mostBytes else { throw .themeUnreadable(path: path, reason: "it is over 64 KB, so no theme") }
        guard let text = String(validating: bytes[..<filled], as: UTF8.self) else {
            throw .themeUnreadable(path: path, reason: "it is not UTF-8 text")
        }
        return text
    }

    /// `nord` for `some/where/nord.yaml`.
    static func name(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
    }

    func compose(_ text: String) throws(TerminalError) -> Node {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw TerminalError.themeSyntax(path: path, line: 1, reason: "the file is empty")
            }
            return node
        } catch let error as TerminalError {
            throw error
        } catch let error as YamlError {
            throw syntax(error)
        } catch {
            throw .themeSyntax(path: path, line: 1, reason: "not YAML")
        }
    }

    private func syntax(_ error: YamlError) -> TerminalError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .themeSyntax(path: path, line: mark.line, reason: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            .themeSyntax(
                path: path, line: context.mark.line,
                reason: "\(duplicates.joined(separator: ", ")) is there twice")
        default: .themeSyntax(path: path, line: 1, reason: "not YAML")
        }
    }

    func mapping(_ node: Node, called what: String) throws(TerminalError) -> Node.Mapping {
        guard let mapping = node.mapping else {
            throw .themeSyntax(path: path, line: line(node), reason: "\(what) is a list of `key: value`")
        }
        return mapping
    }

    func colours(_ node: Node) throws(TerminalError) -> [Role: RGB] {
        var colours: [Role: RGB] = [:]
        for (key, value) in try mapping(node, called: "colours") {
            guard let role = key.string.flatMap(Role.init(rawValue:)) else {
                throw unknown(key, among: Role.allCases.map(\.rawValue))
            }
            colours[role] = try colour(value, for: role.rawValue)
        }
        return colours
    }

    func ramp(_ node: Node) throws(TerminalError) -> [RGB] {
        guard let sequence = node.sequence, sequence.count >= 2 else {
            throw .themeSyntax(path: path, line: line(node), reason: "ramp is a list of at least two colours")
        }
        var colours: [RGB] = []
        for value in sequence { colours.append(try colour(value, for: "ramp")) }
        return colours
    }

    private func colour(_ node: Node, for key: String) throws(TerminalError) -> RGB {
        guard let text = node.string, let colour = RGB(hex: text) else {
            throw .themeBadColour(path: path, line: line(node), key: key, value: node.string ?? "")
        }
        return colour
    }

    func unknown(_ key: Node, among known: [String]) -> TerminalError {
        let name = key.string ?? ""
        return .themeUnknownKey(
            path: path, line: line(key), key: name, nearest: Spelling.nearest(to: name, among: known))
    }

    private func line(_ node: Node) -> Int { node.mark?.line ?? 1 }
}
