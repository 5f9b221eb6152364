import Tensors

/// One line of a network's summary: a layer's output for one image, its parameters and its cost.
package struct LayerSummary: Equatable, Sendable {
    /// The layer's path, such as "layer1.0".
    package let name: String
    package let layer: Layer
    package let output: FeatureShape
    package let parameters: Int
    /// Products of the forward pass for one image; a normalization takes one for each value.
    package let multiplyAdds: Int
    /// What the parameters and one image's output take as 32-bit floats.
    package var bytes: Int { 4 * (parameters + output.count) }

    init(_ name: String, _ layer: Layer, output: FeatureShape) {
        self.name = name
        self.layer = layer
        self.output = output
        switch layer {
        case .convolution(let convolution):
            let products = convolution.inputs / convolution.groups * convolution.kernel.reduce(1, *)
            parameters = convolution.outputs * (products + (convolution.bias ? 1 : 0))
            multiplyAdds = output.count * products
        case .linear(let inputs, let outputs, let bias):
            parameters = outputs * (inputs + (bias ? 1 : 0))
            multiplyAdds = inputs * outputs
        case .normalization(let normalization):
            parameters = normalization.channels * ((normalization.affine ? 1 : 0) + (normalization.bias ? 1 : 0))
            multiplyAdds = output.count
        case .relu, .leakyReLU, .dropout, .pooling, .flatten:
            parameters = 0
            multiplyAdds = 0
        }
    }
}

extension Architecture {
    /// The network's layers in the order in which they run, for images of this shape.
    ///
    /// - Throws: which layer doesn't fit what comes before it.
    package func summary(input: ImageShape) throws(NetworkError) -> [LayerSummary] {
        try ComputationGraph(self, input: FeatureShape(input.channels, [input.height, input.width])).layers
    }
}
