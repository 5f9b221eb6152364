import Glibc
import Syntax

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
    /// `StepLR(step_size=30, gamma=0.1)`, stepped once an epoch.
    case step(size: Int, factor: Double)
    /// `LinearLR(start_factor=0.1, total_iters=5)`: a linear warm-up over the first epochs, stepped once an epoch.
    case linear(start: Double, end: Double, epochs: Int)
    /// `OneCycleLR(max_lr=0.1, cycle_momentum=False)`, stepped after every batch.
    case oneCycle(OneCycle)

    /// Up from maximum/divisor to the maximum over a part of the run, then down to a small rate.
    package struct OneCycle: Equatable, Sendable {
        /// nil is the optimizer's own rate.
        package let maximum: Double?
        package let rising: Double
        package let isLinear: Bool
        package let divisor: Double
        package let finalDivisor: Double
    }

    package init(parsing text: String) throws(ConstructorError) {
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
        case "StepLR":
            let arguments = try ArgumentList(call, ["step_size", "gamma"])
            self = .step(
                size: try arguments.integer("step_size", in: 1...ArgumentList.largestSize),
                factor: try arguments.number("gamma", default: 0.1, "a number of at least 0") { $0 >= 0 })
        case "LinearLR":
            let arguments = try ArgumentList(call, ["start_factor", "end_factor", "total_iters"])
            self = .linear(
                start: try arguments.number("start_factor", default: 1.0 / 3, "a number from 0 to 1") {
                    $0 > 0 && $0 <= 1
                },
                end: try arguments.number("end_factor", default: 1, "a number from 0 to 1") { (0...1).contains($0) },
                epochs: try arguments.integer("total_iters", default: 5, in: 1...ArgumentList.largestSize))
        case "OneCycleLR": self = .oneCycle(try OneCycle(call))
        default:
            let nearest = Spelling.nearest(to: call.name, among: Self.names)
            throw .unknownName(kind: "schedule", name: call.name, nearest: nearest)
        }
    }

    package static let names = ["constant", "CosineAnnealingLR", "StepLR", "LinearLR", "OneCycleLR"]

    /// The constructor, which `init(parsing:)` reads back.
    package var description: String {
        switch self {
        case .constant: "constant"
        case .cosine(nil, let minimum):
            ConstructorCall("CosineAnnealingLR", ["eta_min": .number(minimum)]).description
        case .cosine(let period?, let minimum):
            ConstructorCall("CosineAnnealingLR", ["T_max": .integer(period), "eta_min": .number(minimum)]).description
        case .step(let size, let factor):
            ConstructorCall("StepLR", ["step_size": .integer(size), "gamma": .number(factor)]).description
        case .linear(let start, let end, let epochs):
            ConstructorCall(
                "LinearLR",
                ["start_factor": .number(start), "end_factor": .number(end), "total_iters": .integer(epochs)]
            ).description
        case .oneCycle(let cycle): cycle.description
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
        case .step(let size, let factor): return base * pow(factor, Double(epoch / size))
        case .linear(let start, let end, let length):
            return base * (start + (end - start) * Double(min(epoch, length)) / Double(length))
        case .oneCycle(let cycle):
            return cycle.learningRate(base: base, step: step, steps: max(epochs * stepsPerEpoch, 1))
        }
    }
}

extension ScheduleDefinition.OneCycle: CustomStringConvertible {
    init(_ call: ConstructorCall) throws(ConstructorError) {
        let arguments = try ArgumentList(
            call, ["max_lr", "pct_start", "anneal_strategy", "cycle_momentum", "div_factor", "final_div_factor"])
        if arguments.has("max_lr") {
            maximum = try arguments.number("max_lr", "a number above 0") { $0 > 0 }
        } else {
            maximum = nil
        }
        rising = try arguments.number("pct_start", default: 0.3, "a number from 0 to 1") { (0...1).contains($0) }
        switch arguments.value("anneal_strategy") {
        case nil, .string("cos"): isLinear = false
        case .string("linear"): isLinear = true
        default: throw arguments.wrong("anneal_strategy", "'cos' or 'linear'")
        }
        // PyTorch's default would move the momentum too.
        if try arguments.boolean("cycle_momentum", default: true) {
            throw arguments.wrong("cycle_momentum", "False: the momentum stays as it is")
        }
        divisor = try arguments.number("div_factor", default: 25, "a number of at least 1") { $0 >= 1 }
        finalDivisor = try arguments.number("final_div_factor", default: 1e4, "a number of at least 1") { $0 >= 1 }
    }

    package var description: String {
        let top: [(String, ArgumentValue)] = maximum.map { [("max_lr", .number($0))] } ?? []
        let course: [(String, ArgumentValue)] = [
            ("pct_start", .number(rising)), ("anneal_strategy", .string(isLinear ? "linear" : "cos")),
            ("cycle_momentum", .boolean(false)), ("div_factor", .number(divisor)),
            ("final_div_factor", .number(finalDivisor)),
        ]
        return ConstructorCall("OneCycleLR", top + course).description
    }

    func learningRate(base: Double, step: Int, steps: Int) -> Double {
        let top = maximum ?? base, start = top / divisor, bottom = start / finalDivisor
        let peak = rising * Double(steps) - 1, end = Double(steps) - 1, now = min(Double(step), end)
        if now <= peak { return anneal(start, top, peak > 0 ? now / peak : 1) }
        return anneal(top, bottom, end > peak ? (now - peak) / (end - peak) : 1)
    }

    private func anneal(_ from: Double, _ to: Double, _ part: Double) -> Double {
        isLinear ? from + (to - from) * part : to + (from - to) / 2 * (1 + cos(Double.pi * part))
    }
}
