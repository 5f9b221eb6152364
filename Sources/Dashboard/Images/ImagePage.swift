import Canvas
import Charts
import Runs

/// The images of the newest evaluation: test images with the network's answers, the wrong ones first; the confusion
/// matrix; and the first convolution's filters as coloured pixels.
struct ImagePage: DashboardView {
    enum Pane: Int, CaseIterable {
        case samples, confusion, filters
    }

    private var directory: RunDirectory?
    private var record: EvaluationRecord?
    private var shown: [EvaluationRecord.Sample] = []
    private var showsRight = false
    private var chosen = 0
    private var pane = Pane.samples
    private var isLarge = false
    private var room = Size(rows: 0, columns: 0)

    mutating func refresh(_ app: AppState) {
        if app.run?.directory != directory { self = ImagePage() }
        directory = app.run?.directory
        room = app.body.size
        record = app.run?.evaluation
        shown = record?.samples.filter { $0.isRight == showsRight } ?? []
        chosen = max(0, min(chosen, shown.count - 1))
    }

    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        refresh(app)
        let across = max(1, tiles(in: Rect(rows: room.rows, columns: room.columns)).across)
        switch action {
        case .nextPane: pane = Pane(rawValue: pane.rawValue + 1) ?? .samples
        case .previousPane: pane = Pane(rawValue: pane.rawValue - 1) ?? .filters
        case .open: isLarge.toggle()
        case .moveLeft: chosen -= 1
        case .moveRight: chosen += 1
        case .moveUp: chosen -= isLarge ? 1 : across
        case .moveDown: chosen += isLarge ? 1 : across
        case .moveToStart: chosen = 0
        case .moveToEnd: chosen = shown.count - 1
        case .toggleHeatMap: (showsRight, chosen) = (!showsRight, 0)
        default: break
        }
        refresh(app)
        return []
    }

    mutating func goBack() -> Bool {
        defer { isLarge = false }
        return isLarge
    }

    private func tiles(in rect: Rect) -> ImageTiles {
        let layout = ImageLayout(rect, classes: record?.classes.count ?? 0, large: isLarge ? pane : nil)
        return ImageTiles(
            rows: record?.height ?? 1, columns: record?.width ?? 1, count: shown.count, in: layout.samples)
    }
}

// MARK: - The picture

extension ImagePage {
    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        guard let run = app.run else { return NoRunsMessage(folders: app.watchedFolders).draw(into: &frame, in: rect) }
        guard let record else {
            let note =
                run.state == .log
                ? "no images: the engine keeps them, and this log was written by something else"
                : "no evaluation yet: one comes after each epoch, e makes one now"
            return frame.pane("images", in: rect, note: note)
        }
        let layout = ImageLayout(rect, classes: record.classes.count, large: isLarge ? pane : nil)
        drawFacts(record, into: &frame, in: layout.facts)
        if !layout.samples.isEmpty { drawSamples(record, into: &frame, in: layout.samples) }
        if !layout.confusion.isEmpty {
            ConfusionMatrix(title: title("confusion", .confusion), classes: record.classes, counts: record.confusion)
                .draw(into: &frame, in: layout.confusion)
        }
        if !layout.filters.isEmpty {
            FilterTiles(title: title("filters", .filters), filters: record.filters).draw(
                into: &frame, in: layout.filters)
        }
    }

    private func title(_ text: String, _ kind: Pane) -> String { (pane == kind ? "▶ " : "") + text }

    /// Draws the network's answer for the chosen image, and a summary of all.
    private func drawFacts(_ record: EvaluationRecord, into frame: inout Frame, in rect: Rect) {
        let chosenWords = shown[safe: chosen].map { words($0, record) }
        let column = frame.write((chosenWords ?? "").fitted(to: rect.columns), in: rect, Style(.accent, .bold))
        let text = "evaluation at step \(record.step): \(record.wrong) of \(record.count) wrong"
        let gap = column > 0 ? 2 : 0
        frame.write(text.fitted(to: max(0, rect.columns - column - gap)), column: column + gap, in: rect, .dim)
    }

    private func drawSamples(_ record: EvaluationRecord, into frame: inout Frame, in rect: Rect) {
        let (header, body) = rect.split(top: 1)
        guard let sample = shown[safe: chosen] else {
            return frame.pane(title("images", .samples), in: rect, note: showsRight ? "none is right" : "none is wrong")
        }
        let order = showsRight ? "right, least sure first" : "wrong, surest first"
        frame.write(
            "\(title("image", .samples)) \(chosen + 1) of \(shown.count) \(order)".fitted(to: header.columns),
            in: header, .title)
        if isLarge, pane == .samples { return record.picture(of: sample).draw(into: &frame, in: body) }
        let tiles = ImageTiles(rows: record.height, columns: record.width, count: shown.count, in: rect)
        for (number, place) in tiles.places(around: chosen) {
            draw(shown[number], record, tiles.part, isChosen: number == chosen, into: &frame, in: place)
        }
    }

    private func words(_ sample: EvaluationRecord.Sample, _ record: EvaluationRecord) -> String {
        let sure = NumberFormat.fixed(sample.probability * 100, decimals: 0) + "%"
        let answer = record.classes[sample.answer]
        return sample.isRight
            ? "\(answer), \(sure) sure" : "\(record.classes[sample.label]) taken for \(answer), \(sure) sure"
    }

    private func draw(
        _ sample: EvaluationRecord.Sample, _ record: EvaluationRecord, _ part: Int, isChosen: Bool,
        into frame: inout Frame, in rect: Rect
    ) {
        let (picture, caption) = rect.split(top: rect.rows - 1)
        record.picture(of: sample).reduced(by: part).draw(into: &frame, in: picture)
        let text = (sample.isRight ? "✓ " : "✗ ") + record.classes[sample.answer]
        let style: Style = isChosen ? .selection : sample.isRight ? .good : .warning
        frame.write(text.padded(to: caption.columns - 1), in: caption, style)
    }
}

extension EvaluationRecord {
    /// An image as pixels: three channels are red, green and blue; of any other number, the first is shown in grey.
    fileprivate func picture(of sample: Sample) -> PixelImage {
        let size = height * width
        let planes = channels == 3 ? [0, 1, 2] : [0]
        return PixelImage(
            planes: planes.map { plane in sample.pixels[plane * size..<(plane + 1) * size].map(Float.init) },
            rows: height, columns: width, range: 0...255)
    }
}
