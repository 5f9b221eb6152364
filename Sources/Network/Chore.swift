/// What weights are rearranged for.
enum Packing { case forward, folded, backward }

/// A small piece of work on one operation's weights, done between two phases or while threads wait at the end of one.
struct Chore {
    let packing: Packing
    let operation: Operation
    let piece: Int

    static func all(_ packing: Packing, _ operations: some Sequence<Operation>) -> [Chore] {
        operations.flatMap { operation in
            let pieces =
                switch packing {
                case .forward: operation.packingPieces
                case .folded: operation.foldingPieces
                case .backward: operation.backwardPackingPieces
                }
            return (0..<pieces).map { Chore(packing: packing, operation: operation, piece: $0) }
        }
    }

    func run() {
        switch packing {
        case .forward: operation.pack(piece: piece)
        case .folded: operation.fold(piece: piece)
        case .backward: operation.packBackward(piece: piece)
        }
    }
}
