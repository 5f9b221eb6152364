import Canvas
import Runs

/// The last line of the window: the keys that do something in the current view and state.
struct Footer {
    let view: ViewKind
    let run: RunSnapshot?
    /// Whether any run is training.
    let hasLiveRun: Bool
    /// Whether the view has several normalization layers to go through.
    let offersLayers: Bool
    /// Whether there is neither an open run nor a folder of checkpoints.
    let isEmpty: Bool
    let keys: Keymap

    func draw(into frame: inout Frame, in rect: Rect) {
        for offer in places(in: rect) {
            frame.offer(offer.key, offer.label, row: 0, column: offer.start, in: rect)
        }
    }

    /// The action of the key that is shown at a column, for mouse clicks.
    func action(atColumn column: Int, in rect: Rect) -> KeyAction? {
        places(in: rect).first { ($0.start..<$0.end).contains(column) }?.action
    }

    private struct Offer {
        let action: KeyAction
        let key: String
        let label: String
        var start = 0
        var end: Int { start + key.columns + 1 + label.columns }
    }

    private func places(in rect: Rect) -> [Offer] {
        var places: [Offer] = []
        for var offer in offers {
            offer.start = places.last.map { $0.end + 2 } ?? 0
            guard offer.end <= rect.columns else { break }
            places.append(offer)
        }
        return places
    }

    /// The offered keys: help and quit first, so that nobody has to guess them; then those of the view in the key
    /// table's order.
    private var offers: [Offer] {
        let bindings = keys.bindings(in: view).filter { !$0.label.isEmpty && !$0.keys.isEmpty && isUseful($0.action) }
        let always = bindings.filter { $0.action == .help || $0.action == .quit }
        let rest = bindings.filter { $0.action != .help && $0.action != .quit }
        // Only the Overview is there for steering; elsewhere what the view itself offers comes first.
        let isLast = { (binding: KeyBinding) in binding.group == .steering && view != .overview }
        return (always + rest.filter { !isLast($0) } + rest.filter(isLast)).map {
            Offer(action: $0.action, key: names(of: $0), label: label(of: $0))
        }
    }

    /// Actions that are shown behind another action's key, under its label.
    private static let companions: [KeyAction: [KeyAction]] = [
        .previousLayer: [.nextLayer], .previousTag: [.nextTag], .previousGroup: [.nextGroup], .zoomIn: [.zoomOut],
        .panLeft: [.panRight], .smoothMore: [.smoothLess, .smoothNot],
    ]

    private func names(of binding: KeyBinding) -> String {
        if binding.action == .moveLeft, view == .batchNorm || view == .images {
            let arrows = [binding.keys.last, keys.binding(of: .moveRight, in: view)?.keys.last]
            return arrows.compactMap { $0?.name }.joined(separator: " ")
        }
        let others = (Self.companions[binding.action] ?? []).compactMap { keys.binding(of: $0, in: view)?.keys.first }
        return ([binding.keys[0]] + others).map(\.name).joined(separator: " ")
    }

    private func label(of binding: KeyBinding) -> String {
        guard binding.action == .pauseOrResume, let run else { return binding.label }
        if run.state.isPaused { return "resume" }
        return run.canBeResumed ? "resume from step \(run.checkpoints.last?.step ?? 0)" : binding.label
    }

    private func isUseful(_ action: KeyAction) -> Bool {
        switch action {
        case .help, .quit, .newRun, .commandLine, .nextTheme: true
        case _ where isEmpty: false
        case .pauseOrResume: run.map { $0.isTraining && $0.canDo(action) || $0.canBeResumed } ?? false
        case .checkpoint, .evaluate, .setLearningRate, .slower, .faster:
            run.map { $0.isTraining && $0.canDo(action) } ?? false
        case .resumeFrom, .evaluateSaved: run?.isForeign != true
        case .previousLayer, .nextLayer: view == .checkpoints ? offersLayers : (run?.layers.count ?? 0) > 1
        case .stopRun: hasLiveRun
        case _ where view == .batchNorm && run?.layers.isEmpty != false: false
        case .show(.images): run?.isForeign != true || run?.evaluation != nil
        case .open, .mark, .compare, .sort, .renameRun, .deleteRun, .filter: view == .checkpoints || run != nil
        default: true
        }
    }
}
