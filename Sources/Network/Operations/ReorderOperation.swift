/// The operation that copies values into another layout, where a layer takes flattened features for channels.
final class ReorderOperation: ForwardOperation, BackwardOperation {
    let input: Activation
    let output: Activation
    /// For each element in contiguous order: its place in the input and in the output, and in their gradients.
    private let places: [(input: Int, output: Int)]
    private let gradientPlaces: [(input: Int, output: Int)]

    init(_ input: Activation, _ output: Activation) {
        let from = input.blocked, to = output.blocked
        let count = from.channels * from.extent.volume
        precondition(count == to.channels * to.extent.volume, "a reordering keeps the number of values")
        places = (0..<count).map { (from.offset(ofContiguous: $0), to.offset(ofContiguous: $0)) }
        let fromGradient = input.gradientLayout ?? from, toGradient = output.gradientLayout ?? to
        gradientPlaces = (0..<count).map {
            (fromGradient.offset(ofContiguous: $0), toGradient.offset(ofContiguous: $0))
        }
        self.input = input
        self.output = output
    }

    func forward(_ images: Range<Int>, _ context: ShardContext) {
        for image in images {
            let from = input.value(image), to = output.value(image)
            for place in places { to[place.output] = from[place.input] }
        }
    }

    func backward(_ images: Range<Int>, _ context: ShardContext) {
        guard input.gradientLayout != nil else { return }
        for image in images {
            let from = output.gradient(image), to = input.gradient(image)
            for place in gradientPlaces { to[place.input] = from[place.output] }
        }
    }
}
