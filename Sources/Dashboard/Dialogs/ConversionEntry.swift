import Canvas

/// The dialog for converting a checkpoint: the output file is typed; its ending decides the form, and Tab switches
/// between the two forms of a PyTorch file.
package struct ConversionEntry: Equatable, Sendable {
    private let path: String
    /// Whether the network's structure is known, so that a whole module can be written.
    private let structureIsKnown: Bool
    private var wantsModule = false
    private var input: TextInput

    /// Proposes a safetensors file beside the checkpoint.
    init(_ path: String, structureIsKnown: Bool = false) {
        self.path = path
        self.structureIsKnown = structureIsKnown
        let isSafetensors = path.hasSuffix(Self.safetensors)
        input = TextInput(path.prefixBeforeEnding + (isSafetensors ? ".pth" : Self.safetensors))
    }

    private static let safetensors = ".safetensors"

    private var isSafetensors: Bool { input.text.hasSuffix(Self.safetensors) }

    mutating func update(_ key: Key) -> Layer.Outcome {
        switch key {
        case .escape, .control("c"): return .closed
        case .enter:
            return input.text.isEmpty || input.text == path
                ? .stayOpen
                : .answered(.convert(path: path, to: input.text, asModule: wantsModule && !isSafetensors))
        case .tab: nextForm()
        default: input.update(key)
        }
        return .stayOpen
    }

    /// Switches to the next form, from safetensors to a state dictionary, to a module where possible, and back; the
    /// file name follows.
    private mutating func nextForm() {
        if isSafetensors {
            wantsModule = false
            input = TextInput(freeName(input.text.prefixBeforeEnding + ".pth"))
        } else if structureIsKnown, !wantsModule {
            wantsModule = true
            input = TextInput(input.text.prefixBeforeEnding + "-module.pth")
        } else {
            let stem = input.text.prefixBeforeEnding
            input = TextInput((wantsModule && stem.hasSuffix("-module") ? stem.dropLast(7) : stem) + Self.safetensors)
            wantsModule = false
        }
    }

    /// A file name that is not the checkpoint's own.
    private func freeName(_ name: String) -> String {
        name == path ? name.prefixBeforeEnding + "-state.pth" : name
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        let room = frame.window(title: "Convert", rows: 6, columns: 70, over: rect)
        frame.write("the network of \(FileName.of(path))".fitted(to: room.columns), row: 0, in: room, .dim)
        input.draw(prompt: "> ", into: &frame, row: 2, in: room)
        frame.write("becomes \(form)".fitted(to: room.columns), row: 3, in: room, .good)
        frame.offer("Enter", "write it", row: 5, in: room)
        frame.offer("Tab", "another form", row: 5, column: 18, in: room)
        frame.offer("Esc", "cancel", row: 5, column: 40, in: room)
    }

    private var form: String {
        if isSafetensors { return "safetensors" }
        return wantsModule
            ? "a whole module that torch.load opens without its class" : "a state_dict that torch.load opens"
    }
}

extension String {
    /// The path without the file name's ending.
    fileprivate var prefixBeforeEnding: Substring {
        guard let dot = lastIndex(of: "."), !self[dot...].contains("/"), dot != startIndex else { return self[...] }
        return self[..<dot]
    }
}
