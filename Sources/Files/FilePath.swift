import Glibc

/// Paths as text: POSIX, with `/` between the parts.
package enum FilePath {
    /// Everything before the last part; `.` if there is but one.
    package static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    package static func lastPart(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The last part without its extension.
    package static func stem(_ path: String) -> String {
        let name = lastPart(path)
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
        return String(name[..<dot])
    }

    /// `path` made absolute, without `.` and with `..` taken away where a part stands before it. Links are not followed.
    package static func absolute(_ path: String, in folder: String? = nil) -> String {
        var whole = path
        if path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") {
            whole = String(cString: home) + path.dropFirst()
        }
        if !whole.hasPrefix("/") {
            whole = (folder.map { absolute($0) } ?? current()) + "/" + whole
        }
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func current() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
