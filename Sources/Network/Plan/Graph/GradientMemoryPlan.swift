import Tensors

/// The assignment of memory to the gradients of features, made before memory is taken, so that the backward pass stays in the
/// caches.
///
/// An operation reads its output's gradient for the last time where it writes its input's. If both have the same layout and
/// the operation has read all of an image before it writes the first value, it works in place. Otherwise the memory is free
/// for whoever comes next and needs the same layout (so zeros stay zeros in its halo and in its unused channels). A residual
/// block then needs two memories, and so do all blocks of a stage together:
///
///     way back ◄────────────────────────────────────────────────────────
///                ┌──────────────── A ────────────────┐
///     A ◄─ fork ─┤                                   ├─ sum ◄─ A ◄─ fork of the next block
///                └── B ◄─ Conv ◄─ B ◄─ BatchNorm ◄─ B ┘
///
/// What an image's gradient is overwritten by comes later on the image's own way, whichever threads it meets there.
struct GradientMemoryPlan {
    /// For each feature its memory's number; nil where no gradient is wanted.
    private(set) var places: [Int?]
    /// For each memory, the layout of an image.
    private(set) var layouts: [BlockedLayout] = []
    private var free: [BlockedLayout: [Int]] = [:]

    init(_ graph: ComputationGraph, _ method: ConvolutionMethod) {
        places = graph.features.map { _ in nil }
        take(graph.last, graph)
        for node in graph.nodes.reversed() {
            switch node.kind {
            case .fork: pass([node.other ?? node.output, node.output], to: [node.input], graph, inPlace: true)
            case .add: pass([node.output], to: [node.other ?? node.input, node.input], graph, inPlace: true)
            default:
                pass([node.output], to: [node.input], graph, inPlace: node.worksInPlace(graph, method))
            }
        }
    }

    /// From the gradients that a node reads to those it writes; the first ones of both share their memory if they can.
    private mutating func pass(_ sources: [Int], to targets: [Int], _ graph: ComputationGraph, inPlace: Bool) {
        var released = sources.compactMap { places[$0] }
        for target in targets where graph.needsGradient(target) {
            let layout = graph.features[target].gradientLayout
            if inPlace, let index = released.firstIndex(where: { layouts[$0] == layout }) {
                places[target] = released.remove(at: index)
            } else {
                take(target, graph)
            }
        }
        for place in released { free[layouts[place], default: []].append(place) }
    }

    private mutating func take(_ feature: Int, _ graph: ComputationGraph) {
        let layout = graph.features[feature].gradientLayout
        if let place = free[layout]?.popLast() {
            places[feature] = place
        } else {
            places[feature] = layouts.count
            layouts.append(layout)
        }
    }
}

extension ComputationGraph.Node {
    /// Whether the backward pass reads all of an image's gradient, or each value once, before it writes there.
    fileprivate func worksInPlace(_ graph: ComputationGraph, _ method: ConvolutionMethod) -> Bool {
        switch kind {
        case .normalization, .relu, .dropout: true
        case .convolution(let layer): method.isFast(layer.geometry, graph.features[input].stored.extent)
        case .pooling, .fork, .add, .linear, .reorder: false
        }
    }
}
