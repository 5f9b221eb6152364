import Foundation

/// A directory for one test, gone with it.
final class ScratchDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "normscope-events-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ bytes: [UInt8], to name: String = firstLog) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    /// Writes a log into a directory below this one.
    func write(_ bytes: [UInt8], run: String, _ name: String = firstLog) throws {
        try makeDirectory(run)
        try write(bytes, to: run + "/" + name)
    }

    func rename(_ name: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: path + "/" + name, toPath: path + "/" + other)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
    }

    func append(_ bytes: [UInt8], to name: String = firstLog) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/" + name))
        try file.seekToEnd()
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    func makeDirectory(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: path + "/" + name)
    }

    func bytes(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}

let firstLog = "events.out.tfevents.1700000000.host.1.0"
let secondLog = "events.out.tfevents.1700000001.host.1.0"

/// The bytes of a fixture log's only or first file.
func fixtureBytes(_ log: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: try fixtureDirectory(log).appendingPathComponent(firstLog)))
}

func fixtureDirectory(_ log: String) throws -> URL {
    try fixturesDirectory().appendingPathComponent(log)
}

func fixturesDirectory() throws -> URL {
    guard let url = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
    return url.appendingPathComponent("Fixtures")
}
