import Datasets
import Glibc
import Network
import Runs

/// A recorder of what a network says of each validation image; it keeps the most telling ones: the surest mistakes,
/// then some of the right answers that it was least sure of.
struct ValidationRecorder {
    private struct Prediction {
        let index: Int
        let label: Int
        let answer: Int
        let probability: Double
    }

    private static let (mostWrong, mostRight) = (36, 12)
    /// Weights of a first convolution that are worth a picture.
    private static let mostWeights = 1 << 16

    private var confusion: [[Int]]
    private var predictions: [Prediction] = []

    init(classes: Int) {
        confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    }

    /// What the network said of the last batch's images; `indices` are their places in the validation images.
    mutating func add(_ indices: ArraySlice<Int32>, of images: ImageDataset, _ network: Network) {
        for (place, index) in indices.enumerated() {
            let label = Int(images.labels[Int(index)])
            let answer = Int(network.prediction(place))
            guard confusion.indices.contains(label), confusion.indices.contains(answer) else { continue }
            confusion[label][answer] += 1
            predictions.append(
                Prediction(
                    index: Int(index), label: label, answer: answer,
                    probability: Self.probability(of: answer, in: network.logits(place))))
        }
    }

    /// Softmax of the largest logit; 0 where something is not finite.
    private static func probability(of answer: Int, in logits: [Float]) -> Double {
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - Double(logits[answer])) }
        return sum.isFinite && sum > 0 ? 1 / sum : 0
    }

    func record(of images: ImageDataset, _ network: Network, step: Int) -> EvaluationRecord {
        let wrong = predictions.filter { $0.label != $0.answer }.sorted { $0.probability > $1.probability }
        let right = predictions.filter { $0.label == $0.answer }.sorted { $0.probability < $1.probability }
        let kept = Array(wrong.prefix(Self.mostWrong)) + right.prefix(Self.mostRight)
        let size = images.storedDimensions
        return EvaluationRecord(
            step: step, classes: Self.names(images, count: confusion.count), confusion: confusion,
            channels: size.channels, height: size.height, width: size.width,
            samples: kept.map {
                .init(
                    index: $0.index, label: $0.label, answer: $0.answer, probability: $0.probability,
                    pixels: images.storedImage($0.index))
            }, filters: Self.filters(of: network))
    }

    /// A network may have more outputs than there are classes.
    private static func names(_ images: ImageDataset, count: Int) -> [String] {
        (0..<count).map { $0 < images.classNames.count ? images.classNames[$0] : "\($0)" }
    }

    private static func filters(of network: Network) -> EvaluationRecord.Filters? {
        network.stateDictionary().first { $0.tensor.shape.count == 4 && $0.tensor.count <= mostWeights }.map {
            .init(name: $0.name, shape: $0.tensor.shape, values: $0.tensor.floats)
        }
    }
}
