import Kernels
import Tensors

/// The graph of a network: a list of operations on numbered features, with every shape known and no memory taken yet.
///
/// A ReLU that follows a normalization is one operation with it. Flatten costs nothing: it changes what a feature is
/// called, not where its numbers stand; only where a later layer takes the flattened features for channels are they
/// reordered.
struct ComputationGraph {
    struct Feature {
        /// The shape that PyTorch would show.
        var shape: FeatureShape
        /// The shape in memory, which differs after Flatten.
        var stored: FeatureShape
        var halo = Extent.zero
        var gradientHalo = Extent.zero
        var consumers = 0
        var isPlanar = false
        /// Whether the only one who reads it is the operation right behind the normalization it comes from.
        var isTransient = false
        /// The feature whose values this one shares: the two ways out of a fork have gradients of their own.
        var aliased: Int?

        /// The layout of its values, if they aren't planes.
        var blocks: BlockedLayout {
            BlockedLayout(channels: stored.channels, extent: stored.extent, halo: halo)
        }

        var gradientLayout: BlockedLayout {
            BlockedLayout(channels: stored.channels, extent: stored.extent, halo: gradientHalo)
        }

        /// The layout of images at the input.
        var planes: PlanarLayout { PlanarLayout(channels: stored.channels, extent: stored.extent, halo: halo) }

        var isCanonical: Bool {
            shape == stored || (shape.channels == stored.channels && shape.extent == stored.extent)
        }
    }

    enum Kind {
        case convolution(ConvolutionLayer)
        case normalization(NormalizationLayer, rectified: Bool)
        case relu(slope: Double)
        case dropout(probability: Double)
        case pooling(PoolingLayer)
        /// One feature in, two views of it out: `output` and `other`.
        case fork
        /// `input` + `other`.
        case add(rectified: Bool)
        case linear(inputs: Int, outputs: Int, bias: Bool)
        case reorder
    }

    struct Node {
        let name: String
        var kind: Kind
        let input: Int
        let output: Int
        /// The second input of a sum, the second output of a fork.
        var other: Int?
    }

    private(set) var features: [Feature]
    private(set) var nodes: [Node] = []
    /// The layers as they were written, for people.
    private(set) var layers: [LayerSummary] = []
    /// The feature that the next layer reads.
    private(set) var last = 0

    init(_ architecture: Architecture, input: FeatureShape) throws(NetworkError) {
        features = [Feature(shape: input, stored: input)]
        try add(architecture.children, path: "")
        guard features[last].shape.spatial.isEmpty, nodes.contains(where: \.hasParameters) else {
            throw .structure(
                "the network ends with \(features[last].shape) for one image: it must end with one number a class, "
                    + "such as a Linear layer gives")
        }
        choosePlanarInput()
        chooseTransient()
    }

    private mutating func add(_ children: [Architecture.Child], path: String) throws(NetworkError) {
        for child in children {
            let name = path.isEmpty ? child.name : "\(path).\(child.name)"
            switch child.module {
            case .layer(let layer):
                try add(layer, name)
                layers.append(LayerSummary(name, layer, output: features[last].shape))
            case .sequential(let inner): try add(inner, path: name)
            case .residual(let body, let shortcut): try addResidual(body, shortcut, name)
            }
        }
    }

    private mutating func add(_ layer: Layer, _ name: String) throws(NetworkError) {
        let shape = features[last].shape
        switch layer {
        case .convolution(let convolution):
            try addConvolution(convolution, name, shape)
        case .normalization(let normalization):
            try check(normalization, name, shape)
            makeCanonical(name)
            append(name, .normalization(normalization, rectified: false), normalized)
        case .linear(let inputs, let outputs, let bias):
            try check(linear: inputs, layer, name, shape)
            let output = FeatureShape(outputs)
            append(name, .linear(inputs: inputs, outputs: outputs, bias: bias), Feature(shape: output, stored: output))
        case .relu:
            addRectifier(name)
        case .leakyReLU(let slope, _):
            append(name, .relu(slope: slope), same)
        case .dropout(let probability, _):
            append(name, .dropout(probability: probability), same)
        case .pooling(let pooling):
            try addPooling(pooling, name, shape)
        case .flatten(let start, let end):
            try flatten(start, end, layer, name)
        }
    }

