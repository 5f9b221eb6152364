import Syntax

/// A setting that can change while a run is going: `lr=0.01`, `lr=*0.5`, `pace=50`, `pace=full`,
/// `momentum=0.05`, `momentum.layer1.1=None`.
package enum Setting: Hashable, Sendable {
    /// `lr=0.01`: the rate from the next step on; where the experiment has a schedule, that goes on from it in
    /// proportion.
    case learningRate(Double)
    /// `lr=*0.5`: the rate times a factor.
    case learningRateFactor(Double)
    /// `pace=50`, `pace=full`.
    case pace(Pace)
    /// `pace=*2`: no change at full speed.
    case paceFactor(Double)
    /// `momentum=0.05`, `momentum.layer1.1=None`: how running statistics follow the batches', in one normalization
    /// layer or, where none is named, in all of them; nil is `None`, the mean of all batches.
    case momentum(Double?, layer: String?)

    package static let keys = ["lr", "pace", "momentum"]
    private static let aliases = ["learning_rate": "lr", "speed": "pace"]

    package var key: String {
        switch self {
        case .learningRate, .learningRateFactor: "lr"
        case .pace, .paceFactor: "pace"
        case .momentum(_, let layer): layer.map { Self.layerPrefix + $0 } ?? "momentum"
        }
    }

    private static let layerPrefix = "momentum."

    package var value: String {
        switch self {
        case .learningRate(let rate): plainNumber(rate)
        case .learningRateFactor(let factor), .paceFactor(let factor): "*\(plainNumber(factor))"
        case .pace(let pace): pace.description
        case .momentum(let momentum, _): momentum.map(plainNumber) ?? "None"
        }
    }

    /// `*`, `×` and `x` all stand for "times".
    package init(key: String, value: String) throws(RunsError) {
        if key == "momentum" || key.hasPrefix(Self.layerPrefix) {
            self = try Self.momentum(key: key, value: value)
        } else {
            try self.init(scaledKey: key, value: value)
        }
    }

    private static func momentum(key: String, value: String) throws(RunsError) -> Setting {
        let layer = key.hasPrefix(layerPrefix) ? String(key.dropFirst(layerPrefix.count)) : nil
        guard layer?.isEmpty != true else {
            throw .badCommand(text: "\(key)=\(value)", problem: "no layer is named, as in momentum.layer1.1=0.05")
        }
        if value.lowercased() == "none" { return .momentum(nil, layer: layer) }
        guard let number = Double(value), (0...1).contains(number) else {
            throw .badCommand(text: "\(key)=\(value)", problem: "expected a number from 0 to 1, or None")
        }
        return .momentum(number, layer: layer)
    }

    /// A setting whose value may be a factor of the one in force.
    private init(scaledKey key: String, value: String) throws(RunsError) {
        let text = "\(key)=\(value)"
        let times = value.first.map { "*×x".contains($0) } ?? false
        let number = Double(times ? value.dropFirst() : value[...]).flatMap { $0.isFinite ? $0 : nil }
        switch key {
        case "lr":
            guard let number, times ? number > 0 : number >= 0 else {
                throw .badCommand(
                    text: text, problem: "expected a learning rate such as 0.01, or a factor such as *0.5")
            }
            self = times ? .learningRateFactor(number) : .learningRate(number)
        case "pace":
            if times, let number, number > 0 {
                self = .paceFactor(number)
            } else if let pace = Pace(parsing: value) {
                self = .pace(pace)
            } else {
                throw .badCommand(
                    text: text, problem: "expected steps a second such as 50, a factor such as *2, or full")
            }
        default:
            let nearest = Self.aliases[key] ?? Spelling.nearest(to: key, among: Self.keys)
            throw .badCommand(
                text: text,
                problem: "unknown setting '\(key)': "
                    + (nearest.map { "did you mean '\($0)'?" } ?? "expected one of \(Self.keys.joined(separator: ", "))")
            )
        }
    }
}
