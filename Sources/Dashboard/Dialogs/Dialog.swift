import Canvas
import Charts

/// Something the dashboard asks in a small window over the still-live picture.
package enum Dialog: Equatable, Sendable {
    case quit(run: String, canStop: Bool = true)
    case learningRate(LearningRateEntry)
    case stopRun(name: String, path: String)
    /// `inside`: the names of other runs that lie in its folder.
    case deleteRun(name: String, path: String, inside: [String])
    case renameRun(RunNameEntry)
    case newRun(NewRun)
    case deleteCheckpoint(path: String)
    case convert(ConversionEntry)

    /// What an answer leads to.
    enum Answer: Equatable {
        case detach
        case stopAndSave
        case learningRate(Double)
        case stopRun(path: String)
        case deleteRun(path: String)
        case renameRun(path: String, name: String)
        case startRun(experiment: String, overrides: [String])
        case deleteCheckpoint(path: String)
        case convert(path: String, to: String, asModule: Bool)
    }

    enum Outcome: Equatable {
        case stayOpen
        case cancelled
        case answered(Answer)
    }

    /// The rate in force moves on while the dialog stands.
    mutating func refresh(learningRate: Double?) {
        guard case .learningRate(var entry) = self else { return }
        entry.current = learningRate
        self = .learningRate(entry)
    }

    mutating func update(_ key: Key) -> Outcome {
        if case .newRun(var entry) = self {
            defer { self = .newRun(entry) }
            return entry.update(key)
        }
        if key == .escape { return .cancelled }
        switch self {
        case .quit(_, let canStop): return Self.quitOutcome(to: key, canStop: canStop)
        case .stopRun(_, let path): return key == .character("s") ? .answered(.stopRun(path: path)) : .stayOpen
        case .deleteRun(_, let path, _):
            return key == .character("D") ? .answered(.deleteRun(path: path)) : .stayOpen
        case .renameRun(var entry):
            defer { self = .renameRun(entry) }
            return entry.update(key)
        case .newRun: return .stayOpen
        case .deleteCheckpoint(let path):
            return key == .character("D") ? .answered(.deleteCheckpoint(path: path)) : .stayOpen
        case .convert(var entry):
            defer { self = .convert(entry) }
            return entry.update(key)
        case .learningRate(var entry):
            let outcome = entry.update(key)
            self = .learningRate(entry)
            return outcome
        }
    }

    private static func quitOutcome(to key: Key, canStop: Bool) -> Outcome {
        switch key {
        case .character("d"), .control("c"): .answered(.detach)
        case .character("s") where canStop: .answered(.stopAndSave)
        default: .stayOpen
        }
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        switch self {
        case .quit(let run, let canStop): Self.drawQuit(run: run, canStop: canStop, into: &frame, in: rect)
        case .learningRate(let entry): entry.draw(into: &frame, in: rect)
        case .renameRun(let entry): entry.draw(into: &frame, in: rect)
        case .newRun(let entry): entry.draw(into: &frame, in: rect)
        case .convert(let entry): entry.draw(into: &frame, in: rect)
        case .deleteCheckpoint(let path): Self.drawDeleteCheckpoint(path, into: &frame, in: rect)
        case .stopRun(let name, _): Self.drawStop(name, into: &frame, in: rect)
        case .deleteRun(let name, let path, let inside):
            Self.drawDelete(name, path, inside, into: &frame, in: rect)
        }
    }

    private static func drawStop(_ name: String, into frame: inout Frame, in rect: Rect) {
        let room = frame.window(title: "Stop", rows: 4, columns: 58, over: rect)
        frame.write("\(name) is training.".fitted(to: room.columns), row: 0, in: room)
        frame.offer("s", "stop and save: a checkpoint, then it ends", row: 2, in: room)
        frame.offer("Esc", "cancel", row: 3, in: room)
    }

    private static func drawDelete(
        _ name: String, _ path: String, _ inside: [String], into frame: inout Frame, in rect: Rect
    ) {
        let room = frame.window(title: "Delete", rows: 7, columns: 70, over: rect)
        frame.write("Delete \(name) with everything in its folder?".fitted(to: room.columns), row: 0, in: room)
        frame.write(path.fitted(to: room.columns), row: 1, in: room, .dim)
        if !inside.isEmpty {
            let count = inside.count == 1 ? "another run lies" : "\(inside.count) other runs lie"
            frame.write("\(count) in it and would go with it:".fitted(to: room.columns), row: 2, in: room, .error)
            frame.write(inside.joined(separator: ", ").fitted(to: room.columns), row: 3, in: room, .error)
        }
        frame.offer("D", inside.isEmpty ? "delete it for good" : "delete all of them for good", row: 5, in: room)
        frame.offer("Esc", "cancel", row: 6, in: room)
    }

    private static func drawDeleteCheckpoint(_ path: String, into frame: inout Frame, in rect: Rect) {
        let room = frame.window(title: "Delete", rows: 5, columns: 70, over: rect)
        frame.write("Delete the checkpoint \(FileName.of(path))?".fitted(to: room.columns), row: 0, in: room)
        frame.write(path.fitted(to: room.columns), row: 1, in: room, .dim)
        frame.offer("D", "delete it for good", row: 3, in: room)
        frame.offer("Esc", "cancel", row: 4, in: room)
    }

    private static func drawQuit(run: String, canStop: Bool, into frame: inout Frame, in rect: Rect) {
        let room = frame.window(title: "Quit", rows: 5, columns: 58, over: rect)
        frame.write("\(run) is training.".fitted(to: room.columns), row: 0, in: room)
        frame.offer("d", "detach: it goes on without this screen", row: 2, in: room)
        if canStop { frame.offer("s", "stop and save: a checkpoint, then it ends", row: 3, in: room) }
        frame.offer("Esc", "cancel", row: 4, in: room)
    }
}

