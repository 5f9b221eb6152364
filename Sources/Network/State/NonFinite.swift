/// The place where a step met NaN or ±infinity: the first one in the order of the network.
package struct NonFinite: Equatable, Sendable, CustomStringConvertible {
    package enum Quantity: String, Sendable {
        case loss
        case batchMean = "batch mean"
        case batchVariance = "batch variance"
        case gradient
    }

    /// The layer's or parameter's name, or "loss".
    package let layer: String
    package let quantity: Quantity
    package let channel: Int?

    package init(layer: String, quantity: Quantity, channel: Int?) {
        self.layer = layer
        self.quantity = quantity
        self.channel = channel
    }

    package var description: String {
        if quantity == .loss { return "the loss is not finite" }
        let place = channel.map { " of channel \($0)" } ?? ""
        return "the \(quantity.rawValue)\(place) of \(layer) is not finite"
    }
}
