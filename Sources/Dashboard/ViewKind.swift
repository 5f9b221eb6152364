/// The views, in the order of their digits.
package enum ViewKind: Int, CaseIterable, Sendable {
    case overview = 1
    case curves = 2
    case batchNorm = 3
    case histograms = 4
    case checkpoints = 5
    case runs = 6
    case log = 7

    package var title: String {
        switch self {
        case .overview: "Overview"
        case .curves: "Curves"
        case .batchNorm: "BatchNorm"
        case .histograms: "Histograms"
        case .checkpoints: "Checkpoints"
        case .runs: "Runs"
        case .log: "Log"
        }
    }

    var digit: Character { Character(String(rawValue)) }

    var next: ViewKind { neighbour(1) }
    var previous: ViewKind { neighbour(-1) }

    private func neighbour(_ distance: Int) -> ViewKind {
        let all = Self.allCases
        let place = all.firstIndex(of: self)! + distance
        return all[(place + all.count) % all.count]
    }
}
