import Canvas
import Foundation

/// Frames kept as text files beside the tests that draw them: a line with the size, then one line a row with spaces shown
/// as `·`, so that nothing invisible can differ.
///
/// With `NORMSCOPE_RECORD_FRAMES=1` in the environment the files are written anew and every comparison fails, so that a
/// recording can't be mistaken for a passing run.
package struct FrameFile: Sendable {
    private let folder: URL

    /// The folder `Frames` of the test target that calls this: beside the test file or above it.
    package init(near testFile: String = #filePath) {
        let beside = URL(fileURLWithPath: testFile).deletingLastPathComponent()
        let above = beside.deletingLastPathComponent()
        let folders = [beside, above].map { $0.appendingPathComponent("Frames") }
        folder = folders.first { FileManager.default.fileExists(atPath: $0.path) } ?? folders[0]
    }

    /// nil if the frame is the one on file; otherwise what differs, with both pictures.
    package func mismatch(of frame: Frame, named name: String) -> String? {
        let drawn = Self.text(of: frame)
        let file = folder.appendingPathComponent(name + ".txt")
        if ProcessInfo.processInfo.environment["NORMSCOPE_RECORD_FRAMES"] == "1" { return record(drawn, in: file) }
        guard let kept = try? String(contentsOf: file, encoding: .utf8) else {
            return "no frame on file at \(file.path); NORMSCOPE_RECORD_FRAMES=1 records it:\n\(drawn)"
        }
        guard kept != drawn else { return nil }
        let lines = zip(kept.split(separator: "\n"), drawn.split(separator: "\n"))
        let first = lines.enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
        return "frame \(name) differs first in line \(first + 1); on file:\n\(kept)\ndrawn:\n\(drawn)"
    }

    private func record(_ text: String, in file: URL) -> String {
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            return "recorded \(file.lastPathComponent): look at it, then run without NORMSCOPE_RECORD_FRAMES"
        } catch {
            return "can't record \(file.path): \(error.localizedDescription)"
        }
    }

    /// `24 rows, 80 columns`, then the rows.
    package static func text(of frame: Frame) -> String {
        let rows = frame.text.replacingOccurrences(of: " ", with: "·")
        return "\(frame.size.rows) rows, \(frame.size.columns) columns\n\(rows)\n"
    }

    /// The places outside of `rect` where the frames differ: what a drawing spilled.
    package static func spill(from before: Frame, to after: Frame, outside rect: Rect) -> [String] {
        (0..<after.size.rows).flatMap { row in
            (0..<after.size.columns).compactMap { column in
                guard !rect.contains(row: row, column: column), before[row, column] != after[row, column] else {
                    return nil
                }
                return "row \(row), column \(column): \(after[row, column].character)"
            }
        }
    }
}