/// A learning rate being typed: a factor of the one in force (`×0.5`, `*2`, `x2`) or a number.
package struct LearningRateEntry: Equatable, Sendable {
    fileprivate(set) var current: Double?
    private var input = TextInput()

    init(current: Double?) {
        self.current = current
    }

    /// The rate that the text stands for, if it stands for one: finite and not negative.
    var rate: Double? {
        let text = input.text.filter { $0 != " " }
        let value: Double? =
            if let factor = text.first, "×*xX".contains(factor) {
                Double(text.dropFirst()).flatMap { factor in current.map { $0 * factor } }
            } else {
                Double(text)
            }
        guard let value, value.isFinite, value >= 0 else { return nil }
        return value
    }

    mutating func update(_ key: Key) -> Dialog.Outcome {
        if key == .control("c") { return .cancelled }
        if key == .enter {
            return rate.map { .answered(.learningRate($0)) } ?? .stayOpen
        }
        input.update(key)
        return .stayOpen
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        let room = frame.window(title: "Learning rate", rows: 5, columns: 58, over: rect)
        let now = current.map { NumberFormat.compact($0) } ?? "unknown"
        frame.write("now \(now); type ×0.5, ×2 or a number", row: 0, in: room)
        input.draw(prompt: "> ", into: &frame, row: 2, in: room)
        frame.write(verdict(now: now), row: 3, in: room, rate == nil ? .dim : .good)
        frame.offer("Enter", "set it", row: 4, in: room)
        frame.offer("Esc", "cancel", row: 4, column: 18, in: room)
    }

    private func verdict(now: String) -> String {
        if let rate { return "\(now) → \(NumberFormat.compact(rate))" }
        return input.text.isEmpty ? "" : "not a rate yet"
    }
}

extension Frame {
    /// A small window in the middle of `rect`, over what is there; returns the room inside its border and margin.
    mutating func window(title: String, rows: Int, columns: Int, over rect: Rect) -> Rect {
        let outer = rect.centred(Size(rows: rows + 2, columns: columns + 4))
        fill(outer, with: " ", .text)
        return box(outer, title: title, Style(.accent)).inset(columns: 1)
    }

    /// A key and what it does, as footers and windows show it; returns the column after it.
    @discardableResult
    mutating func offer(_ key: String, _ label: String, row: Int, column: Int = 0, in rect: Rect) -> Int {
        let end = write(key, row: row, column: column, in: rect, .key)
        return write(" " + label, row: row, column: end, in: rect, .dim)
    }
}
