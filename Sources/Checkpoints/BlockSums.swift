/// One pass over a block of numbers.
struct BlockSums {
    var sum = 0.0
    var minimum = Double.infinity
    var maximum = -Double.infinity
    /// Whether all numbers are finite.
    var isFinite = true
}

/// What a block is made of: numbers that are added up as doubles, whatever they are.
protocol BlockNumber: BinaryFloatingPoint {
    static func sums(_ block: UnsafeBufferPointer<Self>) -> BlockSums
    /// The sum of squared deviations from `mean`.
    static func squares(_ block: UnsafeBufferPointer<Self>, around mean: Double) -> Double
}

extension BlockNumber {
    /// Adds to `sums` what is left over by a loop over whole vectors from `start` on; `zeros` is the sum of all numbers times
    /// zero, which is zero only where all are finite.
    fileprivate static func finish(
        _ sums: inout BlockSums, _ block: UnsafeBufferPointer<Self>, from start: Int, zeros: Double
    ) {
        var zeros = zeros
        for number in block[start...] {
            let number = Double(number)
            sums.sum += number
            zeros += number * 0
            sums.minimum = min(sums.minimum, number)
            sums.maximum = max(sums.maximum, number)
        }
        sums.isFinite = zeros == 0
    }

    fileprivate static func squares(
        _ block: UnsafeBufferPointer<Self>, from start: Int, around mean: Double, _ sum: Double
    ) -> Double {
        block[start...].reduce(sum) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    }
}

/// Eight numbers at a time.
extension Double: BlockNumber {
    static func sums(_ block: UnsafeBufferPointer<Double>) -> BlockSums {
        var sum = SIMD8<Double>.zero
        var zeros = SIMD8<Double>.zero
        var low = SIMD8(repeating: Double.infinity)
        var high = SIMD8(repeating: -Double.infinity)
        let whole = block.count / 8 * 8
        let base = UnsafeRawPointer(block.baseAddress!)
        for start in stride(from: 0, to: whole, by: 8) {
            let numbers = base.loadUnaligned(fromByteOffset: start * 8, as: SIMD8<Double>.self)
            sum += numbers
            zeros += numbers * 0
            low.replace(with: numbers, where: numbers .< low)
            high.replace(with: numbers, where: numbers .> high)
        }
        var sums = BlockSums(sum: sum.sum(), minimum: low.min(), maximum: high.max())
        finish(&sums, block, from: whole, zeros: zeros.sum())
        return sums
    }

    static func squares(_ block: UnsafeBufferPointer<Double>, around mean: Double) -> Double {
        var squares = SIMD8<Double>.zero
        let whole = block.count / 8 * 8
        let base = UnsafeRawPointer(block.baseAddress!)
        for start in stride(from: 0, to: whole, by: 8) {
            let deviation = base.loadUnaligned(fromByteOffset: start * 8, as: SIMD8<Double>.self) - mean
            squares += deviation * deviation
        }
        return Self.squares(block, from: whole, around: mean, squares.sum())
    }
}

/// Sixteen numbers at a time, the sums in two halves of eight doubles.
extension Float: BlockNumber {
    static func sums(_ block: UnsafeBufferPointer<Float>) -> BlockSums {
        var sum = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        var zeros = SIMD16<Float>.zero
        var low = SIMD16(repeating: Float.infinity)
        var high = SIMD16(repeating: -Float.infinity)
        let whole = block.count / 16 * 16
        let base = UnsafeRawPointer(block.baseAddress!)
        for start in stride(from: 0, to: whole, by: 16) {
            let numbers = base.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self)
            sum.0 += SIMD8<Double>(numbers.lowHalf)
            sum.1 += SIMD8<Double>(numbers.highHalf)
            zeros += numbers * 0
            low.replace(with: numbers, where: numbers .< low)
            high.replace(with: numbers, where: numbers .> high)
        }
        var sums = BlockSums(sum: (sum.0 + sum.1).sum(), minimum: Double(low.min()), maximum: Double(high.max()))
        finish(&sums, block, from: whole, zeros: Double(zeros.sum()))
        return sums
    }

    static func squares(_ block: UnsafeBufferPointer<Float>, around mean: Double) -> Double {
        var squares = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        let whole = block.count / 16 * 16
        let base = UnsafeRawPointer(block.baseAddress!)
        for start in stride(from: 0, to: whole, by: 16) {
            let numbers = base.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self)
            let deviations = (SIMD8<Double>(numbers.lowHalf) - mean, SIMD8<Double>(numbers.highHalf) - mean)
            squares.0 += deviations.0 * deviations.0
            squares.1 += deviations.1 * deviations.1
        }
        return Self.squares(block, from: whole, around: mean, (squares.0 + squares.1).sum())
    }
}