    /// A new feature of the shape and arrangement of the last.
    private var same: Feature { Feature(shape: features[last].shape, stored: features[last].stored) }

    /// The feature that a normalization makes of the last one.
    private var normalized: Feature {
        var feature = same
        guard needsGradient(last) else { return feature }
        feature.gradientHalo = features[last].gradientHalo
        return feature
    }

    private mutating func addResidual(
        _ body: [Architecture.Child], _ shortcut: [Architecture.Child], _ name: String
    ) throws(NetworkError) {
        makeCanonical(name)
        let root = features[last].aliased ?? last
        var view = same
        view.aliased = root
        append(name, .fork, view)
        features.append(view)
        let other = features.count - 1
        nodes[nodes.count - 1].other = other
        try add(body, path: "\(name).body")
        makeCanonical(name)
        let main = last
        last = other
        try add(shortcut, path: "\(name).shortcut")
        makeCanonical(name)
        guard features[main].shape == features[last].shape else {
            throw .shape(
                layer: name,
                problem: "the body ends with \(features[main].shape), the shortcut with \(features[last].shape): "
                    + "they must be equal to be added")
        }
        features[last].consumers += 1
        let side = last
        last = main
        append(name, .add(rectified: false), same)
        nodes[nodes.count - 1].other = side
    }

    private mutating func addPooling(
        _ layer: PoolingLayer, _ name: String, _ shape: FeatureShape
    ) throws(NetworkError) {
        guard shape.spatial.count == 2 else {
            throw .shape(layer: name, problem: "\(layer) expects 2 spatial dimensions, but gets \(shape)")
        }
        guard let rows = layer.windows(input: shape.spatial[0], axis: \.height),
            let columns = layer.windows(input: shape.spatial[1], axis: \.width)
        else { throw .shape(layer: name, problem: "the kernel of \(layer) does not fit into \(shape)") }
        makeCanonical(name)
        let output = FeatureShape(shape.channels, [rows.count, columns.count])
        append(name, .pooling(layer), Feature(shape: output, stored: output))
    }

    private mutating func addConvolution(
        _ layer: ConvolutionLayer, _ name: String, _ shape: FeatureShape
    ) throws(NetworkError) {
        guard shape.spatial.count == layer.dimensions, shape.channels == layer.inputs else {
            throw .shape(
                layer: name,
                problem: "\(layer) expects \(layer.inputs) channels and \(layer.dimensions) spatial "
                    + "\(layer.dimensions == 1 ? "dimension" : "dimensions"), but gets \(shape)")
        }
        guard let extent = layer.geometry.outputExtent(of: shape.extent) else {
            throw .shape(layer: name, problem: "the kernel of \(layer) does not fit into \(shape)")
        }
        makeCanonical(name)
        let output = shape.replacing(channels: layer.outputs, extent: extent)
        var feature = Feature(shape: output, stored: output)
        if needsGradient(last) {
            feature.gradientHalo = layer.geometry.gradientHalo(input: shape.extent, output: extent)
            if isFork(last), extent == shape.extent { features[last].gradientHalo = feature.gradientHalo }
        }
        let root = features[last].aliased ?? last
        features[root].halo = features[root].halo.combined(layer.geometry.padding, max)
        append(name, .convolution(layer), feature)
    }

