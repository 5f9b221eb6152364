import Glibc
import Tensors

/// Random numbers for initial weights: SplitMix64 (Steele, Lea, Flood 2014), a counter whose every value is scrambled. A
/// seed gives the same weights on every machine.
struct WeightGenerator {
    private var state: UInt64

    /// A sequence of its own for each parameter, so that adding a layer leaves the weights of those before it alone.
    init(seed: UInt64, sequence: Int) {
        state = seed
        state = next() ^ (UInt64(sequence) &* 0x9E37_79B9_7F4A_7C15)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Evenly distributed in [−bound, bound), from 24 random bits.
    mutating func uniform(bound: Float) -> Float {
        let unit = Float(next() >> 40) * 0x1p-24
        return (2 * unit - 1) * bound
    }
}

/// What a parameter starts from.
enum InitialValue {
    case constant(Float)
    /// PyTorch's default for weights, kaiming_uniform with a = √5, and for their biases: both are uniform within
    /// ±1/√fanIn.
    case uniform(fanIn: Int)

    func values(count: Int, seed: UInt64, sequence: Int) -> [Float] {
        switch self {
        case .constant(let value): return Array(repeating: value, count: count)
        case .uniform(let fanIn):
            var generator = WeightGenerator(seed: seed, sequence: sequence)
            let bound = Float(1 / Double(fanIn).squareRoot())
            return (0..<count).map { _ in generator.uniform(bound: bound) }
        }
    }
}
