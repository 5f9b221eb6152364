import Canvas
import Diagnosis
import EventLog
import Runs

extension BatchNorm {
    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        guard let run = app.run else { return NoRunsMessage(folders: app.watchedFolders).draw(into: &frame, in: rect) }
        guard list.total > 0 else { return NoLayersMessage(run: run).draw(into: &frame, in: rect) }
        let layout = layout(in: rect)
        drawList(into: &frame, in: layout.layers)
        guard let chosen else {
            frame.pane("", in: layout.findings, note: "none of \(list.total) layers passes the filter: Esc clears it")
            return
        }
        guard let health = health[chosen.name] else { return }
        FindingLines(layer: chosen.name, health: health, runNote: EvaluationGap(run)?.words)
            .draw(into: &frame, in: layout.findings)
        let moment = LayerMoment(chosen, in: run.log, at: step)
        let ranks = shownRanks(of: chosen, in: run.log)
        ChannelReading(channel: channel, channels: health.channels, moment: moment, pane: pane, ranks: ranks)
            .draw(into: &frame, in: layout.reading)
        if let ranks, let picture = QuantityPicture(rawValue: pane.rawValue) {
            return drawRanks(ranks, picture, chosen, moment, run, layout, into: &frame, app)
        }
        drawPictures(of: chosen, moment, run, layout, into: &frame, app)
    }

    private func drawList(into frame: inout Frame, in rect: Rect) {
        let order = isWorstFirst ? "worst first" : "layer"
        let heading: String
        if list.filter.isEmpty, !list.filter.isTyping {
            let count = list.items.count
            heading = count > rect.rows - 1 ? "\(order) \(list.cursor.index + 1)/\(count)" : order
        } else {
            heading = ""
        }
        LayerTable(list: list, health: health, shift: columnShift, isFocused: pane == .layers)
            .draw(into: &frame, in: rect, heading: heading)
        list.filter.draw(
            into: &frame, row: 0, column: 0, in: Rect(row: rect.row, column: rect.column, rows: 1, columns: 22))
    }

    /// The statistics of each process, where they are shown: in a large pane that is not drawn over time.
    private func shownRanks(of layer: LoggedLayer, in log: LogSnapshot) -> RankObservation? {
        guard isLarge, !isHistory, pane == .mean || pane == .variance else { return nil }
        return RankObservation(layer, in: log, at: step)
    }

    /// Draws a large pane where several processes train together: the first one's channels above, all processes' below.
    private func drawRanks(
        _ ranks: RankObservation, _ picture: QuantityPicture, _ layer: LoggedLayer, _ moment: LayerMoment,
        _ run: RunSnapshot, _ layout: BatchNormLayout, into frame: inout Frame, _ app: AppState
    ) {
        let drawing = drawing(of: layer, moment, run, app)
        let top = layout.pictures[picture.rawValue - 1]
        guard let below = layout.histories.first else {
            let (now, rest) = top.split(top: top.rows - max(4, min(top.rows / 2, ranks.ranks + 3)))
            drawing.drawNow(picture, isChosen: true, into: &frame, in: now)
            return drawing.drawRanks(picture, ranks, into: &frame, in: rest)
        }
        drawing.drawNow(picture, isChosen: true, into: &frame, in: top)
        drawing.drawRanks(picture, ranks, into: &frame, in: below)
    }

    private func drawing(
        of layer: LoggedLayer, _ moment: LayerMoment, _ run: RunSnapshot, _ app: AppState
    ) -> QuantityDrawing {
        QuantityDrawing(
            layer: layer, moment: moment, channel: channel, log: run.log,
            scale: OverlaidRun(run).scale(app.settings.axis), window: app.settings.window, lastStep: app.lastStep,
            utcOffset: app.utcOffset)
    }

    private func drawPictures(
        of layer: LoggedLayer, _ moment: LayerMoment, _ run: RunSnapshot, _ layout: BatchNormLayout,
        into frame: inout Frame, _ app: AppState
    ) {
        let drawing = drawing(of: layer, moment, run, app)
        for (picture, rect) in zip(QuantityPicture.allCases, layout.pictures) where !rect.isEmpty {
            let isChosen = pane.rawValue == picture.rawValue
            if isHistory, layout.histories.isEmpty {
                drawing.drawHistory(picture, isChosen: isChosen, into: &frame, in: rect)
            } else {
                drawing.drawNow(picture, isChosen: isChosen, into: &frame, in: rect)
            }
        }
        if layout.histories.count == 1 {
            let picture = QuantityPicture(rawValue: pane.rawValue) ?? .mean
            drawing.drawHistory(picture, isChosen: false, into: &frame, in: layout.histories[0])
        } else {
            for (picture, rect) in zip(QuantityPicture.allCases, layout.histories) {
                drawing.drawHistory(picture, isChosen: pane.rawValue == picture.rawValue, into: &frame, in: rect)
            }
        }
    }
}
