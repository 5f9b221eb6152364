/// The runs below a folder, kept up to date by asking again.
///
/// A folder is a run if it holds `status.json` or `experiment.yaml`; the catalogue looks for them up to four levels down,
/// not inside runs and not in hidden folders. Asking again costs a few system calls a run: what has not changed on disk is not
/// read again. 1,000 idle runs take a few milliseconds.
package struct RunCatalogue {
    /// What a run is doing, as its user should see it.
    package enum State: Equatable, Sendable {
        case known(RunStatus.State)
        /// The status says it trains, but its engine is gone without a word: killed, or its machine went down.
        case lost
        /// It says it trains on another machine, where we cannot look.
        case elsewhere(RunStatus.State, host: String)
        /// There is a folder but no status (yet).
        case unstarted
        /// There is a status, but it makes no sense.
        case unreadable(String)
    }

    package struct Entry: Equatable, Sendable {
        /// Path below the catalogue's folder: `batchnorm-cnn`, `sweep/lr-0.1`.
        package let name: String
        package let directory: RunDirectory
        package let status: RunStatus?
        package let state: State
        package let checkpoints: [SavedCheckpoint]
        /// Seconds since 1970 of its last sign of life.
        package let updated: Double

        /// Whether commands would be heard.
        package var isLive: Bool {
            switch state {
            case .known(let state), .elsewhere(let state, _): state.needsEngine
            case .lost, .unstarted, .unreadable: false
            }
        }
    }

    package let root: String
    private var remembered: [String: KnownRun] = [:]
    private var listings: [String: KnownFolder] = [:]
    private var visited: Set<[UInt]> = []
    private var seenFolders: Set<String> = []

    private static let deepest = 4

    package init(root: String) {
        self.root = RunDirectory(path: root).path
    }

    /// Looks again; newest first.
    package mutating func refresh() -> [Entry] {
        visited = []
        seenFolders = []
        var entries: [Entry] = []
        collect(root, name: "", depth: 0, into: &entries)
        let paths = Set(entries.map(\.directory.path))
        remembered = remembered.filter { paths.contains($0.key) }
        listings = listings.filter { seenFolders.contains($0.key) }
        return entries.sorted { ($1.updated, $0.name) < ($0.updated, $1.name) }
    }

    private mutating func collect(_ path: String, name: String, depth: Int, into entries: inout [Entry]) {
        guard let version = FileVersion(path), version.isFolder,
            visited.insert([version.device, version.inode]).inserted
        else { return }
        let run = RunDirectory(path: path)
        if run.isRun {
            entries.append(entry(run, name: name.isEmpty ? run.name : name, folder: version))
        } else if depth < Self.deepest {
            for child in names(in: path, version: version) {
                collect(
                    "\(path)/\(child)", name: name.isEmpty ? child : "\(name)/\(child)", depth: depth + 1,
                    into: &entries)
            }
        }
    }

    private mutating func names(in folder: String, version: FileVersion) -> [String] {
        seenFolders.insert(folder)
        if let known = listings[folder], known.isCurrent(version) { return known.names }
        let names = DirectoryListing.names(in: folder)
        listings[folder] = KnownFolder(version: version, names: names)
        return names
    }

    private mutating func entry(_ run: RunDirectory, name: String, folder: FileVersion) -> Entry {
        var known = remembered[run.path] ?? KnownRun()
        known.refresh(run)
        remembered[run.path] = known
        return Entry(
            name: name, directory: run, status: known.status, state: known.state, checkpoints: known.checkpoints,
            updated: known.status?.updated ?? known.statusVersion?.modified ?? folder.modified)
    }
}
