/// An action of the key table: something that a key does.
package enum KeyAction: Hashable, Sendable {
    case show(ViewKind)
    case nextView, previousView, nextPane, previousPane
    case moveUp, moveDown, moveLeft, moveRight, moveToStart, moveToEnd, pageUp, pageDown
    case open, back
    case pauseOrResume, checkpoint, evaluate, setLearningRate, slower, faster
    case previousLayer, nextLayer
    case previousTag, nextTag, previousGroup, nextGroup, previousTen, nextTen
    case panLeft, panRight, zoomIn, zoomOut
    case filter
    case toggleHeatMap, previousMatch, nextMatch
    case resumeFrom, evaluateSaved, convert, deleteCheckpoint
    case mark, markAll, unmarkAll, sort, compare, newRun, stopRun, renameRun, deleteRun
    case smoothMore, smoothLess, smoothNot
    case toggleLogarithmic, nextHorizontalAxis, toggleFollow
    case nextTheme, reload, writePicture, writeValues
    case commandLine, help, redraw, suspend, quit
}
