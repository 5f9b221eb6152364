import Glibc

/// A directory below which runs are looked for.
struct LogRoot {
    let path: String
    /// What the directory itself is called, should it be a run.
    let ownName: String
    /// What the names of the runs below it begin with.
    let prefix: String

    /// Names for each: the last part of the path, or all of it where two would be the same.
    static func named(_ directories: [String]) -> [LogRoot] {
        let short = directories.map { $0.split(separator: "/").last.map(String.init) ?? "/" }
        return directories.indices.map { index in
            let isUnique = short.filter { $0 == short[index] }.count == 1
            let name = isUnique ? short[index] : directories[index]
            return LogRoot(path: directories[index], ownName: name, prefix: directories.count > 1 ? name + "/" : "")
        }
    }
}

struct DirectoryIdentity: Hashable {
    let device: UInt
    let number: UInt
}

/// A directory in the tree.
struct DirectoryNode {
    let path: String
    /// Its name as a run.
    let name: String
    /// What the names of the runs in it begin with.
    let prefix: String
    let depth: Int
    let identity: DirectoryIdentity
    var children: Set<String> = []
    /// The number by which the kernel reports on it; nil if it doesn't.
    var watch: Int32?
    var modified = timespec()
    /// When it must be looked at, and when a run in it last had something new.
    var due = 0.0
    var active = -1e9
    /// What the snapshot says of the run in it.
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
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unreadableDirectory(path: path, reason: systemReason(errno)) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unreadableDirectory(path: path, reason: systemReason(ENOTDIR))
        }
        let identity = DirectoryIdentity(device: UInt(status.st_dev), number: UInt(status.st_ino))
        guard paths[identity] == nil, depth <= Self.deepest else { return }
        paths[identity] = path
        nodes[path] = DirectoryNode(path: path, name: name, prefix: prefix, depth: depth, identity: identity)
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

    func heedNews() {
        switch watch?.news() {
        case nil: break
        case .lost:
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

    func lookAtWhatIsDue(_ now: Double) {
        guard nextLook <= now else { return }
        for (path, node) in nodes where node.due <= now {
            nodes[path]?.due = now + node.interval(now)
            var status = stat()
            let isThere = stat(path, &status) == 0
            touched.insert(path)
            if !isThere || !node.isUnchanged(status) { unlisted.insert(path) } else { markUnread(path) }
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
        var status = stat()
        guard stat(path, &status) == 0, node.identity == DirectoryIdentity(status),
            let contents = contents(of: path)
        else {
            nodes[path] = node
            forget(path)
            return
        }
        touched.insert(path)
        node.modified = status.st_mtim
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

extension DirectoryNode {
    /// A time of modification of the last seconds says little: another change may have come within the same tick.
    fileprivate func isUnchanged(_ status: stat) -> Bool {
        status.st_mtim.tv_sec == modified.tv_sec && status.st_mtim.tv_nsec == modified.tv_nsec
            && (time(nil) &- modified.tv_sec).magnitude > 3
    }
}

extension DirectoryIdentity {
    fileprivate init(_ status: stat) {
        self.init(device: UInt(status.st_dev), number: UInt(status.st_ino))
    }
}
