import Tensors

extension Architecture {
    /// The number of outputs that the network would have for one image, checked layer by layer and without making any weights.
    ///
    /// - Throws: which layer doesn't fit what comes before it, what came, and what was expected.
    package func outputs(for input: ImageShape) throws(NetworkError) -> Int {
        let graph = try ComputationGraph(self, input: FeatureShape(input.channels, [input.height, input.width]))
        return graph.features[graph.last].shape.count
    }
}
