import Foundation
import Network
import Tensors
import Testing

/// Inputs, labels and initial weights that the fixture's script computes too (`make_example.py`).
enum Formula {
    static func hashed(_ index: Int, salt: Int) -> UInt32 {
        var h = UInt32(truncatingIfNeeded: index) &* 2_654_435_761 &+ UInt32(truncatingIfNeeded: salt) &* 40503
        h ^= h >> 15
        h = h &* 2_246_822_519
        h ^= h >> 13
        return h
    }

    /// Evenly distributed in [−scale, scale).
    static func values(_ count: Int, salt: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { (Float(hashed($0, salt: salt) >> 8) * 0x1p-23 - 1) * scale }
    }

    static func fill(_ batch: Batch, count: Int, imageSalt: Int, labelSalt: Int, classes: Int = 10) {
        batch.count = count
        let size = batch.layout.imageSize
        for (index, value) in values(count * size, salt: imageSalt).enumerated() {
            batch[index / size, index % size] = value
        }
        for image in 0..<count {
            batch.labels[image] = Int32(hashed(image, salt: labelSalt) % UInt32(classes))
        }
    }
}

/// Tensors that real PyTorch computed.
struct Fixture {
    private let values: [String: [Float]]

    init(_ name: String) throws {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        let index = try String(contentsOf: folder.appendingPathComponent(name + ".index"), encoding: .utf8)
        let data = try Data(contentsOf: folder.appendingPathComponent(name + ".floats"))
        let floats = data.withUnsafeBytes { bytes in
            (0..<(bytes.count / 4)).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        }
        var values: [String: [Float]] = [:]
        for line in index.split(separator: "\n") {
            let parts = line.split(separator: " ")
            let count = try #require(Int(parts[1])), offset = try #require(Int(parts[2]))
            values[String(parts[0])] = Array(floats[offset..<(offset + count)])
        }
        self.values = values
    }

    func callAsFunction(_ name: String) throws -> [Float] {
        try #require(values[name], "\(name) is not in the fixture")
    }
    var names: [String] { values.keys.sorted() }
}

/// ‖a − b‖ / ‖b‖ over a whole tensor, in Double.
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    return distance(a, b) / max(norm(b), 1e-30)
}

func distance(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }.squareRoot()
}

func norm(_ a: [Float]) -> Double { a.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }

/// The norm, then 64 entries: what the fixtures of large tensors hold.
func sample(_ values: [Float]) -> [Float] {
    [Float(norm(values))] + (0..<64).map { values[$0 * 7919 % values.count] }
}

extension Architecture {
    /// The network of the design: convolution, normalization, ReLU, linear.
    static func example(size: Int = 32, classes: Int = 10) throws -> Architecture {
        Architecture([
            Child(
                "layer1",
                .sequential([
                    .layer(try Layer(parsing: "Conv2d(3, 16, kernel_size=3, stride=1, padding=1)")),
                    .layer(try Layer(parsing: "BatchNorm2d(16)")), .layer(try Layer(parsing: "ReLU()")),
                ])),
            Child("flatten", try Layer(parsing: "Flatten()")),
            Child("fc", try Layer(parsing: "Linear(16*\(size)*\(size), \(classes))")),
        ])
    }
}

extension Network {
    static func example(size: Int = 32, batch: Int, threads: Int = 2) throws -> Network {
        try Network(
            .example(size: size), input: ImageShape(channels: 3, height: size, width: size), batchCapacity: batch,
            optimizer: OptimizerDefinition(parsing: "SGD(lr=0.05, momentum=0.9, weight_decay=5e-4)"), threads: threads,
            seed: 1)
    }

    func tensor(_ name: String) throws -> DenseTensor {
        try #require(stateDictionary().first { $0.name == name }?.tensor)
    }
}
