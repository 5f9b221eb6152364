/// One thing done to a few images.
struct Action {
    enum Kind {
        case enter, measure, forward, forwardFolded, loss, lossGradient, measureGradient, sumGradient, backward
    }

    let kind: Kind
    /// The program holds it. To count references whenever it is called would move their count from core to core.
    private let held: Unmanaged<Operation>?

    private init(_ kind: Kind, _ operation: Operation? = nil) {
        self.kind = kind
        held = operation.map { .passUnretained($0) }
    }

    static var enter: Action { Action(.enter) }
    static var loss: Action { Action(.loss) }
    static var lossGradient: Action { Action(.lossGradient) }
    static func measure(_ operation: Operation) -> Action { Action(.measure, operation) }
    static func forward(_ operation: Operation) -> Action { Action(.forward, operation) }
    /// The operation and the normalization behind it at once.
    static func forwardFolded(_ operation: Operation) -> Action { Action(.forwardFolded, operation) }
    static func measureGradient(_ operation: Operation) -> Action { Action(.measureGradient, operation) }
    static func sumGradient(_ operation: Operation) -> Action { Action(.sumGradient, operation) }
    static func backward(_ operation: Operation) -> Action { Action(.backward, operation) }

    var operation: Operation? { held?.takeUnretainedValue() }

    @inline(__always)
    func with(_ body: (Operation) -> Void) { held?._withUnsafeGuaranteedRef(body) }

    /// Images that it likes to have at once; nil is the whole lane.
    var group: Int? { operation.map(\.group) ?? 1 }
    var readsPassing: Bool { operation?.input.isPassing ?? false }
}
