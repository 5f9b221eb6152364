import Tensors
import Testing

@testable import Network

@Suite struct GradientMemoryPlanTests {
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

    private static func graph(_ architecture: Architecture) throws -> ComputationGraph {
        try ComputationGraph(architecture, input: FeatureShape(3, [32, 32]))
    }

    private static func graphs() throws -> [ComputationGraph] {
        try Benchmark.models.map { try graph(Benchmark.architecture($0)) }
            + modules.map { texts in
                let ends = ["AdaptiveAvgPool2d(1)", "Flatten()"]
                let children = try (texts + ends).enumerated().map {
                    Architecture.Child("\($0.offset)", try Architecture.Module(parsing: $0.element))
                }
                return try graph(Architecture(children))
            }
    }

    /// Goes the way back with a note in each memory of whose gradient stands there.
    @Test(arguments: ConvolutionMethod.allCases)
    func everyGradientIsReadBeforeItsMemoryIsTakenAgain(_ method: ConvolutionMethod) throws {
        for graph in try Self.graphs() {
            let plan = GradientMemoryPlan(graph, method)
            var holder: [Int: Int] = [:]
            func write(_ feature: Int) throws {
                guard graph.needsGradient(feature) else { return #expect(plan.places[feature] == nil) }
                let place = try #require(plan.places[feature])
                #expect(plan.layouts[place] == graph.features[feature].gradientLayout)
                holder[place] = feature
            }
            try write(graph.last)
            for node in graph.nodes.reversed() {
                var (sources, targets) = ([node.output], [node.input])
                switch node.kind {
                case .fork: sources += [try #require(node.other)]
                case .add: targets += [try #require(node.other)]
                default: break
                }
                for source in sources where graph.needsGradient(source) {
                    #expect(holder[try #require(plan.places[source])] == source, "\(node.name) reads another gradient")
                }
                for target in targets { try write(target) }
                let wanted = targets.filter(graph.needsGradient)
                #expect(
                    Set(wanted.map { plan.places[$0] }).count == wanted.count, "\(node.name) writes two to one place")
                if !node.mayWorkInPlace(method) {
                    #expect(Set(sources.map { plan.places[$0] }).isDisjoint(with: wanted.map { plan.places[$0] }))
                }
            }
        }
    }

    /// Where the residual path meets the main one in 16×32×32, 32×16×16 and 64×8×8: two memories for each, apart from what the
    /// layers between the stages and behind them need.
    @Test func aStageOfAResNetNeedsTwoMemories() throws {
        let graph = try Self.graph(Benchmark.architecture("resnet20"))
        let plan = GradientMemoryPlan(graph, .fast)
        for (channels, size) in [(16, 32), (32, 16), (64, 8)] {
            let places = graph.features.indices.filter {
                let stored = graph.features[$0].stored
                return stored.channels == channels && stored.extent == Extent(1, size, size)
            }.compactMap { plan.places[$0] }
            #expect(Set(places).count <= 3, "\(channels)×\(size)×\(size): \(Set(places).count) memories")
        }
    }
}

extension ComputationGraph.Node {
    /// Who reads neighbours of a value after it has written some may not.
    fileprivate func mayWorkInPlace(_ method: ConvolutionMethod) -> Bool {
        switch kind {
        case .normalization, .relu, .dropout, .fork, .add: true
        case .convolution: method == .fast
        case .pooling, .linear, .reorder: false
        }
    }
}
