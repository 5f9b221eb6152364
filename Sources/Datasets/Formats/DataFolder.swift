import Files
import Glibc

/// The folder that `data.path` names.
struct DataFolder {
    let path: String
    private static let namesLimit = 64 * 1024
    private static let longestName = 60

    init(_ path: String) {
        var path = path
        while path.count > 1 && path.hasSuffix("/") {
            path.removeLast()
        }
        self.path = path
    }

    func expectToExist() throws(DatasetError) {
        guard let version = FileVersion(path) else {
            guard errno == ENOENT else { throw .unreadable(path: path, reason: systemReason()) }
            throw .folderMissing(path: path)
        }
        guard version.isFolder else {
            throw .unreadable(path: path, reason: "data.path names a file, not the folder that holds the data set")
        }
    }

    func holds(_ name: String) -> Bool {
        access("\(path)/\(name)", F_OK) == 0
    }

    /// The path of `name` or `name.gz`.
    func find(_ name: String) throws(DatasetError) -> String {
        let names = [name, name + ".gz"]
        guard let found = names.first(where: holds) else {
            throw .fileMissing(folder: path, names: names)
        }
        return "\(path)/\(found)"
    }

    /// The lines of a file of class names; numbers stand in for what it does not name, or for all if there is no such
    /// file.
    func classNames(in file: String, atLeast count: Int) throws(DatasetError) -> [String] {
        var names = holds(file) ? try lines(of: file) : []
        for number in names.count..<max(count, names.count) {
            names.append("\(number)")
        }
        return names
    }

    private func lines(of file: String) throws(DatasetError) -> [String] {
        let file = try DataFile(path: "\(path)/\(file)")
        guard file.size <= Self.namesLimit else {
            throw .implausible(
                path: file.path, claim: "\(file.size) bytes of class names", limit: "at most \(Self.namesLimit)")
        }
        let text = String(decoding: try file.bytes(file.size), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).prefix(256).map { String($0.prefix(Self.longestName)) }
    }
}
