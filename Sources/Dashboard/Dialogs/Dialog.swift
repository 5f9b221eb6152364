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

    /// Whether an answer may stop or delete something, and therefore counts only once the question was seen.
    var asksToDestroy: Bool {
        switch self {
        case .quit, .stopRun, .deleteRun, .deleteCheckpoint: true
        case .learningRate, .renameRun, .newRun, .convert: false
        }
    }

    /// Whether keys are letters of a text.
    var isTyping: Bool {
        switch self {
        case .learningRate, .renameRun, .convert: true
        case .newRun(let entry): entry.isTyping
        case .quit, .stopRun, .deleteRun, .deleteCheckpoint: false
        }
    }

    mutating func update(_ key: Key) -> Layer.Outcome {
        switch self {
        case .quit(_, let canStop): return Self.outcome(ofQuit: key, canStop: canStop)
        case .stopRun(_, let path): return Self.outcome(of: key, .stopRun(path: path))
        case .deleteRun(_, let path, _): return Self.outcome(of: key, .deleteRun(path: path))
        case .deleteCheckpoint(let path): return Self.outcome(of: key, .deleteCheckpoint(path: path))
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

    /// The outcome of a question. The key that asked is no answer to it: it may be held down.
    private static func outcome(of key: Key, _ answer: Answer) -> Layer.Outcome {
        switch key {
        case .character("y"), .enter: .answered(answer)
        case .character("n"), .escape: .closed
        default: .stayOpen
        }
    }

    private static func outcome(ofQuit key: Key, canStop: Bool) -> Layer.Outcome {
        switch key {
        case .escape: .closed
        case .character("d"), .control("c"): .answered(.detach)
        case .character("s") where canStop: .answered(.stopAndSave)
        default: .stayOpen
        }
    }

    /// - Parameter offersAnswers: whether the question was seen. Until then one that may stop or delete something takes no
    ///   answer, and offers none.
    func draw(into frame: inout Frame, in rect: Rect, offersAnswers: Bool) {
        switch self {
        case .learningRate(let entry): entry.draw(into: &frame, in: rect)
        case .renameRun(let entry): entry.draw(into: &frame, in: rect)
        case .newRun(let entry): entry.draw(into: &frame, in: rect)
        case .convert(let entry): entry.draw(into: &frame, in: rect)
        case .quit, .stopRun, .deleteRun, .deleteCheckpoint:
            let (room, answers) = drawQuestion(into: &frame, in: rect)
            guard offersAnswers else { return }
            let first = room.rows - answers.count
            for (index, answer) in answers.enumerated() {
                frame.offer(answer.key, answer.label, row: first + index, in: room)
            }
        }
    }

    /// Draws a question; returns its window and the answers that it takes.
    private func drawQuestion(into frame: inout Frame, in rect: Rect) -> (Rect, [(key: String, label: String)]) {
        let stop = "stop and save: a checkpoint, then it ends"
        let cancel = (key: "Esc", label: "cancel")
        switch self {
        case .quit(let run, let canStop):
            let room = frame.window(title: "Quit", rows: 5, columns: 58, over: rect)
            frame.write("\(run) is training.".fitted(to: room.columns), row: 0, in: room)
            return (room, [("d", "detach: it goes on without this screen")] + (canStop ? [("s", stop)] : []) + [cancel])
        case .deleteRun(let name, let path, let inside):
            let room = frame.window(title: "Delete", rows: 7, columns: 70, over: rect)
            frame.write("Delete \(name) with everything in its folder?".fitted(to: room.columns), row: 0, in: room)
            frame.write(path.fitted(to: room.columns), row: 1, in: room, .dim)
            Self.draw(inside, into: &frame, in: room)
            return (room, [("y", inside.isEmpty ? "delete it for good" : "delete all of them for good"), cancel])
        case .deleteCheckpoint(let path):
            let room = frame.window(title: "Delete", rows: 5, columns: 70, over: rect)
            frame.write("Delete the checkpoint \(FileName.of(path))?".fitted(to: room.columns), row: 0, in: room)
            frame.write(path.fitted(to: room.columns), row: 1, in: room, .dim)
            return (room, [("y", "delete it for good"), cancel])
        case .stopRun(let name, _):
            let room = frame.window(title: "Stop", rows: 4, columns: 58, over: rect)
            frame.write("\(name) is training.".fitted(to: room.columns), row: 0, in: room)
            return (room, [("y", stop), cancel])
        case .learningRate, .renameRun, .newRun, .convert: return (rect, [])
        }
    }

    /// The other runs that would go with a deleted one.
    private static func draw(_ inside: [String], into frame: inout Frame, in room: Rect) {
        guard !inside.isEmpty else { return }
        let count = inside.count == 1 ? "another run lies" : "\(inside.count) other runs lie"
        frame.write("\(count) in it and would go with it:".fitted(to: room.columns), row: 2, in: room, .error)
        frame.write(inside.joined(separator: ", ").fitted(to: room.columns), row: 3, in: room, .error)
    }
}
