/// A dense array with a shape, as it crosses the borders between modules: in a state dictionary, in a test, in a metric.
///
/// Elements are row-major (the last dimension varies fastest), which is PyTorch's `contiguous_format`. A 0-d tensor has
/// the shape `[]` and one element. Invariant: the number of elements is the product of the shape.
///
/// It is not what kernels run on: those own aligned buffers in a layout of their own.
package struct DenseTensor: Equatable, Sendable {
    /// The two element types that a network's state is made of: parameters and statistics, and `num_batches_tracked`.
    package enum Elements: Equatable, Sendable {
        case float32([Float])
        case int64([Int64])

        package var count: Int {
            switch self {
            case .float32(let values): values.count
            case .int64(let values): values.count
            }
        }
    }

    package let shape: [Int]
    package let elements: Elements

    /// - Precondition: `elements` holds as many values as `shape` asks for.
    package init(shape: [Int], elements: Elements) {
        precondition(
            shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == elements.count,
            "\(elements.count) elements do not fill the shape \(shape)")
        self.shape = shape
        self.elements = elements
    }

    package init(shape: [Int], _ values: [Float]) {
        self.init(shape: shape, elements: .float32(values))
    }

    /// A 0-d integer, as PyTorch keeps `num_batches_tracked`.
    package init(scalar: Int64) {
        self.init(shape: [], elements: .int64([scalar]))
    }

    package var count: Int { elements.count }

    /// The elements as 32-bit floats; integers are converted.
    package var floats: [Float] {
        switch elements {
        case .float32(let values): values
        case .int64(let values): values.map(Float.init)
        }
    }
}

/// A tensor and the name a state dictionary gives it, such as `layer1.1.running_mean`.
package struct NamedTensor: Equatable, Sendable {
    package let name: String
    package let tensor: DenseTensor

    package init(_ name: String, _ tensor: DenseTensor) {
        self.name = name
        self.tensor = tensor
    }
}
