import EventLog

/// The role of a scalar that a screen looks for in a log. Every training program has names of its own for these:
/// `Loss/train`, `train_loss_step`, `epoch_val_accuracy`, `eval/acc`.
package enum ScalarRole: CaseIterable, Sendable {
    case trainLoss, validationLoss, trainAccuracy, validationAccuracy

    /// The tag that our engine gives it.
    private var tag: String {
        switch self {
        case .trainLoss: Tag.trainLoss
        case .validationLoss: Tag.validationLoss
        case .trainAccuracy: Tag.trainAccuracy
        case .validationAccuracy: Tag.validationAccuracy
        }
    }

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

    private typealias Words = (tag: String, words: [String])

    private func tag(among all: [Words]) -> String? {
        all.filter { _, words in
            !quantities.isDisjoint(with: words) && isOfValidation != Self.validations.isDisjoint(with: words)
        }.min { $0.words.count < $1.words.count }?.tag
    }

    /// `Loss/train_step` is loss, train, step.
    private static func words(in log: LogSnapshot) -> [Words] {
        log.scalars.tags.map { tag in
            (tag, tag.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
        }
    }

    /// The tags of all roles that something plays in a log: our engine's, or else the one that says it in the fewest
    /// words.
    package static func tags(in log: LogSnapshot) -> [ScalarRole: String] {
        var tags: [ScalarRole: String] = [:]
        for role in allCases where log.scalars[role.tag] != nil { tags[role] = role.tag }
        guard tags.count < allCases.count else { return tags }
        let words = words(in: log)
        for role in allCases where tags[role] == nil { tags[role] = role.tag(among: words) }
        return tags
    }
}

extension ScalarSeries {
    /// What an accuracy is multiplied by to be a fraction: some programs log percents.
    package var fractionScale: Double {
        extent(0..<count).range.map { $0.upperBound > 1 ? 0.01 : 1 } ?? 1
    }
}
