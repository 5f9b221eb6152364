import Charts
import Runs

/// The gap between training and validation accuracy, where validation is clearly worse.
struct EvaluationGap {
    private let training: Double
    private let validation: Double
    private static let limit = 0.1
    private static let recent = 50

    /// Nil unless validation is clearly worse than training.
    init?(_ run: RunSnapshot) {
        guard let train = run.scalars(of: .trainAccuracy), let validations = run.scalars(of: .validationAccuracy),
            let last = validations.last
        else { return nil }
        let newest = train.suffix(Self.recent).map { Double($0.value) }.filter(\.isFinite)
        guard !newest.isEmpty else { return nil }
        training = newest.reduce(0, +) / Double(newest.count) * train.fractionScale
        validation = Double(last.value) * validations.fractionScale
        guard training - validation >= Self.limit else { return nil }
    }

    var words: String {
        let percent = [training, validation].map { NumberFormat.fixed($0 * 100, decimals: 1) + "%" }
        return "accuracy \(percent[0]) in training, \(percent[1]) in validation: overfitting, or running statistics "
            + "that don't fit; a checkpoint evaluated in both modes tells them apart (5, then e)"
    }
}
