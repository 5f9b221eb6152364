import EventLog

/// What the dashboard looks for among a log's scalars. Every training program has names of its own for these:
/// `train/loss`, `Loss/train`, `train_loss_step`, `epoch_val_accuracy`, `eval/acc`.
enum ScalarRole: CaseIterable {
    case trainLoss, validationLoss, trainAccuracy, validationAccuracy

    private var quantities: Set<String> {
        switch self {
        case .trainLoss, .validationLoss: ["loss", "nll", "損失"]
        case .trainAccuracy, .validationAccuracy: ["accuracy", "acc", "acc1", "top1"]
        }
    }

    private static let validations: Set<String> = [
        "val", "valid", "validation", "test", "testing", "eval", "evaluation", "dev",
    ]

    private var isOfValidation: Bool { self == .validationLoss || self == .validationAccuracy }

    /// The name that our engine gives it.
    private var usual: String {
        switch self {
        case .trainLoss: Tag.trainLoss
        case .validationLoss: Tag.validationLoss
        case .trainAccuracy: Tag.trainAccuracy
        case .validationAccuracy: Tag.validationAccuracy
        }
    }

    /// The tag that plays the role in a log: the usual one, or else the one that says it in the fewest words.
    func tag(in log: LogSnapshot) -> String? {
        if log.scalars[usual] != nil { return usual }
        var best: (tag: String, words: Int)?
        for tag in log.scalars.tags {
            let words = Self.words(of: tag)
            guard !quantities.isDisjoint(with: words),
                isOfValidation != Self.validations.isDisjoint(with: words), words.count < best?.words ?? .max
            else { continue }
            best = (tag, words.count)
        }
        return best?.tag
    }

    /// `Loss/train_step` is loss, train, step.
    private static func words(of tag: String) -> [String] {
        tag.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}

extension LogSnapshot {
    func scalars(of role: ScalarRole) -> ScalarSeries? { role.tag(in: self).flatMap { scalars[$0] } }
}
