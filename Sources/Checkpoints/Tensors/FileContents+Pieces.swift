/// Some numbers of a tensor, where they lie: 32-bit floats, of which networks are made, as they are, all others as doubles.
enum NumberPiece {
    case floats(UnsafeBufferPointer<Float>)
    case doubles(UnsafeBufferPointer<Double>)
}

/// Going through a tensor's values without holding them.
extension FileContents {
    /// Gives the values a piece at a time; a complex number gives two. A dimension that only repeats (stride 0) is gone
    /// through once, and the order is that of the storage where that is the quicker one.
    func pieces(
        of entry: TensorEntry, _ body: (NumberPiece) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        let distinct = TensorEntry(name: entry.name, stored: entry.stored.withoutRepeats)
        guard distinct.count > 0 else { return }
        guard distinct.stored.fillsItsSpan else {
            return try doubles(of: distinct).withDoubles { buffer throws(CheckpointError) in
                try body(.doubles(buffer))
            }
        }
        let location = try location(distinct.stored.storage)
        let size = entry.type.byteCount
        let bytes = distinct.stored.span.lowerBound * size..<distinct.stored.span.upperBound * size
        try stream(location, distinct.stored.storage, bytes, entry.type) { raw throws(CheckpointError) in
            try decode(raw, entry.type, body)
        }
    }

    private func decode(
        _ raw: UnsafeRawBufferPointer, _ type: ElementType, _ body: (NumberPiece) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        let count = raw.count / type.componentByteCount
        switch type {
        case .float32, .complex64:
            try body(
                .floats(UnsafeBufferPointer(start: raw.baseAddress?.assumingMemoryBound(to: Float.self), count: count)))
        case .float64, .complex128:
            try body(
                .doubles(
                    UnsafeBufferPointer(start: raw.baseAddress?.assumingMemoryBound(to: Double.self), count: count)))
        default:
            try withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { buffer throws(CheckpointError) in
                type.decode(raw, into: buffer.baseAddress, count)
                try body(.doubles(UnsafeBufferPointer(buffer)))
            }
        }
    }

    /// Gives a range of a storage's bytes in pieces of whole elements, in this machine's byte order.
    func stream(
        _ location: Location, _ storage: StorageReference, _ bytes: Range<Int>, _ type: ElementType,
        _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        let inOrder = { (piece: UnsafeMutableRawBufferPointer) throws(CheckpointError) in
            if isBigEndian { Self.swapBytes(piece, width: type.componentByteCount) }
            try body(UnsafeRawBufferPointer(piece))
        }
        guard location.inflatedByteCount == nil else {
            return try streamInflated(location, storage, bytes, elementSize: type.byteCount, inOrder)
        }
        let start = location.range.lowerBound
        let range = start + bytes.lowerBound..<start + bytes.upperBound
        let pieceSize = Self.pieceSize(type.byteCount)
        if !isBigEndian,
            try source.mappedPieces(of: range, pieceSize: pieceSize, alignment: type.componentByteCount, body)
        {
            return
        }
        try source.pieces(of: range, pieceSize: pieceSize, inOrder)
    }

    /// 256 KB, rounded to whole elements: in the second cache, with room for what is made of it.
    static func pieceSize(_ elementSize: Int) -> Int { (1 << 18) / elementSize * elementSize }

    /// Inflated data comes in pieces of its own size; a buffer collects whole elements of it.
    private func streamInflated(
        _ location: Location, _ storage: StorageReference, _ bytes: Range<Int>, elementSize: Int,
        _ body: (UnsafeMutableRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize(elementSize), alignment: 64)
        defer { buffer.deallocate() }
        var position = 0
        var filled = 0
        try stream(location, storage) { piece throws(CheckpointError) in
            let wanted = bytes.clamped(to: position..<position + piece.count)
            var part = UnsafeRawBufferPointer(
                rebasing: piece[(wanted.lowerBound - position)..<(wanted.upperBound - position)])
            position += piece.count
            while !part.isEmpty {
                let count = min(part.count, buffer.count - filled)
                UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: part[..<count]))
                filled += count
                part = UnsafeRawBufferPointer(rebasing: part[count...])
                guard filled == buffer.count else { continue }
                try body(buffer)
                filled = 0
            }
        }
        if filled > 0 { try body(UnsafeMutableRawBufferPointer(rebasing: buffer[..<filled])) }
    }
}

extension StoredTensor {
    /// The same values, each repeated one once.
    fileprivate var withoutRepeats: StoredTensor {
        StoredTensor(
            storage: storage, type: type, offset: offset,
            shape: zip(shape, strides).map { $0 > 0 && $1 == 0 ? 1 : $0 }, strides: strides, isParameter: isParameter)
    }

    /// Whether the elements are, in some order, exactly those of the span: true of anything contiguous, transposed or
    /// permuted.
    fileprivate var fillsItsSpan: Bool {
        var next = 1
        for (size, stride) in zip(shape, strides).filter({ $0.0 > 1 }).sorted(by: { $0.1 < $1.1 }) {
            guard stride == next else { return false }
            next = next &* size
        }
        return true
    }
}

extension [Double] {
    fileprivate func withDoubles(
        _ body: (UnsafeBufferPointer<Double>) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try withUnsafeBufferPointer { buffer throws(CheckpointError) in
            try body(buffer)
        }
    }
}
