/// A kind of view; the raw value is its digit.
package enum ViewKind: Int, CaseIterable, Sendable {
    case overview = 1
    case curves = 2
    case batchNorm = 3
    case histograms = 4
    case checkpoints = 5
    case runs = 6
    case log = 7
    /// A page of the Overview and of BatchNorm, without a tab of its own.
    case images = 0

    /// The views that have a tab.
    package static let tabs = allCases.filter { $0 != .images }

    package var title: String {
        switch self {
        case .overview: "Overview"
        case .curves: "Curves"
        case .batchNorm: "BatchNorm"
        case .histograms: "Histograms"
        case .checkpoints: "Checkpoints"
        case .runs: "Runs"
        case .log: "Log"
        case .images: "Images"
        }
    }

    /// The view's name in the command line and in files.
    package var word: String { title.lowercased() }

    /// The key that shows it.
    var digit: Character { self == .images ? "i" : Character(String(rawValue)) }

    var next: ViewKind { neighbour(1) }
    var previous: ViewKind { neighbour(-1) }

    private func neighbour(_ distance: Int) -> ViewKind {
        let all = Self.tabs
        let place = (all.firstIndex(of: self) ?? 0) + distance
        return all[(place + all.count) % all.count]
    }
}
