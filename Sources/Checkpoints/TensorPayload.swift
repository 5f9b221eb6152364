import Tensors

/// A tensor on its way into a file: a view (offset, shape, strides in elements) of a storage that may lie in memory or in
/// another file.
package struct TensorPayload: Equatable, Sendable {
    package let type: ElementType
    package let shape: [Int]
    package let strides: [Int]
    package let offset: Int
    package let storage: StoragePayload
    /// Whether it is a `torch.nn.Parameter`.
    package let isParameter: Bool

    /// - Precondition: the view lies inside the storage.
    package init(
        type: ElementType, shape: [Int], strides: [Int]? = nil, offset: Int = 0, storage: StoragePayload,
        isParameter: Bool = false
    ) {
        self.type = type
        self.shape = shape
        self.strides = strides ?? StoredTensor.contiguousStrides(shape)
        self.offset = offset
        self.storage = storage
        self.isParameter = isParameter
    }

    package init(_ tensor: DenseTensor, isParameter: Bool = false) {
        switch tensor.elements {
        case .float32(let values):
            self.init(
                type: .float32, shape: tensor.shape, storage: StoragePayload(values), isParameter: isParameter)
        case .int64(let values):
            self.init(type: .int64, shape: tensor.shape, storage: StoragePayload(values), isParameter: isParameter)
        }
    }

    package func asParameter() -> TensorPayload {
        TensorPayload(
            type: type, shape: shape, strides: strides, offset: offset, storage: storage, isParameter: true)
    }
}

/// The bytes of one or several tensors. Identity counts: tensors that share a storage object share it in the file too.
package final class StoragePayload: Equatable, Sendable {
    /// Gives the bytes a piece at a time, in order.
    package typealias Stream =
        @Sendable (_ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void) throws(CheckpointError) -> Void

    package let byteCount: Int
    package let stream: Stream

    package init(byteCount: Int, stream: @escaping Stream) {
        self.byteCount = byteCount
        self.stream = stream
    }

    /// The values as they lie in memory, little-endian as on every platform this is built for.
    package convenience init<Element: BitwiseCopyable & Sendable>(_ values: [Element]) {
        self.init(byteCount: values.count * MemoryLayout<Element>.stride) { body throws(CheckpointError) in
            try values.withBytes(body)
        }
    }

    package static func == (one: StoragePayload, other: StoragePayload) -> Bool { one === other }
}

extension Array where Element: BitwiseCopyable {
    /// As `withUnsafeBytes`, with a typed error.
    func withBytes<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        try withUnsafeBufferPointer { buffer throws(Failure) in
            try body(UnsafeRawBufferPointer(buffer))
        }
    }
}
