import Canvas

/// The file being typed into which a checkpoint's network is to be written; its ending decides the form.
package struct ConversionEntry: Equatable, Sendable {
    private let path: String
    private var input: TextInput

    /// Proposes a safetensors file beside the checkpoint.
    init(_ path: String) {
        self.path = path
        let stem = path.hasSuffix(".safetensors") ? path.dropLast(".safetensors".count) : path.prefixBeforeEnding
        input = TextInput(stem + (path.hasSuffix(".safetensors") ? ".pth" : ".safetensors"))
    }

    mutating func update(_ key: Key) -> Question.Reaction {
        switch key {
        case .control("c"): return .cancelled
        case .enter:
            return input.text.isEmpty || input.text == path
                ? .stillAsking : .answered(.convert(path: path, to: input.text))
        default: input.update(key)
        }
        return .stillAsking
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        let room = frame.window(title: "Convert", rows: 6, columns: 70, over: rect)
        frame.write("the network of \(FileName.of(path))".fitted(to: room.columns), row: 0, in: room, .dim)
        input.draw(prompt: "> ", into: &frame, row: 2, in: room)
        let form = input.text.hasSuffix(".safetensors") ? "safetensors" : "a state_dict that torch.load opens"
        frame.write("becomes \(form)".fitted(to: room.columns), row: 3, in: room, .good)
        frame.offer("Enter", "write it", row: 5, in: room)
        frame.offer("Esc", "cancel", row: 5, column: 18, in: room)
    }
}

extension String {
    /// A path without the ending of its file's name.
    fileprivate var prefixBeforeEnding: Substring {
        guard let dot = lastIndex(of: "."), !self[dot...].contains("/"), dot != startIndex else { return self[...] }
        return self[..<dot]
    }
}
