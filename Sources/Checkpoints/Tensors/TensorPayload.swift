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

    package func asParameter(_ isParameter: Bool = true) -> TensorPayload {
        TensorPayload(
            type: type, shape: shape, strides: strides, offset: offset, storage: storage, isParameter: isParameter)
    }

    package var count: Int { StoredTensor.product(shape) ?? 0 }

    /// Gives the values' bytes in row-major order, little-endian. A view that isn't contiguous is put together in memory.
    func rows(
        _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        let view = StoredTensor(
            storage: StorageReference(key: "", type: type, elementCount: storage.byteCount / type.byteCount),
            type: type,
            offset: offset, shape: shape, strides: strides, isParameter: isParameter)
        guard view.count > 0 else { return }
        let bytes = view.span.lowerBound * type.byteCount..<view.span.upperBound * type.byteCount
        if view.isContiguous { return try storage.stream(bytes, body) }
        var span: [UInt8] = []
        span.reserveCapacity(bytes.count)
        try storage.stream(bytes) { piece throws(CheckpointError) in span += piece }
        try Self.gathered(span, view).withBytes(body)
    }

    private static func gathered(_ span: [UInt8], _ view: StoredTensor) -> [UInt8] {
        func gather<Element: BitwiseCopyable>(_ type: Element.Type) -> [UInt8] {
            let elements = [Element](copying: span)
            return FileContents.gather(elements, view).withUnsafeBytes { [UInt8]($0) }
        }
        switch view.type.byteCount {
        case 1: return gather(UInt8.self)
        case 2: return gather(UInt16.self)
        case 4: return gather(UInt32.self)
        case 8: return gather(UInt64.self)
        default: return gather(SIMD2<UInt64>.self)
        }
    }
}

/// The bytes of one or several tensors. Identity counts: tensors that share a storage object share it in the file too.
package final class StoragePayload: Equatable, Sendable {
    /// Gives a range of the bytes a piece at a time, in order.
    package typealias Stream =
        @Sendable (_ bytes: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void)
        throws(CheckpointError) -> Void

    package let byteCount: Int
    package let stream: Stream

    package init(byteCount: Int, stream: @escaping Stream) {
        self.byteCount = byteCount
        self.stream = stream
    }

    /// The values as they lie in memory, little-endian as on every platform this is built for.
    package convenience init<Element: BitwiseCopyable & Sendable>(_ values: [Element]) {
        self.init(byteCount: values.count * MemoryLayout<Element>.stride) { range, body throws(CheckpointError) in
            try values.withBytes { bytes throws(CheckpointError) in
                try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
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

    /// The bytes of whole elements, as elements.
    fileprivate init(copying bytes: [UInt8]) {
        self.init(readingCount: bytes.count / MemoryLayout<Element>.stride) { buffer in
            buffer.copyBytes(from: bytes.prefix(buffer.count))
        }
    }
}
