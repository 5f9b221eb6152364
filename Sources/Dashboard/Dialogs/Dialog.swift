import Canvas

/// A dialog: a small window over the view that asks for confirmation or input.
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

    /// The answer of a dialog.
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

        /// An experiment that can't be started stays in its window, to be put right.
        var keepsDialogOpen: Bool { if case .startRun = self { true } else { false } }
    }

    /// Updates the current learning rate, which may change while the dialog is open.
    mutating func refresh(learningRate: Double?) {
        guard case .learningRate(var entry) = self else { return }
        entry.current = learningRate
        self = .learningRate(entry)
    }

    mutating func update(_ key: Key) -> Layer.Outcome {
        switch self {
        case .quit(_, let canStop): return Self.outcome(ofQuit: key, canStop: canStop)
        case .stopRun(_, let path): return Self.outcome(of: key, confirmed: "s", .stopRun(path: path))
        case .deleteRun(_, let path, _): return Self.outcome(of: key, confirmed: "D", .deleteRun(path: path))
        case .deleteCheckpoint(let path):
            return Self.outcome(of: key, confirmed: "D", .deleteCheckpoint(path: path))
        case .renameRun(var entry):
            defer { self = .renameRun(entry) }
            return entry.update(key)
        case .newRun(var entry):
            defer { self = .newRun(entry) }
            return entry.update(key)
        case .convert(var entry):
            defer { self = .convert(entry) }
            return entry.update(key)
        case .learningRate(var entry):
            defer { self = .learningRate(entry) }
            return entry.update(key)
        }
    }

    /// The outcome of a dialog that one key confirms and Esc cancels.
    private static func outcome(of key: Key, confirmed letter: Character, _ answer: Answer) -> Layer.Outcome {
        key == .escape ? .closed : key == .character(letter) ? .answered(answer) : .stayOpen
    }

    private static func outcome(ofQuit key: Key, canStop: Bool) -> Layer.Outcome {
        switch key {
        case .escape: .closed
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
