import CInstructionSet

/// How far ahead of the number at hand the memory is asked for: numbers of a mapped file come from memory, and the
/// processor's own reading ahead ends with each page of 4 KB.
private let bytesAhead = 2048

/// One pass over a block of numbers: how far they lie from a centre.
struct BlockDeviations {
    /// Of the deviations, and of their squares.
    private(set) var sum: Double
    private(set) var squares: Double
    /// Of the numbers themselves; a NaN is passed over.
    private(set) var minimum: Double
    private(set) var maximum: Double
    private let centre: Double

    fileprivate init(from centre: Double, sum: Double, squares: Double, minimum: Double, maximum: Double) {
        self.centre = centre
        self.sum = sum
        self.squares = squares
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Adds what a loop over whole vectors left over.
    fileprivate mutating func add(_ rest: Slice<UnsafeBufferPointer<some BinaryFloatingPoint>>) {
        for number in rest {
            let deviation = Double(number) - centre
            sum += deviation
            squares += deviation * deviation
            minimum = min(minimum, Double(number))
            maximum = max(maximum, Double(number))
        }
    }
}

/// What a block is made of: numbers that are added up as doubles, whatever they are.
protocol BlockNumber: BinaryFloatingPoint {
    static func deviations(_ block: UnsafeBufferPointer<Self>, from centre: Double) -> BlockDeviations
}

/// Eight numbers at a time.
extension Double: BlockNumber {
    static func deviations(_ block: UnsafeBufferPointer<Double>, from centre: Double) -> BlockDeviations {
        var sum = SIMD8<Double>.zero
        var squares = SIMD8<Double>.zero
        var low = SIMD8(repeating: Double.infinity)
        var high = SIMD8(repeating: -Double.infinity)
        let whole = block.count / 8 * 8
        let base = UnsafeRawPointer(block.baseAddress!)
        for start in stride(from: 0, to: whole, by: 8) {
            normscope_prefetch(base + start * 8 + bytesAhead)
            let numbers = base.loadUnaligned(fromByteOffset: start * 8, as: SIMD8<Double>.self)
            let deviation = numbers - centre
            sum += deviation
            squares += deviation * deviation
            low.replace(with: numbers, where: numbers .< low)
            high.replace(with: numbers, where: numbers .> high)
        }
        var deviations = BlockDeviations(
            from: centre, sum: sum.sum(), squares: squares.sum(), minimum: low.min(), maximum: high.max())
        deviations.add(block[whole...])
        return deviations
    }
}

/// Sixteen numbers at a time, the sums in two halves of eight doubles.
extension Float: BlockNumber {
    static func deviations(_ block: UnsafeBufferPointer<Float>, from centre: Double) -> BlockDeviations {
        var sum = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        var squares = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        var low = SIMD16(repeating: Float.infinity)
        var high = SIMD16(repeating: -Float.infinity)
        let whole = block.count / 16 * 16
        let base = UnsafeRawPointer(block.baseAddress!)
        for start in stride(from: 0, to: whole, by: 16) {
            normscope_prefetch(base + start * 4 + bytesAhead)
            let numbers = base.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self)
            let deviation = (SIMD8<Double>(numbers.lowHalf) - centre, SIMD8<Double>(numbers.highHalf) - centre)
            sum.0 += deviation.0
            sum.1 += deviation.1
            squares.0 += deviation.0 * deviation.0
            squares.1 += deviation.1 * deviation.1
            low.replace(with: numbers, where: numbers .< low)
            high.replace(with: numbers, where: numbers .> high)
        }
        var deviations = BlockDeviations(
            from: centre, sum: (sum.0 + sum.1).sum(), squares: (squares.0 + squares.1).sum(),
            minimum: Double(low.min()), maximum: Double(high.max()))
        deviations.add(block[whole...])
        return deviations
    }
}
