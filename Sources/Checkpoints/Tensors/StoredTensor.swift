/// A tensor as a file describes it: a view (offset, shape, strides, all in elements) of a storage.
///
/// Invariant: the shape is not negative, its product fits an Int, and every element lies inside the storage.
struct StoredTensor: Sendable {
    let storage: StorageReference
    let type: ElementType
    let offset: Int
    let shape: [Int]
    let strides: [Int]
    let isParameter: Bool

    /// The number of dimensions PyTorch itself allows.
    private static let dimensionLimit = 64

    /// Nil, with the reason, if the invariant would not hold.
    static func checked(
        _ storage: StorageReference, type: ElementType, offset: Int, shape: [Int], strides: [Int]
    ) -> Result<StoredTensor, Flaw> {
        guard shape.count == strides.count, shape.count <= dimensionLimit else {
            return .failure(Flaw("\(shape.count) sizes and \(strides.count) strides"))
        }
        guard shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }), offset >= 0 else {
            return .failure(Flaw("a negative size, stride or offset"))
        }
        guard let count = product(shape), let end = lastElement(offset, shape, strides) else {
            return .failure(Flaw("the shape \(shape) with strides \(strides) overflows"))
        }
        let available = storage.byteCount / type.byteCount
        guard count == 0 || end < available else {
            return .failure(Flaw("element \(end) is needed, storage '\(storage.key)' holds \(available)"))
        }
        return .success(
            StoredTensor(
                storage: storage, type: type, offset: offset, shape: shape, strides: strides, isParameter: false))
    }

    struct Flaw: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    func asParameter() -> StoredTensor {
        StoredTensor(
            storage: storage, type: type, offset: offset, shape: shape, strides: strides, isParameter: true)
    }

    var count: Int { Self.product(shape) ?? 0 }

    /// Whether the elements lie in the storage one after another in row-major order.
    var isContiguous: Bool { count <= 1 || strides == Self.contiguousStrides(shape, ignoring: strides) }

    /// Elements of the storage from the first to the last that the tensor uses.
    var span: Range<Int> {
        guard count > 0, let last = Self.lastElement(offset, shape, strides) else { return offset..<offset }
        return offset..<last + 1
    }

    static func contiguousStrides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for dimension in shape.indices.dropLast().reversed() {
            strides[dimension] = strides[dimension + 1] &* max(shape[dimension + 1], 1)
        }
        return strides
    }

    /// As `contiguousStrides`, with the given stride where a dimension has one element and any stride will do.
    private static func contiguousStrides(_ shape: [Int], ignoring given: [Int]) -> [Int] {
        zip(contiguousStrides(shape), zip(shape, given)).map { $1.0 == 1 ? $1.1 : $0 }
    }

    /// The product of a shape, or nil if it does not fit.
    static func product(_ shape: [Int]) -> Int? {
        if shape.contains(0) { return 0 }
        var product = 1
        for size in shape {
            let (value, overflow) = product.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            product = value
        }
        return product
    }

    private static func lastElement(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> Int? {
        if shape.contains(0) { return offset }
        var last = offset
        for (size, stride) in zip(shape, strides) {
            let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
            let (sum, carry) = last.addingReportingOverflow(step)
            guard !overflow, !carry else { return nil }
            last = sum
        }
        return last
    }
}
