import Tensors

/// The value that a parameter has before the first step.
enum InitialValue {
    case constant(Float)
    /// PyTorch's default for weights, kaiming_uniform with a = √5, and for their biases: both are uniform within
    /// ±1/√fanIn.
    case uniform(fanIn: Int)

    func values(count: Int, seed: UInt64, sequence: Int) -> [Float] {
        switch self {
        case .constant(let value): return Array(repeating: value, count: count)
        case .uniform(let fanIn):
            var generator = SplitMix64(seed: seed, sequence: sequence)
            let bound = Float(1 / Double(fanIn).squareRoot())
            return (0..<count).map { _ in generator.uniform(bound: bound) }
        }
    }
}
