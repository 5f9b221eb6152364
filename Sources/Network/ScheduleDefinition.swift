import Glibc

/// How the learning rate moves, as torch.optim.lr_scheduler's constructors describe it; times that aren't given come from
/// the length of the run.
///
/// A rate is a function of where the run is and of nothing else, so that a run which is resumed, or whose base rate is
/// changed under way, goes on as if it had always been so.
package enum ScheduleDefinition: Equatable, Sendable {
    /// `constant`, `ConstantLR()`: the base rate throughout.
    case constant
    /// `CosineAnnealingLR()`, `CosineAnnealingLR(T_max=30, eta_min=1e-5)`, stepped once an epoch.
    case cosine(period: Int?, minimum: Double)

    package init(parsing text: String) throws(NetworkError) {
        let call = try ConstructorCall(parsing: text)
        switch call.name {
        case "constant", "ConstantLR":
            _ = try ArgumentList(call, [])
            self = .constant
        case "CosineAnnealingLR":
            let arguments = try ArgumentList(call, ["T_max", "eta_min"])
            let period = try arguments.integer("T_max", default: 0, in: 0...ArgumentList.largestSize)
            if period == 0 && arguments.has("T_max") { throw arguments.wrong("T_max", "at least 1") }
            let minimum = try arguments.number("eta_min", default: 0, "a number of at least 0") { $0 >= 0 }
            self = .cosine(period: period == 0 ? nil : period, minimum: minimum)
        default:
            let nearest = Spelling.nearest(to: call.name, among: Self.names)
            throw .unknownName(kind: "schedule", name: call.name, nearest: nearest)
        }
    }

    package static let names = ["constant", "CosineAnnealingLR"]

    /// The constructor, which `init(parsing:)` reads back.
    package var description: String {
        switch self {
        case .constant: "constant"
        case .cosine(nil, let minimum): "CosineAnnealingLR(eta_min=\(PythonNumber.text(minimum)))"
        case .cosine(let period?, let minimum):
            "CosineAnnealingLR(T_max=\(period), eta_min=\(PythonNumber.text(minimum)))"
        }
    }

    /// The rate for one step.
    ///
    /// - Parameters:
    ///   - epoch: counted from 0, of `epochs` in all.
    ///   - step: counted from 0 over the whole run, of `epochs · stepsPerEpoch` in all.
    package func learningRate(base: Double, epoch: Int, epochs: Int, step: Int, stepsPerEpoch: Int) -> Double {
        switch self {
        case .constant: return base
        case .cosine(let period, let minimum):
            // PyTorch's closed form; its recursion gives the same, and goes up again after T_max.
            let angle = Double.pi * Double(epoch) / Double(max(period ?? epochs, 1))
            return minimum + (base - minimum) * (1 + cos(angle)) / 2
        }
    }
}
