import Glibc
import Tensors

/// CrossEntropyLoss with the mean over the batch: −log softmax(logits)[label], and its gradient by the logits.
///
/// With label smoothing ε the target is (1−ε)·onehot + ε/K, as in PyTorch.
final class CrossEntropy {
    private let memory: Activation
    let classes: Int
    private let smoothing: Float
    private let losses: AlignedBuffer<Double>
    let predictions: AlignedBuffer<Int32>

    /// - Parameter logits: the network's last activation.
    init(_ logits: Activation, _ request: PlanRequest) {
        memory = logits
        classes = request.graph.features[request.graph.last].shape.channels
        smoothing = Float(request.labelSmoothing)
        losses = AlignedBuffer(count: request.capacity)
        predictions = AlignedBuffer(count: request.capacity)
    }

    /// Loss and prediction of each image; the gradient too, if `batch` (over which the loss is averaged) isn't nil.
    func run(_ images: Range<Int>, labels: UnsafePointer<Int32>, batch: Int?) {
        for image in images {
            let logits = memory.value(image)
            var best = 0
            for index in 1..<max(classes, 1) where logits[index] > logits[best] { best = index }
            predictions[image] = Int32(best)
            let highest = logits[best]
            var sum: Float = 0, total: Float = 0
            for index in 0..<classes {
                sum += expf(logits[index] - highest)
                total += logits[index] - highest
            }
            let logarithm = logf(sum), label = Int(labels[image])
            let own = logarithm - (logits[label] - highest)
            let mean = logarithm - total / Float(classes)
            losses[image] = Double((1 - smoothing) * own + smoothing * mean)
            if let batch { writeGradient(image, label, highest, sum, 1 / Float(batch)) }
        }
    }

    private func writeGradient(_ image: Int, _ label: Int, _ highest: Float, _ sum: Float, _ weight: Float) {
        let logits = memory.value(image), gradient = memory.gradient(image)
        let spread = smoothing / Float(classes)
        for index in 0..<classes {
            let probability = expf(logits[index] - highest) / sum
            let target = spread + (index == label ? 1 - smoothing : 0)
            gradient[index] = (probability - target) * weight
        }
    }

    /// The sum of the losses of a batch's first `count` images.
    func lossSum(count: Int) -> Double {
        var sum = 0.0
        for image in 0..<count { sum += losses[image] }
        return sum
    }

    func correct(count: Int, labels: UnsafePointer<Int32>) -> Int {
        var correct = 0
        for image in 0..<count where predictions[image] == labels[image] { correct += 1 }
        return correct
    }

    func logits(_ image: Int) -> [Float] { (0..<classes).map { memory.values[image * memory.imageStride + $0] } }
}
