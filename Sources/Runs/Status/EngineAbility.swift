/// A capability of an engine: one of the words under `can` in `status.json`.
package enum EngineAbility: String, CaseIterable, Hashable, Sendable {
    case pause, resume, checkpoint, evaluate
    case setLearningRate = "set lr"
    case setPace = "set pace"
    case setMomentum = "set momentum"
    case stop, kill

    /// The capabilities of an engine whose status has no `can`: ours was like this before that was written.
    package static let standard = Set(allCases).subtracting([.setMomentum])
}

extension Command.Action {
    /// The capability that an engine needs to obey the command.
    package var ability: EngineAbility {
        switch self {
        case .pause: .pause
        case .resume: .resume
        case .checkpoint: .checkpoint
        case .evaluate: .evaluate
        case .stop: .stop
        case .kill: .kill
        case .set(let setting): setting.ability
        }
    }
}

extension Setting {
    package var ability: EngineAbility {
        switch self {
        case .learningRate, .learningRateFactor: .setLearningRate
        case .pace, .paceFactor: .setPace
        case .momentum: .setMomentum
        }
    }
}

extension RunStatus {
    /// The capabilities of the engine.
    package var abilities: Set<EngineAbility> { can ?? EngineAbility.standard }

    /// Whether it was trained by an engine of ours, which can go on with it.
    package var isOurs: Bool { program?.hasPrefix(Self.ourProgram) ?? true }

    /// The name of the program that trains: `PyTorch` of `PyTorch 2.15.0`.
    package var programWord: String {
        program?.split(separator: " ").first.map(String.init) ?? Self.ourProgram
    }

    /// Why the engine will not do something, in one line; nil where it will.
    package func refusal(of ability: EngineAbility) -> String? {
        guard !abilities.contains(ability) else { return nil }
        let reason = isOurs ? "this run's engine can't" : "this \(programWord) run can't"
        return "\(ability.rawValue): \(reason)" + (isOurs ? "" : Self.remedy(for: ability).map { "; " + $0 } ?? "")
    }

    /// The advice on how a script comes to offer a capability.
    private static func remedy(for ability: EngineAbility) -> String? {
        switch ability {
        case .evaluate: "pass evaluate= to normscope.attach"
        case .checkpoint: "pass the model and the optimizer to normscope.attach"
        case .setLearningRate: "pass the optimizer to normscope.attach"
        case .setMomentum: "it has no normalization layer with running statistics"
        case .setPace: "it goes as fast as its script"
        case .pause, .resume, .stop, .kill: nil
        }
    }

    /// How to go on with a run that is not ours; nil for one that is.
    package var foreignResume: String? {
        guard !isOurs, let program else { return nil }
        return "this run was trained by \(program): start its script again; "
            + "normscope.attach(…, resume=\"auto\") goes on from the newest checkpoint"
    }
}
