extension Action {
    /// By what the command line and the configuration file know the action: one word, the same in every view.
    package var name: String {
        switch self {
        case .show(let view): view.word
        case .nextView: "next-view"
        case .previousView: "previous-view"
        case .moveUp: "up"
        case .moveDown: "down"
        case .moveLeft: "left"
        case .moveRight: "right"
        case .moveToStart: "start"
        case .moveToEnd: "end"
        case .pageUp: "page-up"
        case .pageDown: "page-down"
        case .open: "open"
        case .back: "back"
        case .pauseOrResume: "toggle-pause"
        case .checkpoint: "checkpoint"
        case .evaluate: "evaluate"
        case .setLearningRate: "lr"
        case .slower: "slower"
        case .faster: "faster"
        case .previousLayer: "previous-layer"
        case .nextLayer: "next-layer"
        case .previousTag: "previous-tag"
        case .nextTag: "next-tag"
        case .previousGroup: "previous-group"
        case .nextGroup: "next-group"
        case .panLeft: "pan-left"
        case .panRight: "pan-right"
        case .zoomIn: "zoom-in"
        case .zoomOut: "zoom-out"
        case .filter: "filter"
        case .toggleHeatMap: "heat-map"
        case .previousMatch: "previous-match"
        case .nextMatch: "next-match"
        case .resumeFrom: "resume-from"
        case .evaluateSaved: "evaluate-checkpoint"
        case .convert: "convert"
        case .deleteCheckpoint: "delete-checkpoint"
        case .mark: "mark"
        case .unmarkAll: "unmark-all"
        case .sort: "sort"
        case .compare: "compare"
        case .newRun: "new-run"
        case .stopRun: "stop"
        case .renameRun: "rename-run"
        case .deleteRun: "delete-run"
        case .smoothMore: "smooth-more"
        case .smoothLess: "smooth-less"
        case .smoothNot: "smooth-not"
        case .toggleLogarithmic: "log-y"
        case .nextHorizontalAxis: "next-x"
        case .toggleFollow: "follow"
        case .nextTheme: "next-theme"
        case .reload: "reload"
        case .writePicture: "svg"
        case .writeValues: "csv"
        case .commandLine: "command-line"
        case .help: "help"
        case .redraw: "redraw"
        case .suspend: "suspend"
        case .quit: "quit"
        }
    }

    /// The action of a name, if the key table has one.
    package init?(named name: String) {
        guard let action = KeyTable.bindings.first(where: { $0.action.name == name })?.action else { return nil }
        self = action
    }
}
