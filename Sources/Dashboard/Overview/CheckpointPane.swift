import Canvas
import Charts
import Runs

/// The pane with the newest checkpoints of a run, the newest first.
struct CheckpointPane {
    /// The key or command that writes a checkpoint; nil where none can be written any more.
    let writer: String?

    func draw(into frame: inout Frame, in rect: Rect, checkpoints: [SavedCheckpoint]) {
        guard !checkpoints.isEmpty else {
            frame.pane("checkpoints", in: rect, note: writer.map { "none yet: \($0) writes one" } ?? "none was written")
            return
        }
        let end = frame.write("checkpoints".fitted(to: rect.columns), row: 0, in: rect, .title)
        frame.write(" \(checkpoints.count)", row: 0, column: end, in: rect, .dim)
        for (row, checkpoint) in checkpoints.reversed().prefix(max(0, rect.rows - 1)).enumerated() {
            let end = frame.write("step \(checkpoint.step)".padded(to: 14), row: row + 1, in: rect)
            frame.write(
                NumberFormat.bytes(checkpoint.bytes).padded(to: 8, right: true), row: row + 1, column: end, in: rect,
                .dim)
        }
    }
}
