import Tensors

/// Reading the values of a tensor.
extension FileContents {
    private static let memoryAllowance = 64 << 20

    func dense(_ entry: TensorEntry) throws(CheckpointError) -> DenseTensor {
        let type = entry.type
        try checkSize(entry)
        if type == .float32 { return DenseTensor(shape: entry.shape, try elements(of: entry) as [Float]) }
        if type == .int64 {
            return DenseTensor(shape: entry.shape, elements: .int64(try elements(of: entry) as [Int64]))
        }
        if type.isFloatingPoint { return DenseTensor(shape: entry.shape, try doubles(of: entry).map(Float.init)) }
        guard type.isInteger, let integers = try Self.exactIntegers(doubles(of: entry)) else {
            throw .unsupported(
                path: source.path, what: "tensor '\(entry.name)' holds \(type.rawValue)",
                advice: "convert it to float32 or int64 in PyTorch")
        }
        return DenseTensor(shape: entry.shape, elements: .int64(integers))
    }

    /// The values as 64-bit integers, or nil if they need more than the 53 bits that a double holds exactly.
    private static func exactIntegers(_ values: [Double]) -> [Int64]? {
        guard values.allSatisfy({ abs($0) < 0x1p53 }) else { return nil }
        return values.map { Int64($0) }
    }

    /// The values in row-major order; a complex number gives two, its real part first. Integers beyond 2⁵³ are rounded.
    func doubles(of entry: TensorEntry) throws(CheckpointError) -> [Double] {
        try checkSize(entry)
        switch entry.type.byteCount {
        case 1: return entry.type.doubles(try elements(of: entry) as [UInt8])
        case 2: return entry.type.doubles(try elements(of: entry) as [UInt16])
        case 4: return entry.type.doubles(try elements(of: entry) as [UInt32])
        case 8: return entry.type.doubles(try elements(of: entry) as [UInt64])
        default: return entry.type.doubles(try elements(of: entry) as [SIMD2<UInt64>])
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

    /// Gives all of a storage's bytes a piece at a time, in the file's byte order.
    func stream(
        _ location: Location, _ storage: StorageReference,
        _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        if let byteCount = location.inflatedByteCount {
            return try Inflation.stream(
                source, location.range, byteCount: byteCount, place: "storage '\(storage.key)'", body)
        }
        try source.pieces(of: location.range, pieceSize: Self.pieceSize(1)) { piece throws(CheckpointError) in
            try body(UnsafeRawBufferPointer(piece))
        }
    }

    static func swapBytes(_ buffer: UnsafeMutableRawBufferPointer, width: Int) {
        guard width > 1 else { return }
        for start in stride(from: 0, to: buffer.count, by: width) { buffer[start..<start + width].reverse() }
    }

    /// Picks a view's elements out of the stretch of storage that it spans, in row-major order.
    static func gather<Element: BitwiseCopyable>(_ span: [Element], _ tensor: StoredTensor) -> [Element] {
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