    private func check(_ layer: NormalizationLayer, _ name: String, _ shape: FeatureShape) throws(NetworkError) {
        let fits = layer.dimensions == 1 ? shape.spatial.count <= 1 : shape.spatial.count == layer.dimensions
        guard fits, shape.channels == layer.channels else {
            let dimensions = layer.dimensions == 1 ? "0 or 1" : "\(layer.dimensions)"
            throw .shape(
                layer: name,
                problem:
                    "\(layer.name)(\(layer.channels)) expects \(layer.channels) channels and \(dimensions) spatial "
                    + "dimensions, but gets \(shape)")
        }
    }

    private func check(
        linear inputs: Int, _ layer: Layer, _ name: String, _ shape: FeatureShape
    ) throws(NetworkError) {
        guard shape.spatial.isEmpty, shape.channels == inputs else {
            let hint = shape.spatial.isEmpty ? "" : ": put Flatten() before it"
            throw .shape(layer: name, problem: "\(layer) expects \(inputs) features, but gets \(shape)\(hint)")
        }
    }

    private mutating func addRectifier(_ name: String) {
        if let previous = nodes.last, previous.output == last, features[last].consumers == 0,
            case .normalization(let layer, false) = previous.kind
        {
            nodes[nodes.count - 1].kind = .normalization(layer, rectified: true)
        } else if let previous = nodes.last, previous.output == last, features[last].consumers == 0,
            case .add(false) = previous.kind
        {
            nodes[nodes.count - 1].kind = .add(rectified: true)
        } else {
            append(name, .relu(slope: 0), same)
        }
    }

    private mutating func flatten(_ start: Int, _ end: Int, _ layer: Layer, _ name: String) throws(NetworkError) {
        let dimensions = features[last].shape.dimensions
        let lastIndex = end == -1 ? dimensions.count : end
        guard start <= lastIndex, lastIndex <= dimensions.count else {
            throw .shape(layer: name, problem: "\(layer) has no such dimensions in \(features[last].shape)")
        }
        let merged = dimensions[(start - 1)..<lastIndex].reduce(1, *)
        let sizes = Array(dimensions[..<(start - 1)]) + [merged] + Array(dimensions[lastIndex...])
        features[last].shape = FeatureShape(sizes[0], Array(sizes.dropFirst()))
    }

    /// Inserts a copy where a layer needs channels to be channels in memory too.
    private mutating func makeCanonical(_ name: String) {
        guard !features[last].isCanonical else { return }
        let shape = features[last].shape
        append(name, .reorder, Feature(shape: shape, stored: shape))
    }

    /// Whether the loss's gradient by a feature is wanted: by all but the network's input.
    func needsGradient(_ feature: Int) -> Bool { (features[feature].aliased ?? feature) != 0 }

    private func isFork(_ feature: Int) -> Bool { features[feature].aliased != nil }

    private mutating func append(_ name: String, _ kind: Kind, _ feature: Feature) {
        features[last].consumers += 1
        features.append(feature)
        nodes.append(Node(name: name, kind: kind, input: last, output: features.count - 1))
        last = features.count - 1
    }

    /// Images of few channels enter as planes if a convolution reads them.
    private mutating func choosePlanarInput() {
        guard let first = nodes.first, case .convolution(let layer) = first.kind else { return }
        features[0].isPlanar = features[0].consumers == 1 && layer.inputs < laneCount
    }
}

extension ComputationGraph {
    private mutating func chooseTransient() {
        for (node, next) in zip(nodes, nodes.dropFirst()) {
            guard case .normalization = node.kind, features[node.output].consumers == 1,
                next.input == node.output || next.other == node.output, next.readsAtOnce
            else { continue }
            features[node.output].isTransient = true
        }
    }
}

extension ComputationGraph.Node {
    /// Whether it takes images in groups, one after the other.
    fileprivate var readsAtOnce: Bool {
        switch kind {
        case .convolution, .pooling, .add: true
        default: false
        }
    }

    var hasParameters: Bool {
        switch kind {
        case .convolution, .linear: true
        default: false
        }
    }
}
