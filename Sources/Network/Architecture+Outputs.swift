import Tensors

extension Architecture {
    /// How many numbers the network would give for one image, checked layer by layer and without making any weights.
    ///
    /// - Throws: which layer doesn't fit what comes before it, what came, and what was expected.
    package func outputs(for input: ImageShape) throws(NetworkError) -> Int {
        let blueprint = try Blueprint(self, input: FeatureShape(input.channels, [input.height, input.width]))
        return blueprint.features[blueprint.last].shape.count
    }
}
