import Canvas
import Runs

/// The message of a run without normalization layers: what to do to see some.
struct NoLayersMessage {
    let run: RunSnapshot

    func draw(into frame: inout Frame, in rect: Rect) {
        let lines = lines
        let top = max(0, (rect.rows - lines.count) / 2)
        let width = lines.map(\.columns).max() ?? 0
        for (row, line) in lines.enumerated() {
            frame.write(
                line.fitted(to: rect.columns), row: top + row, column: max(0, (rect.columns - width) / 2), in: rect,
                row == 0 ? .title : .dim)
        }
    }

    private var lines: [String] {
        if run.log.points == 0 {
            return run.state == .log
                ? ["Nothing in this log yet.", "", "What is written to it appears here by itself."]
                : ["Waiting for the first step.", "", "What the engine says stands in the view Log (7)."]
        }
        if run.isForeign { return ["No normalization layer in this network."] }
        if run.state != .log {
            return [
                "No normalization layer in this network.", "",
                "Put one behind a convolution in the experiment's model:",
                "    - Conv2d(3, 16, kernel_size=3, padding=1)", "    - BatchNorm2d(16)", "    - ReLU()",
            ]
        }
        return [
            "No normalization layer in this log.", "",
            "It is known by its statistics. In PyTorch, every ten steps or so:", "",
            "for name, layer in net.named_modules():",
            "    if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm):",
            "        for key in (\"running_mean\", \"running_var\", \"weight\", \"bias\"):",
            "            value = getattr(layer, key).detach().cpu()",
            "            writer.add_tensor(f\"batchnorm/{name}/{key}\", value, step)", "",
            "Histograms named layer1.1.running_mean and so on are found too.",
        ]
    }
}
