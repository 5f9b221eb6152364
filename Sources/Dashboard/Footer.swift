import Canvas
import Runs

/// The last line: the keys that do something here and now.
struct Footer {
    let view: ViewKind
    let run: RunSnapshot?
    /// Whether any run at all trains now.
    let hasLiveRun: Bool

    func draw(into frame: inout Frame, in rect: Rect) {
        var column = 0
        for (key, label) in offers {
            guard column + key.columns + label.columns + 1 <= rect.columns else { break }
            column = frame.offer(key, label, row: 0, column: column, in: rect) + 2
        }
    }

    /// Help and quit come first, since nobody should have to guess them; then what the view offers, in the table's order.
    private var offers: [(String, String)] {
        let bindings = KeyTable.bindings(in: view).filter { !$0.label.isEmpty && isUseful($0.action) }
        let always = bindings.filter { $0.action == .help || $0.action == .quit }
        let rest = bindings.filter { $0.action != .help && $0.action != .quit }
        // Only the Overview is there for steering; elsewhere what the view itself offers comes first.
        let isLast = { (binding: KeyBinding) in binding.group == .steering && view != .overview }
        return (always + rest.filter { !isLast($0) } + rest.filter(isLast)).map { (names(of: $0), label(of: $0)) }
    }

    private func names(of binding: KeyBinding) -> String {
        switch binding.action {
        case .previousLayer, .previousTag: "[ ]"
        case .previousGroup: "{ }"
        case .moveLeft where view == .batchNorm || view == .images: "← →"
        case .zoomIn: "i o"
        case .panLeft: ", ."
        case .smoothMore: "+ - ="
        default: binding.keys[0].name
        }
    }

    private func label(of binding: KeyBinding) -> String {
        guard binding.action == .pauseOrResume, let run else { return binding.label }
        if run.state.isPaused { return "resume" }
        return run.canBeRevived ? "resume from step \(run.checkpoints.last?.step ?? 0)" : binding.label
    }

    private func isUseful(_ action: Action) -> Bool {
        switch action {
        case .pauseOrResume: run.map { $0.isTraining || $0.canBeRevived } ?? false
        case .checkpoint, .evaluate, .setLearningRate, .slower, .faster: run?.isTraining ?? false
        case .previousLayer, .nextLayer: view == .checkpoints || (run?.layers.count ?? 0) > 1
        case .stopRun: hasLiveRun
        case _ where view == .batchNorm && run?.layers.isEmpty != false: action == .help || action == .quit
        case .open, .mark, .compare, .sort, .renameRun, .deleteRun, .filter: view == .checkpoints || run != nil
        default: true
        }
    }
}
