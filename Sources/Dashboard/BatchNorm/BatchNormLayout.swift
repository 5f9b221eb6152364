import Canvas

/// The layout of the BatchNorm view: the list of layers, the findings, the chosen channel, and the four quantities as
/// pictures, two by two.
///
/// Where there is room below the four, the chosen quantity over time stands under them, or all four of them.
struct BatchNormLayout: Equatable {
    let layers: Rect
    let findings: Rect
    let reading: Rect
    /// In the order mean, variance, γ, β; where one is large, the others are empty.
    let pictures: [Rect]
    /// The charts over time under the pictures: none, one for the chosen quantity, or four.
    let histories: [Rect]

    /// The least rows at which there is room for one chart over time, and for four.
    private static let (someRows, manyRows) = (20, 34)

    init(_ rect: Rect, layers count: Int, pane: BatchNorm.Pane, isLarge: Bool) {
        let listed = isLarge && pane == .layers
        let findingRows = listed ? max(3, rect.rows / 3) : rect.rows < 28 ? 2 : rect.rows < 48 ? 3 : 4
        let cap = listed ? rect.rows - findingRows - 1 : max(3, rect.rows / 5)
        let (list, below) = rect.split(top: min(count, cap) + 1)
        let (facts, rest) = below.split(top: findingRows)
        let (line, room) = rest.split(top: 1)
        (layers, findings, reading) = (list, facts, line)
        if listed {
            (pictures, histories) = ([], [])
        } else if isLarge {
            let (now, past) = room.split(top: room.rows >= 14 ? (room.rows + 1) / 2 : room.rows)
            pictures = (1...4).map { $0 == pane.rawValue ? now : Rect(rows: 0, columns: 0) }
            histories = past.isEmpty ? [] : [past]
        } else if room.rows >= Self.manyRows {
            let (now, past) = room.split(top: (room.rows + 1) / 2)
            (pictures, histories) = (Self.quarters(now), Self.quarters(past))
        } else if room.rows >= Self.someRows {
            let (now, past) = room.split(top: room.rows * 2 / 3)
            (pictures, histories) = (Self.quarters(now), [past])
        } else {
            (pictures, histories) = (Self.quarters(room), [])
        }
    }

    private static func quarters(_ rect: Rect) -> [Rect] {
        let (top, bottom) = rect.split(top: (rect.rows + 1) / 2)
        return [top, bottom].flatMap { half in
            let parts = half.columns(2)
            return [parts[0], parts[1].split(left: 1).rest]
        }
    }

    func pane(row: Int, column: Int) -> BatchNorm.Pane? {
        if layers.contains(row: row, column: column) { return .layers }
        let isHit = { (rect: Rect) in rect.contains(row: row, column: column) }
        let index =
            pictures.firstIndex(where: isHit) ?? (histories.count == 4 ? histories.firstIndex(where: isHit) : nil)
        return index.flatMap { BatchNorm.Pane(rawValue: $0 + 1) }
    }
}
