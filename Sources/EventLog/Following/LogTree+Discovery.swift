import Files
import Glibc

/// A directory below which runs are looked for.
struct LogRoot {
    let path: String
    /// The name of the directory itself, should it be a run.
    let ownName: String
    /// The beginning of the names of the runs below it.
    let prefix: String

    /// The directories with their names: the last part of the path, or all of it where two would be the same.
    static func named(_ directories: [String]) -> [LogRoot] {
        let short = directories.map { $0.split(separator: "/").last.map(String.init) ?? "/" }
        return directories.indices.map { index in
            let isUnique = short.filter { $0 == short[index] }.count == 1
            let name = isUnique ? short[index] : directories[index]
            return LogRoot(path: directories[index], ownName: name, prefix: directories.count > 1 ? name + "/" : "")
        }
    }
}

/// A directory in the tree.
struct DirectoryNode {
    let path: String
    /// Its name as a run.
    let name: String
    /// The beginning of the names of the runs in it.
    let prefix: String
    let depth: Int
    let identity: FileIdentity
    var children: Set<String> = []
    /// The number by which the kernel reports on it; nil if it doesn't.
    var watch: Int32?
    /// Seconds since 1970 at which something in it came, went or was renamed last.
    var modified = 0.0
    /// The directory when its names were read.
    var listed: FolderVersion?
    /// The time of the next look at it, and the time at which a run in it last had something new.
    var due = 0.0
    var active = -1e9
    /// Whether all of the run in it has been read, as the snapshot has it.
    var isComplete = false

    /// Seconds between two looks: see `LogTree`.
    func interval(_ now: Double) -> Double {
        if watch != nil { return 30 }
        return now - active < 60 ? 0 : 2
    }
}

extension LogTree {
    private static let deepest = 64

    /// Takes in the directories that aren't known: at first, and when one that went away is back.
    func admitRoots(_ now: Double) throws(EventLogError) {
        for root in roots where nodes[root.path] == nil {
            do {
                try admit(root.path, root.ownName, root.prefix, depth: 0)
                admitted.insert(root.path)
            } catch {
                if !admitted.contains(root.path) { throw error }
            }
        }
    }

    private func admit(_ path: String, _ name: String, _ prefix: String, depth: Int) throws(EventLogError) {
        guard let version = FileVersion(path) else {
            throw .unreadableDirectory(path: path, reason: systemReason())
        }
        guard version.isFolder else { throw .unreadableDirectory(path: path, reason: systemReason(ENOTDIR)) }
        guard paths[version.identity] == nil, depth <= Self.deepest else { return }
        paths[version.identity] = path
        nodes[path] = DirectoryNode(path: path, name: name, prefix: prefix, depth: depth, identity: version.identity)
        unlisted.insert(path)
    }

    /// Forgets a directory and all below it.
    private func forget(_ path: String) {
        guard let node = nodes.removeValue(forKey: path) else { return }
        for child in node.children { forget(child) }
        paths[node.identity] = nil
        if let number = node.watch {
            watched[number] = nil
            watch?.remove(number)
        }
        unlisted.remove(path)
        removeRun(path)
    }

    func handleWatchEvents() {
        switch watch?.readEvents() {
        case nil: break
        case .overflow:
            unlisted.formUnion(nodes.keys)
        case .events(let events):
            for event in events {
                guard let path = watched[event.directory] else { continue }
                if event.isStructural {
                    unlisted.insert(path)
                } else if RunReader.isEventFile(event.name) {
                    markUnread(path)
                } else {
                    touched.insert(path)
                }
            }
        }
    }

    func checkDueDirectories(_ now: Double) {
        guard nextLook <= now else { return }
        for (path, node) in nodes where node.due <= now {
            nodes[path]?.due = now + node.interval(now)
            touched.insert(path)
            let isCurrent = FileVersion(path).map { node.listed?.isCurrent($0) == true } ?? false
            if isCurrent { markUnread(path) } else { unlisted.insert(path) }
        }
        nextLook = nodes.values.lazy.map(\.due).min() ?? .infinity
    }

    /// Reads the names in directories that changed, until the allowance is used up.
    func listDirectories(_ allowance: Allowance, _ now: Double) {
        while let path = unlisted.popFirst() {
            list(path, now)
            if allowance.isUsedUp { break }
        }
    }

    /// The watch comes first: what happens between the two is then reported.
    private func list(_ path: String, _ now: Double) {
        guard var node = nodes[path] else { return }
        if node.watch == nil, let watch, FileSystem.isLocal(path), let number = watch.add(path) {
            node.watch = number
            watched[number] = path
        }
        guard let version = FileVersion(path), node.identity == version.identity,
            case let listed = FolderVersion(version), let contents = contents(of: path)
        else {
            nodes[path] = node
            forget(path)
            return
        }
        touched.insert(path)
        node.listed = listed
        node.modified = version.modified
        node.due = now + node.interval(now)
        nextLook = min(nextLook, node.due)
        let gone = node.children.subtracting(contents.directories.map { path + "/" + $0 })
        nodes[path] = node
        for child in gone {
            forget(child)
            nodes[path]?.children.remove(child)
        }
        if contents.isRun { addRun(node) } else { removeRun(path) }
        for name in contents.directories { adopt(name, of: node) }
    }

    private func adopt(_ name: String, of parent: DirectoryNode) {
        let path = parent.path + "/" + name
        guard nodes[path] == nil else { return }
        let full = parent.prefix + name
        guard (try? admit(path, full, full + "/", depth: parent.depth + 1)) != nil, nodes[path] != nil else { return }
        nodes[parent.path]?.children.insert(path)
    }
}
