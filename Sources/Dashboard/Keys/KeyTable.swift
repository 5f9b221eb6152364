import Canvas

/// The table of all keys. The help, the footer and the dispatch are made from it, so that none can promise what another
/// doesn't keep.
package enum KeyTable {
    package static let bindings: [KeyBinding] =
        steering + normalization + images + charts + runs + checkpoints + words + moving + program

    private static let steering: [KeyBinding] = [
        steer(
            [.character("p"), .character(" ")], .pauseOrResume, "pause",
            "pause, resume; go on from the newest checkpoint"),
        steer(
            [.character("c")], .checkpoint, "checkpoint", "write a checkpoint now",
            in: [.overview, .curves, .batchNorm, .histograms, .checkpoints, .log, .images]),
        steer([.character("e")], .evaluate, "evaluate", "run the validation images now"),
        steer([.character("L")], .setLearningRate, "lr", "set the learning rate: ×0.5, ×2 or a number"),
        steer([.character("<")], .slower, "slower", "halve the pace"),
        steer(
            [.character(">")], .faster, "faster",
            "double the pace, up to full speed"),
        steer([.character("S")], .stopRun, "", "stop the run that is open; asks"),
    ]

    /// A key that steers training, in views that show one run.
    private static func steer(
        _ keys: [Key], _ action: KeyAction, _ label: String, _ explanation: String,
        in views: Set<ViewKind> = [.overview, .curves, .batchNorm, .histograms, .log, .images]
    ) -> KeyBinding {
        KeyBinding(keys, action, label, explanation, .steering, in: views)
    }

    private static let charts: [KeyBinding] = [
        KeyBinding(
            [.character("[")], .previousLayer, "layer", "the normalization layer before", .charts,
            in: [.overview, .batchNorm, .checkpoints]),
        KeyBinding(
            [.character("]")], .nextLayer, "", "the normalization layer after", .charts,
            in: [.overview, .batchNorm, .checkpoints]),
        KeyBinding(
            [.character("[")], .previousTag, "tag", "the chart before, at any size", .charts, in: [.curves]),
        KeyBinding([.character("]")], .nextTag, "", "the chart after", .charts, in: [.curves]),
        KeyBinding([.character("[")], .previousTag, "tag", "the tag before", .charts, in: [.histograms]),
        KeyBinding([.character("]")], .nextTag, "", "the tag after", .charts, in: [.histograms]),
        KeyBinding(
            [.character("v")], .toggleHeatMap, "ridges", "over time as ridges or as a heat map", .charts,
            in: [.histograms]),
        KeyBinding([.enter], .open, "enlarge", "one moment alone, and back", .charts, in: [.histograms]),
        KeyBinding(
            [.character("/")], .filter, "filter",
            "filter: text, !not, a|b, /regular expression/; Enter keeps, Esc reverts", .charts,
            in: [.histograms]),
        KeyBinding([.character("{")], .previousGroup, "group", "the group of tags before", .charts, in: [.curves]),
        KeyBinding([.character("}")], .nextGroup, "", "the group of tags after", .charts, in: [.curves]),
        KeyBinding([.enter], .open, "enlarge", "the chosen chart alone, with a cursor", .charts, in: [.curves]),
        KeyBinding(
            [.character("/")], .filter, "filter",
            "filter: text, !not, a|b, /regular expression/; Enter keeps, Esc reverts", .charts,
            in: [.curves]),
        KeyBinding(
            [.character("+")], .smoothMore, "smooth", "smooth the curves more (raw stays visible)", .charts,
            in: [.overview, .curves]),
        KeyBinding([.character("-")], .smoothLess, "", "smooth the curves less", .charts, in: [.overview, .curves]),
        KeyBinding([.character("=")], .smoothNot, "", "no smoothing", .charts, in: [.overview, .curves]),
        KeyBinding(
            [.character("y")], .toggleLogarithmic, "log y", "loss on a logarithmic axis", .charts, in: [.overview]),
        KeyBinding(
            [.character("y")], .toggleLogarithmic, "log y", "the chart on a logarithmic axis, and back", .charts,
            in: [.curves]),
        KeyBinding(
            [.character("x")], .nextHorizontalAxis, "x axis", "x is step, epoch, time since the start or the clock",
            .charts, in: [.overview, .curves, .batchNorm, .histograms]),
        KeyBinding([.character("i")], .zoomIn, "zoom", "zoom in, in all charts", .charts, in: [.curves]),
        KeyBinding([.character("o")], .zoomOut, "", "zoom out", .charts, in: [.curves]),
        KeyBinding([.character(",")], .panLeft, "pan", "back in time, in all charts", .charts, in: [.curves]),
        KeyBinding([.character(".")], .panRight, "", "forward in time", .charts, in: [.curves]),
        KeyBinding(
            [.character("f")], .toggleFollow, "follow", "follow the newest points, or show the whole run", .charts,
            in: [.overview, .curves, .batchNorm]),
    ]

    private static let normalization: [KeyBinding] = [
        layer([.tab], .nextPane, "pane", "the next pane: layers, mean, variance, γ, β"),
        layer([.backTab], .previousPane, "", "the pane before"),
        layer([.enter], .open, "enlarge", "the chosen pane alone, and back"),
        layer([.character("v")], .toggleHeatMap, "over time", "the channels over time, or now"),
        layer(
            [.character("h"), .left], .moveLeft, "channel",
            "the channel before; the large list: the columns to the left"),
        layer(
            [.character("l"), .right], .moveRight, "", "the channel after; the large list: the columns to the right"),
        layer([.character("n")], .nextMatch, "next finding", "the next channel that something was found in"),
        layer([.character("N")], .previousMatch, "", "the channel before that something was found in"),
        layer([.character(",")], .panLeft, "time", "back in time, record by record"),
        layer([.character(".")], .panRight, "", "forward in time, to the newest record"),
        layer([.character("s")], .sort, "worst first", "the worst layers first, or in the network's order"),
        layer(
            [.character("/")], .filter, "filter",
            "filter layers: text, !not, a|b, /regular expression/; Enter keeps, Esc reverts"),
        layer([.character("{")], .previousTen, "", "ten channels back"),
        layer([.character("}")], .nextTen, "", "ten channels on"),
        layer([.character("k"), .up], .moveUp, "", "the layer above"),
        layer([.character("j"), .down], .moveDown, "", "the layer below"),
        layer([.character("g"), .home], .moveToStart, "", "the first layer"),
        layer([.character("G"), .end], .moveToEnd, "", "the last layer"),
        layer([.pageUp], .pageUp, "", "ten layers up"),
        layer([.pageDown], .pageDown, "", "ten layers down"),
        layer([.escape], .back, "", "back: to all panes, to all layers, to the newest record, to the Overview"),
    ]

    private static let images: [KeyBinding] = [
        KeyBinding(
            [.character("i")], .show(.images), "images", "test images, the confusion matrix and the first filters",
            .images, in: [.overview, .batchNorm, .images]),
        image([.tab], .nextPane, "pane", "the next pane: images, confusion matrix, filters"),
        image([.backTab], .previousPane, "", "the pane before"),
        image([.enter], .open, "enlarge", "the chosen pane alone, and back"),
        image([.character("h"), .left], .moveLeft, "image", "the image before"),
        image([.character("l"), .right], .moveRight, "", "the image after"),
        image([.character("k"), .up], .moveUp, "", "the image above"),
        image([.character("j"), .down], .moveDown, "", "the image below"),
        image([.character("g"), .home], .moveToStart, "", "the first image: the surest mistake"),
        image([.character("G"), .end], .moveToEnd, "", "the last image"),
        image([.character("v")], .toggleHeatMap, "right ones", "the images that are wrong, or those that are right"),
        image([.escape], .back, "back", "back: to all panes, to the view before"),
    ]

    private static func image(_ keys: [Key], _ action: KeyAction, _ label: String, _ explanation: String) -> KeyBinding
    {
        KeyBinding(keys, action, label, explanation, .images, in: [.images])
    }

    private static func layer(_ keys: [Key], _ action: KeyAction, _ label: String, _ explanation: String) -> KeyBinding
    {
        KeyBinding(keys, action, label, explanation, .normalization, in: [.batchNorm])
    }

    private static let words: [KeyBinding] = [
        KeyBinding([.character("[")], .previousTag, "source", "the words of the source before", .words, in: [.log]),
        KeyBinding([.character("]")], .nextTag, "", "the words of the source after", .words, in: [.log]),
        KeyBinding(
            [.character("/")], .filter, "search",
            "search: text, !not, a|b, /regular expression/; Enter keeps, Esc reverts", .words, in: [.log]),
        KeyBinding([.character("N")], .previousMatch, "", "the match before", .words, in: [.log]),
        KeyBinding([.character("n")], .nextMatch, "next", "the match after", .words, in: [.log]),
    ]

    /// Views in which Tab leads to the next view.
    private static let withoutPanes = Set(ViewKind.allCases).subtracting([.batchNorm, .images])

    /// Views in which the arrows move from line to line.
    private static let lists: Set<ViewKind> = [.histograms, .checkpoints, .runs, .log]

    private static let checkpoints: [KeyBinding] = [
        KeyBinding(
            [.enter], .open, "open", "open the checkpoint; in it, give what is chosen the whole room", .checkpoints,
            in: [.checkpoints]),
        KeyBinding(
            [.character(" ")], .mark, "mark", "mark the checkpoint: two marked ones can be compared", .checkpoints,
            in: [.checkpoints]),
        KeyBinding(
            [.character("d")], .compare, "compare", "compare the two marked checkpoints", .checkpoints,
            in: [.checkpoints]),
        KeyBinding(
            [.character("e")], .evaluateSaved, "evaluate", "loss and accuracy of the checkpoint, in both modes",
            .checkpoints, in: [.checkpoints]),
        KeyBinding(
            [.character("R")], .resumeFrom, "resume", "go on training from the checkpoint", .checkpoints,
            in: [.checkpoints]),
        KeyBinding(
            [.character("C")], .convert, "convert", "write its network as safetensors, a state_dict or a module",
            .checkpoints,
            in: [.checkpoints]),
        KeyBinding(
            [.character("D"), .delete], .deleteCheckpoint, "delete", "delete the checkpoint; asks", .checkpoints,
            in: [.checkpoints]),
        KeyBinding(
            [.character("/")], .filter, "filter",
            "filter: text, !not, a|b, /regexp/, step>=1000, accuracy>0.8; Enter keeps, Esc reverts", .checkpoints,
            in: [.checkpoints]),
    ]

    private static let runs: [KeyBinding] = [
        KeyBinding([.enter], .open, "open", "open the run under the cursor", .runs, in: [.runs]),
        KeyBinding(
            [.character(" ")], .mark, "mark", "mark the run: marked ones are overlaid in the charts", .runs, in: [.runs]
        ),
        KeyBinding(
            [.character("a")], .markAll, "",
            "mark all runs in the list, as many as there are colours", .runs, in: [.runs]),
        KeyBinding([.character("u")], .unmarkAll, "", "unmark all runs", .runs, in: [.runs]),
        KeyBinding(
            [.character("d")], .compare, "compare", "compare the settings of the two marked runs", .runs, in: [.runs]),
        KeyBinding(
            [.character("s")], .sort, "sort", "sort by the column; again: the other way round", .runs, in: [.runs]),
        KeyBinding(
            [.character("/")], .filter, "filter",
            "filter: text, !not, a|b, /regexp/, lr>=1e-3, state=running; Enter keeps, Esc reverts",
            .runs, in: [.runs]),
        KeyBinding([.character("n")], .newRun, "new", "a new run from an experiment", .runs, in: [.runs]),
        KeyBinding([.character("S")], .stopRun, "stop", "stop the run; asks", .runs, in: [.runs]),
        KeyBinding([.character("R")], .renameRun, "rename", "rename the run", .runs, in: [.runs]),
        KeyBinding([.character("D")], .deleteRun, "delete", "delete the run; asks", .runs, in: [.runs]),
    ]

    private static let moving: [KeyBinding] =
        ViewKind.tabs.map { view in
            KeyBinding(
                [.character(view.digit)], .show(view), "", "the view \(view.title)", .moving)
        } + [

            KeyBinding([.tab], .nextView, "", "the next view", .moving, in: withoutPanes),
            KeyBinding([.backTab], .previousView, "", "the view before", .moving, in: withoutPanes),
            KeyBinding(
                [.character("h"), .left], .moveLeft, "", "the charts: back in time", .moving, in: [.overview]),
            KeyBinding(
                [.character("l"), .right], .moveRight, "", "the charts: forward in time", .moving, in: [.overview]),
            KeyBinding([.character("k"), .up], .moveUp, "", "the charts: zoom in", .moving, in: [.overview]),
            KeyBinding([.character("j"), .down], .moveDown, "", "the charts: zoom out", .moving, in: [.overview]),
            KeyBinding(
                [.character("g"), .home], .moveToStart, "", "the charts: the beginning of the run", .moving,
                in: [.overview]),
            KeyBinding(
                [.character("G"), .end], .moveToEnd, "", "the charts: the newest points", .moving, in: [.overview]),
            KeyBinding(
                [.character("h"), .left], .moveLeft, "", "the chart to the left; the large chart's cursor", .moving,
                in: [.curves]),
            KeyBinding(
                [.character("l"), .right], .moveRight, "", "the chart to the right; the large chart's cursor",
                .moving, in: [.curves]),
            KeyBinding(
                [.character("k"), .up], .moveUp, "", "the chart above; large: zoom in", .moving, in: [.curves]),
            KeyBinding(
                [.character("j"), .down], .moveDown, "", "the chart below; large: zoom out", .moving, in: [.curves]),
            KeyBinding(
                [.character("g"), .home], .moveToStart, "", "the first chart; large: the first point", .moving,
                in: [.curves]),
            KeyBinding(
                [.character("G"), .end], .moveToEnd, "", "the last chart; large: the newest point", .moving,
                in: [.curves]),
            KeyBinding([.pageUp], .pageUp, "", "the page before; large: ten columns back", .moving, in: [.curves]),
            KeyBinding([.pageDown], .pageDown, "", "the page after; large: ten columns on", .moving, in: [.curves]),
            KeyBinding(
                [.escape], .back, "", "back: to the grid, to all tags, to the Overview", .moving, in: [.curves]),
            KeyBinding(
                [.character("h"), .left], .moveLeft, "earlier", "the moment before", .moving, in: [.histograms]),
            KeyBinding([.character("l"), .right], .moveRight, "", "the moment after", .moving, in: [.histograms]),
            KeyBinding([.character("k"), .up], .moveUp, "", "one line up", .moving, in: lists),
            KeyBinding([.character("j"), .down], .moveDown, "", "one line down", .moving, in: lists),
            KeyBinding([.character("g"), .home], .moveToStart, "", "the first line", .moving, in: lists),
            KeyBinding([.character("G"), .end], .moveToEnd, "", "the last line", .moving, in: lists),
            KeyBinding([.pageUp], .pageUp, "", "a page up", .moving, in: lists),
            KeyBinding([.pageDown], .pageDown, "", "a page down", .moving, in: lists),
            KeyBinding(
                [.character("h"), .left], .moveLeft, "", "fold the module, or go to the one around it", .moving,
                in: [.checkpoints]),
            KeyBinding([.character("l"), .right], .moveRight, "", "unfold the module", .moving, in: [.checkpoints]),
            KeyBinding([.character("h"), .left], .moveLeft, "", "the column to the left", .moving, in: [.runs]),
            KeyBinding([.character("l"), .right], .moveRight, "", "the column to the right", .moving, in: [.runs]),
            KeyBinding(
                [.escape], .back, "", "back: to all lines, to the Overview", .moving,
                in: [.histograms, .runs, .log]),
            KeyBinding(
                [.escape], .back, "", "back: to the tree, to the list, to the Overview", .moving, in: [.checkpoints]),
        ]

    private static let program: [KeyBinding] = [
        KeyBinding([.character("?"), .function(1)], .help, "help", "this help", .program),
        KeyBinding(
            [.character(":")], .commandLine, "command",
            "the command line: Tab completes, ↑ ↓ go through what was typed",
            .program),
        KeyBinding([.character("q"), .control("c")], .quit, "quit", "quit; asks while a run is training", .program),
        KeyBinding([.character("t")], .nextTheme, "theme", "the next theme", .program),
        KeyBinding([.character("r")], .reload, "", "read the run directories again now", .program),
        KeyBinding(
            [.character("w")], .writeValues, "", "write what is shown as CSV into the current folder", .program,
            in: [.overview, .curves, .batchNorm, .histograms, .runs]),
        KeyBinding([.character("W")], .writePicture, "", "write the screen as SVG into the current folder", .program),
        KeyBinding([.control("l")], .redraw, "", "draw the screen anew", .program),
        KeyBinding([.control("z")], .suspend, "", "back to the shell for now (fg returns)", .program),
    ]
}
