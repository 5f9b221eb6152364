import Tensors

/// The conversion of a stored image into what a network sees: which shape comes out, and mean and deviation a channel.
///
/// Invariant: `mean` and `std` have one value an output channel, and no deviation is zero.
struct ImageTransform: Equatable, Sendable {
    let source: ImageShape
    let output: ImageShape
    let pad: Int
    /// Training only, as is `flip`.
    let crop: Int
    let flip: Bool
    let mean: [Float]
    let std: [Float]

    private static let largestSide = 4096
    private static let mostChannels = 64

    init(_ description: DatasetDescription, source: ImageShape) throws(DatasetError) {
        let channels = description.channels ?? source.channels
        let sides = (source.height + 2 * description.pad, source.width + 2 * description.pad)
        guard description.pad >= 0, max(sides.0, sides.1) <= Self.largestSide else {
            throw .badOption(
                name: "pad", found: "\(description.pad)",
                expected: "0 or more, and images of at most \(Self.largestSide) pixels a side")
        }
        guard channels == source.channels || source.channels == 1 && (1...Self.mostChannels).contains(channels) else {
            throw .badOption(
                name: "channels", found: "\(channels)",
                expected: source.channels == 1
                    ? "1 to \(Self.mostChannels)" : "\(source.channels), as the images have")
        }
        guard (0...min(sides.0, sides.1)).contains(description.crop) else {
            throw .badOption(
                name: "crop", found: "\(description.crop)", expected: "0 to \(min(sides.0, sides.1)) pixels")
        }
        self.source = source
        output = ImageShape(channels: channels, height: sides.0, width: sides.1)
        pad = description.pad
        crop = description.crop
        flip = description.flip
        mean = try Self.spread(description.mean, over: channels, name: "normalize.mean", or: 0)
        std = try Self.spread(description.std, over: channels, name: "normalize.std", or: 1)
        guard std.allSatisfy({ $0.isFinite && $0 > 0 }), mean.allSatisfy(\.isFinite) else {
            throw .badOption(
                name: "normalize", found: "mean \(mean), std \(std)", expected: "finite means and deviations over 0")
        }
    }

    /// C×H×W of an image with its border, in the channels of the files.
    var stored: ImageShape {
        ImageShape(channels: source.channels, height: output.height, width: output.width)
    }

    private static let mostBytes = 8 << 30

    /// Images with zeros around them: N×C×H×W bytes, of `source` in and of `stored` out.
    func padded(_ images: AlignedBuffer<UInt8>) throws(DatasetError) -> AlignedBuffer<UInt8> {
        guard pad > 0 else { return images }
        let planes = images.count / (source.height * source.width)
        guard planes <= Self.mostBytes / (stored.height * stored.width) else {
            throw .badOption(
                name: "pad", found: "\(pad)", expected: "images of less than 8 GiB in all with their borders")
        }
        let result = AlignedBuffer<UInt8>(count: planes * stored.height * stored.width)
        for row in 0..<planes * source.height {
            let plane = row / source.height
            let line = plane * stored.height + pad + row % source.height
            (result.base + line * stored.width + pad)
                .update(from: images.base + row * source.width, count: source.width)
        }
        return result
    }

    private static func spread(
        _ values: [Float], over channels: Int, name: String, or standard: Float
    ) throws(DatasetError) -> [Float] {
        switch values.count {
        case 0: return Array(repeating: standard, count: channels)
        case 1: return Array(repeating: values[0], count: channels)
        case channels: return values
        default:
            throw .badOption(name: name, found: "\(values.count) values", expected: "one a channel, so \(channels)")
        }
    }
}
