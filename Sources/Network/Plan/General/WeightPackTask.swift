/// A task that packs a small part of one operation's weights, done between two stages or while threads wait at the end of one.
struct WeightPackTask {
    /// The pass that reads the rearranged weights.
    enum Purpose { case forward, folded, backward }

    private let purpose: Purpose
    private let operation: any WeightPackingOperation
    private let piece: Int

    /// All tasks of those operations among `operations` that rearrange weights.
    static func all(_ purpose: Purpose, _ operations: [any Operation]) -> [WeightPackTask] {
        operations.compactMap { $0 as? any WeightPackingOperation }.flatMap { operation in
            let pieces =
                switch purpose {
                case .forward: operation.packingPieces
                case .folded: operation.foldingPieces
                case .backward: operation.backwardPackingPieces
                }
            return (0..<pieces).map { WeightPackTask(purpose: purpose, operation: operation, piece: $0) }
        }
    }

    func run() {
        switch purpose {
        case .forward: operation.pack(piece: piece)
        case .folded: operation.fold(piece: piece)
        case .backward: operation.packBackward(piece: piece)
        }
    }
}
