/// Reading histograms from a record.
extension Histogram {
    /// A HistogramProto: min, max, num, sum, sum_squares as doubles, limits and counts as packed doubles. Nil if it is
    /// malformed or has not as many limits as counts.
    init?(message: UnsafeRawBufferPointer) {
        var moments = [Double](repeating: 0, count: 6)
        var limits: [Double] = []
        var counts: [Double] = []
        var reader = WireReader(message)
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return nil }
            switch (key >> 3, key & 7) {
            case (1...5, 1):
                guard let value = reader.double() else { return nil }
                moments[Int(key >> 3)] = value
            case (6, _):
                guard Self.readDoubles(key, &reader, &limits) else { return nil }
            case (7, _):
                guard Self.readDoubles(key, &reader, &counts) else { return nil }
            default:
                guard reader.skip(key) else { return nil }
            }
        }
        guard limits.count == counts.count else { return nil }
        self.init(
            min: moments[1], max: moments[2], count: moments[3], sum: moments[4], sumOfSquares: moments[5],
            limits: limits, counts: counts)
    }

    private static func readDoubles(_ key: UInt64, _ reader: inout WireReader, _ values: inout [Double]) -> Bool {
        switch key & 7 {
        case 1:
            guard let value = reader.double() else { return false }
            values.append(value)
            return true
        case 2:
            guard let packed = reader.bytes(), packed.count % 8 == 0 else { return false }
            values.reserveCapacity(values.count + packed.count / 8)
            for offset in stride(from: 0, to: packed.count, by: 8) {
                let bits = packed.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                values.append(Double(bitPattern: UInt64(littleEndian: bits)))
            }
            return true
        default:
            return reader.skip(key)
        }
    }

    /// TensorFlow 2's form: a tensor of N×3, each row a bucket's left edge, right edge and count.
    init?(buckets tensor: TensorMessage) {
        guard tensor.shape.count == 2, tensor.shape[1] == 3, let cells = tensor.doubles() else { return nil }
        let rows = stride(from: 0, to: cells.count, by: 3)
        let counts = rows.map { cells[$0 + 2] }
        self.init(
            min: cells.first ?? 0, max: cells.isEmpty ? 0 : cells[cells.count - 2], count: counts.reduce(0, +),
            sum: .nan, sumOfSquares: .nan, limits: rows.map { cells[$0 + 1] }, counts: counts)
    }
}
