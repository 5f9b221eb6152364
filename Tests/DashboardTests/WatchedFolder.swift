import Canvas
import EventLog
import Foundation
import Runs

@testable import Dashboard

/// A folder of runs in the temporary directory, made by a test and read by the real reader.
final class WatchedFolder {
    static let started = 1_700_000_000.0
    let path = FileManager.default.temporaryDirectory.path + "/normscope-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The recorded PyTorch runs of the repository.
    static func sample() throws -> WatchedFolder {
        let folder = try WatchedFolder()
        let runs = Repository.path + "/sample-data/runs"
        for run in try FileManager.default.contentsOfDirectory(atPath: runs) {
            try FileManager.default.copyItem(atPath: "\(runs)/\(run)", toPath: "\(folder.path)/\(run)")
        }
        return folder
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Adds a run with what `log` writes into it.
    func add(_ name: String, _ log: (EventWriter) -> Void) throws {
        let run = "\(path)/\(name)"
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        let writer = try EventWriter(directory: run, startedAt: Self.started)
        log(writer)
        try writer.flush()
    }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }

    /// A dashboard that has read everything, a minute after the last file was written to.
    func model(keys: Keymap = .standard, themes: [String] = [], recalling memory: ScreenMemory? = nil) throws -> Model {
        for file in FileManager.default.enumerator(atPath: path)?.compactMap({ $0 as? String }) ?? [] {
            let date = Date(timeIntervalSince1970: Self.started)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: "\(path)/\(file)")
        }
        var reader = WorkspaceReader(places: [path])
        var model = Model(folders: "runs", keys: keys, themes: themes)
        _ = model.update(.tick(Self.started + 60))
        if let memory { model.restore(from: memory, history: [], showingView: true) }
        repeat {
            if let workspace = reader.poll(open: nil) { _ = model.update(.loaded(workspace)) }
        } while !reader.isComplete
        return model
    }
}

extension Model {
    /// The last line of a screen with so many columns.
    func footer(columns: Int) -> String {
        var model = self
        return model.frame(24, columns).text.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// Presses keys one after another, each with a look at the screen before it; returns the effects of the last one.
    @discardableResult
    mutating func press(_ keys: Key...) -> [Effect] {
        keys.reduce([]) { _, key in
            _ = see()
            return update(.input(.key(key)))
        }
    }

    @discardableResult
    mutating func type(_ text: String) -> [Effect] {
        text.reduce([]) { press(.character($1)) }
    }

    /// Keys that come faster than any picture, as of a key that is held down or of a paste that the terminal didn't mark.
    @discardableResult
    mutating func flood(_ text: String) -> [Effect] {
        text.flatMap { update(.input(.key($0 == "\n" ? .enter : .character($0)))) }
    }

    /// The screen in a window of a size.
    mutating func frame(_ rows: Int, _ columns: Int, glyphs: GlyphSet = .braille) -> Frame {
        _ = update(.input(.resize(Size(rows: rows, columns: columns))))
        while settle() {}
        _ = see()
        var frame = Frame(size: Size(rows: rows, columns: columns), glyphs: glyphs)
        draw(into: &frame, in: frame.bounds)
        return frame
    }
}

extension CSVTable {
    /// The whole of it.
    var text: String {
        var text = ""
        try? write { text += $0 }
        return text
    }
}
