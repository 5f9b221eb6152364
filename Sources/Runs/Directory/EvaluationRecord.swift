import FoundationEssentials

/// The record of an evaluation, kept in a run directory as `evaluation.json`: how classes were taken for each other,
/// some of the images with what the network said of them, and what the first convolution looks for.
///
/// Invariant: there are as many rows and columns of counts as classes, every label is one of them, every image has
/// channels·height·width bytes, and the filters have as many values as their shape says.
package struct EvaluationRecord: Equatable, Sendable {
    /// An image and what the network said of it.
    package struct Sample: Equatable, Sendable {
        /// Its place in the validation images.
        package let index: Int
        package let label: Int
        package let answer: Int
        /// The softmax of the answer.
        package let probability: Double
        /// C×H×W bytes.
        package let pixels: [UInt8]

        package init(index: Int, label: Int, answer: Int, probability: Double, pixels: [UInt8]) {
            self.index = index
            self.label = label
            self.answer = answer
            self.probability = probability
            self.pixels = pixels
        }

        package var isRight: Bool { label == answer }
    }

    /// A convolution's weight: O×I×H×W, row-major.
    package struct Filters: Equatable, Sendable {
        package let name: String
        package let shape: [Int]
        package let values: [Float]

        package init(name: String, shape: [Int], values: [Float]) {
            self.name = name
            self.shape = shape
            self.values = values
        }
    }

    package let step: Int
    package let classes: [String]
    /// [true class][answer].
    package let confusion: [[Int]]
    package let channels: Int
    package let height: Int
    package let width: Int
    /// The wrong ones first, the surest of them at the head.
    package let samples: [Sample]
    /// Nil if the network has no convolution with two spatial dimensions.
    package let filters: Filters?

    package init(
        step: Int, classes: [String], confusion: [[Int]], channels: Int, height: Int, width: Int, samples: [Sample],
        filters: Filters?
    ) {
        self.step = step
        self.classes = classes
        self.confusion = confusion
        self.channels = channels
        self.height = height
        self.width = width
        self.samples = samples
        self.filters = filters
    }

    package var count: Int { confusion.joined().reduce(0, +) }
    package var wrong: Int { count - confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }

    /// The first contradiction in the record; nil if there is none.
    var problem: String? {
        let sides = [channels, height, width]
        guard sides.allSatisfy({ (1...Self.largestSide).contains($0) }) else { return "images of \(sides)" }
        guard classes.count <= Self.mostClasses, confusion.count == classes.count,
            confusion.allSatisfy({ $0.count == classes.count && $0.allSatisfy((0...Self.mostImages).contains) })
        else { return "counts that don't fit \(classes.count) classes" }
        for sample in samples {
            guard classes.indices.contains(sample.label), classes.indices.contains(sample.answer) else {
                return "an image of a class that isn't there"
            }
            guard sample.pixels.count == channels * height * width else { return "an image of another size" }
        }
        guard let filters else { return nil }
        guard filters.shape.count == 4, filters.shape.allSatisfy({ (1...Self.largestSide).contains($0) }),
            filters.shape.reduce(1, *) == filters.values.count
        else { return "filters that don't fill their shape" }
        return nil
    }

    private static let largestSide = 4096
    private static let mostClasses = 10_000
    private static let mostImages = 1 << 40
}
