import Kernels
import Tensors

/// The method by which 3×3 convolutions of stride 1 are computed where two are possible.
package enum ConvolutionMethod: String, Codable, Sendable, CaseIterable {
    /// Winograd's F(4×4, 3×3): a quarter of the products. One layer differs from direct sums by about 2·10⁻⁶, and in a deep
    /// network such roundings move a few decisions of ReLU and pooling.
    case fast
    /// Sums of products, whose roundings follow PyTorch's more closely.
    case direct

    func isFast(_ geometry: ConvolutionGeometry, _ extent: Extent) -> Bool {
        self == .fast && WinogradConvolution.fits(geometry, extent: extent)
    }
}
