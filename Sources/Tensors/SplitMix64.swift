/// A small generator of random numbers with a state of 64 bits, for initial weights, shuffling, and choices about single images.
///
/// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014). The numbers that follow from a seed
/// are part of what a run is: they stay what they are, so that a resumed run goes on exactly. It is not for secrets.
package struct SplitMix64: Equatable, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// A generator for one use of a run's seed: other `words` give another, unrelated stream.
    package init(seed: UInt64, _ words: UInt64...) {
        state = words.reduce(Self.mixed(seed)) { Self.mixed($0 ^ Self.mixed($1 &+ Self.increment)) }
    }

    /// A generator for number `sequence` of the things that draw from one seed. Each parameter has one of its own, so that adding a
    /// layer leaves the weights of those before it alone.
    package init(seed: UInt64, sequence: Int) {
        self.init(seed: seed)
        state = next() ^ (UInt64(sequence) &* Self.increment)
    }

    package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mixed(state)
    }

    /// A number in `0..<bound`, each as likely as the others (Lemire's method, with rejection).
    package mutating func next(below bound: UInt32) -> UInt32 {
        precondition(bound > 0, "no number is below zero")
        while true {
            let product = (next() >> 32) * UInt64(bound)
            if UInt32(truncatingIfNeeded: product) >= (0 &- bound) % bound { return UInt32(product >> 32) }
        }
    }

    /// Evenly distributed in [−bound, bound), from 24 random bits.
    package mutating func uniform(bound: Float) -> Float {
        let unit = Float(next() >> 40) * 0x1p-24
        return (2 * unit - 1) * bound
    }

    private static let increment: UInt64 = 0x9e37_79b9_7f4a_7c15

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
