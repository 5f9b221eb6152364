import Canvas

/// A progress bar, precise to an eighth of a cell, with a text in its middle.
package struct ProgressBar: Sendable {
    /// From 0 to 1; clamped.
    package var fraction: Double
    package var text: String
    package var style: Style

    package init(fraction: Double, text: String = "", style: Style = Style(.accent)) {
        self.fraction = fraction
        self.text = text
        self.style = style
    }

    private static let leftBlocks = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let (line, _) = rect.split(top: 1)
        let eighths = (fraction * Double(rect.columns * 8)).clamped(to: 0...rect.columns * 8)
        let track = Style(style.ink, on: .role(.panel))
        guard frame.glyphs.isUnicode else {
            let full = String(repeating: "#", count: eighths / 8)
            frame.write(full + String(repeating: ".", count: rect.columns - eighths / 8), in: line, style)
            drawText(covered: eighths / 8, into: &frame, in: line)
            return
        }
        let bar = String(repeating: "█", count: eighths / 8) + Self.leftBlocks[eighths % 8]
        frame.write(bar.padded(to: rect.columns), in: line, track)
        drawText(covered: eighths / 8, into: &frame, in: line)
    }

    /// Draws each letter of the text, in reversed colours where the bar covers it.
    private func drawText(covered: Int, into frame: inout Frame, in rect: Rect) {
        let shown = text.fitted(to: rect.columns)
        let room = rect.centred(Size(rows: 1, columns: shown.columns))
        let inside = max(0, min(shown.columns, covered - (room.column - rect.column)))
        frame.write(shown, in: room, Style(.role(.text), on: .role(.panel)))
        frame.restyle(room.split(left: inside).left) { _ in
            Style(style.ink, on: .role(.background), .reverse)
        }
    }
}
