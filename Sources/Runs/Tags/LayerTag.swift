/// A tag that names a quantity of a normalization layer:
///
///     batchnorm/layer1.1/running_mean                 ours
///     layer1.1.running_mean   layer1.1/running_mean   PyTorch's names, under any group
///     running_mean/layer1.1                           the quantity first
///     batch_normalization/moving_variance/histogram   Keras's names
struct LayerTag {
    let layer: String
    let quantity: LoggedLayer.Quantity
    /// What stands before the quantity.
    let stem: String
    let isOurs: Bool

    private static let synonyms: [String: LoggedLayer.Quantity] = [
        "moving_mean": .runningMean, "moving_variance": .runningVariance, "moving_var": .runningVariance,
        "running_variance": .runningVariance, "batch_variance": .batchVariance, "gamma": .weight, "beta": .bias,
    ]

    /// Nil for any other tag.
    init?(_ tag: String) {
        let bytes = tag.utf8
        let kept = tag.hasSuffix("/histogram") ? tag.dropLast("/histogram".count) : tag[...]
        isOurs = kept.hasPrefix(Tag.normalizationGroup)
        let start = isOurs ? kept.index(kept.startIndex, offsetBy: Tag.normalizationGroup.count) : kept.startIndex
        let isSeparator = { (byte: UInt8) in byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") }
        if let end = kept.utf8.lastIndex(where: isSeparator), end > start,
            let quantity = Self.quantity(kept[bytes.index(after: end)...])
        {
            (layer, self.quantity) = (String(kept[start..<end]), quantity)
            stem = String(kept[...end])
        } else if let slash = kept[start...].utf8.firstIndex(of: UInt8(ascii: "/")), slash > start,
            let quantity = Self.quantity(kept[start..<slash]), bytes.index(after: slash) < kept.endIndex
        {
            (layer, self.quantity) = (String(kept[bytes.index(after: slash)...]), quantity)
            stem = ""
        } else {
            return nil
        }
    }

    /// `running_mean`, or Keras's `moving_mean_0`.
    private static func quantity(_ word: Substring) -> LoggedLayer.Quantity? {
        let name = String(word.hasSuffix("_0") ? word.dropLast(2) : word)
        return LoggedLayer.Quantity(rawValue: name) ?? synonyms[name]
    }

    /// A layer's name without the group before it: `buffers/layer1.1` is `layer1.1`.
    static func module(in layer: String) -> String {
        layer.split(separator: "/").last.map(String.init) ?? layer
    }
}
