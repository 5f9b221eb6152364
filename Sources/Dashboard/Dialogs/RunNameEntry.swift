import Canvas
import Runs

/// The dialog for renaming a run.
package struct RunNameEntry: Equatable, Sendable {
    private let directory: RunDirectory
    private var input: TextInput

    init(_ directory: RunDirectory) {
        self.directory = directory
        input = TextInput(directory.name)
    }

    mutating func update(_ key: Key) -> Layer.Outcome {
        switch key {
        case .escape, .control("c"): return .closed
        case .enter:
            guard RunName.problem(with: input.text) == nil else { return .stayOpen }
            if input.text == directory.name { return .closed }
            return .answered(.renameRun(path: directory.path, name: input.text))
        default: input.update(key)
        }
        return .stayOpen
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        let room = frame.window(title: "Rename", rows: 5, columns: 58, over: rect)
        frame.write(directory.path.fitted(to: room.columns), row: 0, in: room, .dim)
        input.draw(prompt: "> ", into: &frame, row: 2, in: room)
        if let problem = RunName.problem(with: input.text) {
            frame.write(problem.fitted(to: room.columns), row: 3, in: room, .warning)
        }
        frame.offer("Enter", "rename", row: 4, in: room)
        frame.offer("Esc", "cancel", row: 4, column: 18, in: room)
    }
}
