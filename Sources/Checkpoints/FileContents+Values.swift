import Tensors

/// Reading the values of a tensor.
extension FileContents {
    private static let memoryAllowance = 64 << 20
    private static let pieceSize = 1 << 20

    func dense(_ entry: TensorEntry) throws(CheckpointError) -> DenseTensor {
        let tensor = entry.stored
        try checkSize(entry)
        switch tensor.type {
        case .float32: return DenseTensor(shape: tensor.shape, try elements(of: entry) as [Float])
        case .int64:
            return DenseTensor(shape: tensor.shape, elements: .int64(try elements(of: entry) as [Int64]))
        default:
            throw .unsupported(
                path: source.path, what: "tensor '\(entry.name)' holds \(tensor.type.rawValue)",
                advice: "only float32 and int64 can be read here")
        }
    }

    /// Throws if the values would take more memory than a file of this size should ask for.
    private func checkSize(_ entry: TensorEntry) throws(CheckpointError) {
        let limit = source.byteCount + Self.memoryAllowance
        guard entry.count <= limit / entry.type.byteCount else {
            throw .unsupported(
                path: source.path, what: "tensor '\(entry.name)' expands to \(entry.count) elements",
                advice: "it repeats or inflates its few bytes; load it in PyTorch")
        }
    }

    /// The elements in row-major order, as numbers of their own width.
    ///
    /// - Precondition: `Element` is as wide as the tensor's type.
    func elements<Element: BitwiseCopyable>(of entry: TensorEntry) throws(CheckpointError) -> [Element] {
        let tensor = entry.stored
        precondition(MemoryLayout<Element>.stride == tensor.type.byteCount)
        guard tensor.count > 0 else { return [] }
        let span: [Element] = try stored(tensor)
        return tensor.isContiguous ? span : Self.gather(span, tensor)
    }

    /// The part of the storage from the tensor's first element to its last, in this machine's byte order.
    private func stored<Element: BitwiseCopyable>(_ tensor: StoredTensor) throws(CheckpointError) -> [Element] {
        let size = tensor.type.byteCount
        let location = try location(tensor.storage)
        let bytes = tensor.span.lowerBound * size..<tensor.span.upperBound * size
        return try [Element](readingCount: tensor.span.count) { buffer throws(CheckpointError) in
            try fill(buffer, with: bytes, of: location, storage: tensor.storage)
            if isBigEndian { Self.swapBytes(buffer, width: tensor.type.componentByteCount) }
        }
    }

    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer, with bytes: Range<Int>, of location: Location,
        storage: StorageReference
    ) throws(CheckpointError) {
        guard location.inflatedByteCount != nil else {
            return try source.read(at: location.range.lowerBound + bytes.lowerBound, into: buffer)
        }
        var position = 0
        try stream(location, storage) { piece throws(CheckpointError) in
            let wanted = bytes.clamped(to: position..<position + piece.count)
            if !wanted.isEmpty {
                let part = piece[wanted.lowerBound - position..<wanted.upperBound - position]
                UnsafeMutableRawBufferPointer(rebasing: buffer[(wanted.lowerBound - bytes.lowerBound)...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
            }
            position += piece.count
        }
    }

    /// Gives a storage's bytes a piece at a time, in the file's byte order.
    func stream(
        _ location: Location, _ storage: StorageReference,
        _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        if let byteCount = location.inflatedByteCount {
            return try Inflation.stream(
                source, location.range, byteCount: byteCount, place: "storage '\(storage.key)'", body)
        }
        var buffer = [UInt8](repeating: 0, count: min(Self.pieceSize, location.range.count))
        var position = location.range.lowerBound
        while position < location.range.upperBound {
            let count = min(buffer.count, location.range.upperBound - position)
            try source.read(&buffer, count, at: position)
            try buffer.withBytes { bytes throws(CheckpointError) in
                try body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            position += count
        }
    }

    private static func swapBytes(_ buffer: UnsafeMutableRawBufferPointer, width: Int) {
        guard width > 1 else { return }
        for start in stride(from: 0, to: buffer.count, by: width) { buffer[start..<start + width].reverse() }
    }

    /// Picks a view's elements out of the stretch of storage that it spans, in row-major order.
    private static func gather<Element: BitwiseCopyable>(_ span: [Element], _ tensor: StoredTensor) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(tensor.count)
        var index = [Int](repeating: 0, count: tensor.shape.count)
        var place = 0
        let innermost = tensor.shape.count - 1
        // Wrapping, as the stride of a dimension with one element may be any number.
        while true {
            for step in 0..<tensor.shape[innermost] { elements.append(span[place + step * tensor.strides[innermost]]) }
            var dimension = innermost - 1
            while dimension >= 0 {
                index[dimension] += 1
                place &+= tensor.strides[dimension]
                if index[dimension] < tensor.shape[dimension] { break }
                place &-= tensor.strides[dimension] &* tensor.shape[dimension]
                index[dimension] = 0
                dimension -= 1
            }
            if dimension < 0 { return elements }
        }
    }
}

extension FileSource {
    func read(_ buffer: inout [UInt8], _ count: Int, at offset: Int) throws(CheckpointError) {
        try buffer.withUnsafeMutableBufferPointer { buffer throws(CheckpointError) in
            try read(
                at: offset,
                into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
        }
    }
}
