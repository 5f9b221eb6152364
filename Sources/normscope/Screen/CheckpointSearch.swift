import Dashboard
import Files
import Foundation

/// The search for checkpoint files in a folder and below.
enum CheckpointSearch {
    private static let endings = [".pth", ".pt", ".ckpt", ".bin", ".safetensors"]
    /// The most files that are listed, and the most that are looked at.
    private static let most = (listed: 2_000, seen: 100_000)

    static func isCheckpoint(_ path: String) -> Bool { endings.contains(where: path.hasSuffix) }

    /// - Parameter place: a folder, or one file.
    static func entries(at place: String) -> [CheckpointEntry] {
        guard FileKind(place) == .folder else { return entry(place, name: place).map { [$0] } ?? [] }
        var found: [CheckpointEntry] = []
        var seen = 0
        guard let walk = FileManager.default.enumerator(atPath: place) else { return [] }
        while let name = walk.nextObject() as? String, seen < most.seen, found.count < most.listed {
            seen += 1
            guard isCheckpoint(name), let entry = entry(place + "/" + name, name: name) else { continue }
            found.append(entry)
        }
        return found.sorted { ($1.modified, $0.name) < ($0.modified, $1.name) }
    }

    private static func entry(_ path: String, name: String) -> CheckpointEntry? {
        guard let version = FileVersion(path), version.kind == .file else { return nil }
        return CheckpointEntry(path: path, name: name, bytes: version.size, modified: version.modified)
    }
}
