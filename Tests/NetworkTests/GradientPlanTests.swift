import Kernels
import Tensors
import Threads
import Testing

@testable import Network

@Suite struct GradientPlanTests {
    private static let modules: [[String]] = [
        ["Conv2d(3, 16, 3, padding=1)", "ReLU()", "Conv2d(16, 16, 3, padding=1)", "MaxPool2d(2)", "Dropout(0.5)"],
        ["Conv2d(3, 16, 3, padding=1)", "Residual([Dropout(0.5)])", "Residual([ReLU()])", "Residual([MaxPool2d(1)])"],
        [
            "Conv2d(3, 16, 3, padding=1)",
            "Residual([Conv2d(16, 16, 3, padding=1), BatchNorm2d(16)], shortcut=[Conv2d(16, 16, 1), ReLU()])", "ReLU()",
            "Residual([Conv2d(16, 32, 3, stride=2, padding=1), BatchNorm2d(32)], shortcut=[AvgPool2d(2), Conv2d(16, 32, 1)])",
            "Conv2d(32, 32, 1)", "Residual([Residual([Conv2d(32, 32, 3, padding=1)]), BatchNorm2d(32)])",
        ],
    ]

    private static func blueprint(_ architecture: Architecture) throws -> Blueprint {
        try Blueprint(architecture, input: FeatureShape(3, [32, 32]))
    }

    private static func blueprints() throws -> [Blueprint] {
        try Benchmark.models.map { try blueprint(Benchmark.architecture($0)) }
            + modules.map { texts in
                let ends = ["AdaptiveAvgPool2d(1)", "Flatten()"]
                let children = try (texts + ends).enumerated().map {
                    Architecture.Child("\($0.offset)", try Architecture.Module(parsing: $0.element))
                }
                return try blueprint(Architecture(children))
            }
    }

    /// Goes the way back with a note in each memory of whose gradient stands there.
    @Test(arguments: ConvolutionArithmetic.allCases)
    func everyGradientIsReadBeforeItsMemoryIsTakenAgain(_ arithmetic: ConvolutionArithmetic) throws {
        for blueprint in try Self.blueprints() {
            let plan = GradientPlan(blueprint, arithmetic)
            var holder: [Int: Int] = [:]
            func write(_ feature: Int) throws {
                guard blueprint.needsGradient(feature) else { return #expect(plan.places[feature] == nil) }
                let place = try #require(plan.places[feature])
                #expect(plan.layouts[place] == blueprint.features[feature].gradientLayout)
                holder[place] = feature
            }
            try write(blueprint.last)
            for node in blueprint.nodes.reversed() {
                var (sources, targets) = ([node.output], [node.input])
                switch node.kind {
                case .fork: sources += [try #require(node.other)]
                case .sum: targets += [try #require(node.other)]
                default: break
                }
                for source in sources where blueprint.needsGradient(source) {
                    #expect(holder[try #require(plan.places[source])] == source, "\(node.name) reads another gradient")
                }
                for target in targets { try write(target) }
                let wanted = targets.filter(blueprint.needsGradient)
                #expect(
                    Set(wanted.map { plan.places[$0] }).count == wanted.count, "\(node.name) writes two to one place")
                if !node.mayWorkInPlace(arithmetic) {
                    #expect(Set(sources.map { plan.places[$0] }).isDisjoint(with: wanted.map { plan.places[$0] }))
                }
            }
        }
    }

    /// Where the residual path meets the main one in 16×32×32, 32×16×16 and 64×8×8: two memories for each, apart from what the
    /// layers between the stages and behind them need.
    @Test func aStageOfAResNetNeedsTwoMemories() throws {
        let blueprint = try Self.blueprint(Benchmark.architecture("resnet20"))
        let plan = GradientPlan(blueprint, .fast)
        for (channels, size) in [(16, 32), (32, 16), (64, 8)] {
            let places = blueprint.features.indices.filter {
                let stored = blueprint.features[$0].stored
                return stored.channels == channels && stored.extent == Extent(1, size, size)
            }.compactMap { plan.places[$0] }
            #expect(Set(places).count <= 3, "\(channels)×\(size)×\(size): \(Set(places).count) memories")
        }
    }
}

extension Blueprint.Node {
    /// Who reads neighbours of a value after it has written some may not.
    fileprivate func mayWorkInPlace(_ arithmetic: ConvolutionArithmetic) -> Bool {
        switch kind {
        case .normalization, .relu, .dropout, .fork, .sum: true
        case .convolution: arithmetic == .fast
        case .pooling, .linear, .reorder: false
        }
    }
}
