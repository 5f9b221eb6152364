/// An error of the terminal or of a theme, with a message of one line that says what to do about it.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
    case notATerminal(stream: String)
    case unknownTerminal(name: String)
    case cannotPlaceCursor(name: String)
    case themeUnreadable(path: String, reason: String)
    case themeSyntax(path: String, line: Int, reason: String)
    case themeUnknownKey(path: String, line: Int, key: String, nearest: String?)
    case themeBadColour(path: String, line: Int, key: String, value: String)
    case themeIncomplete(path: String, missing: [String])
    case themeNotFound(name: String, nearest: String?, known: [String])

    package var description: String {
        switch self {
        case .notATerminal(let stream):
            "\(stream) is not a terminal, so there is no screen to draw on; run in a terminal, or use --headless"
        case .unknownTerminal(let name):
            "the terminal type “\(name)” is not known here, nor are xterm-256color and xterm; "
                + "set TERM to one that `toe -a` lists, or install ncurses-base"
        case .cannotPlaceCursor(let name):
            "a terminal of type “\(name)” can't place its cursor; set TERM to what it really is, such as xterm-256color"
        case .themeUnreadable(let path, let reason):
            "can't read the theme \(path): \(reason)"
        case .themeSyntax(let path, let line, let reason):
            "\(path):\(line): \(reason)"
        case .themeUnknownKey(let path, let line, let key, let nearest):
            "\(path):\(line): “\(key)” is nothing a theme has"
                + (nearest.map { "; did you mean “\($0)”?" } ?? "")
        case .themeBadColour(let path, let line, let key, let value):
            "\(path):\(line): “\(value)” is no colour for \(key); write it as '#rrggbb', in quotes"
        case .themeIncomplete(let path, let missing):
            "\(path): no colour for \(missing.joined(separator: ", ")); every role needs one"
        case .themeNotFound(let name, let nearest, let known):
            "there is no theme “\(name)”; " + (nearest.map { "did you mean “\($0)”? " } ?? "")
                + "known: \(known.joined(separator: ", "))"
        }
    }
}
