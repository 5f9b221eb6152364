import Syntax
import Tensors

/// MaxPool2d, AvgPool2d or AdaptiveAvgPool2d.
package struct PoolingLayer: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case maximum(dilation: Sizes)
        case average(countsPadding: Bool)
        /// An output size of nil keeps the input's.
        case adaptive([Int?], isTuple: Bool)
    }

    /// One number for both dimensions, or one for each; remembered because print(net) shows what was given.
    package struct Sizes: Equatable, Sendable {
        package let height: Int
        package let width: Int
        package let isTuple: Bool
    }

    package let kind: Kind
    package let kernel: Sizes
    package let stride: Sizes
    package let padding: Sizes
    package let roundsUp: Bool

    init(maximum call: ConstructorCall) throws(ConstructorError) {
        let arguments = try ArgumentList(
            call, ["kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"])
        kernel = try arguments.pair("kernel_size", atLeast: 1)
        stride = try arguments.pair("stride", default: kernel, atLeast: 1)
        padding = try arguments.pair("padding", default: .one(0), atLeast: 0)
        kind = .maximum(dilation: try arguments.pair("dilation", default: .one(1), atLeast: 1))
        if try arguments.boolean("return_indices", default: false) { throw arguments.wrong("return_indices", "False") }
        roundsUp = try arguments.boolean("ceil_mode", default: false)
        try checkPadding(arguments)
    }

    init(average call: ConstructorCall) throws(ConstructorError) {
        let arguments = try ArgumentList(
            call, ["kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"])
        kernel = try arguments.pair("kernel_size", atLeast: 1)
        stride = try arguments.pair("stride", default: kernel, atLeast: 1)
        padding = try arguments.pair("padding", default: .one(0), atLeast: 0)
        roundsUp = try arguments.boolean("ceil_mode", default: false)
        kind = .average(countsPadding: try arguments.boolean("count_include_pad", default: true))
        try checkPadding(arguments)
    }

    init(adaptive call: ConstructorCall) throws(ConstructorError) {
        let arguments = try ArgumentList(call, ["output_size"])
        let given = arguments.value("output_size")
        var values: [ArgumentValue?] = [given, given], isTuple = false
        if let items = given?.items {
            values = items
            isTuple = true
        }
        var sizes: [Int?] = []
        for value in values {
            switch value {
            case .integer(let size) where (1...ArgumentList.largestSize).contains(size): sizes.append(size)
            case ArgumentValue.none?: sizes.append(nil)
            default: throw arguments.wrong("output_size", "a whole number of at least 1, None, or a tuple of 2")
            }
        }
        guard sizes.count == 2 else {
            throw arguments.wrong("output_size", "a whole number of at least 1, None, or a tuple of 2")
        }
        kind = .adaptive(sizes, isTuple: isTuple)
        kernel = .one(1)
        stride = .one(1)
        padding = .one(0)
        roundsUp = false
    }

    private func checkPadding(_ arguments: ArgumentList) throws(ConstructorError) {
        if padding.height > kernel.height / 2 || padding.width > kernel.width / 2 {
            throw arguments.wrong("padding", "at most half of kernel_size")
        }
    }

    /// The windows along one axis, or nil where the kernel doesn't fit.
    func windows(input: Int, axis: KeyPath<Sizes, Int>) -> [PoolingKernel.Window]? {
        switch kind {
        case .adaptive(let sizes, _):
            let size = (axis == \Sizes.height ? sizes[0] : sizes[1]) ?? input
            return Self.adaptiveWindows(input: input, output: size)
        case .maximum(let dilation): return windows(input, axis, dilation: dilation[keyPath: axis], counts: true)
        case .average(let counts): return windows(input, axis, dilation: 1, counts: counts)
        }
    }

    /// Output position i of n sees the inputs from ⌊i·in/n⌋ up to ⌈(i+1)·in/n⌉.
    private static func adaptiveWindows(input: Int, output: Int) -> [PoolingKernel.Window] {
        (0..<output).map { index in
            let first = index * input / output, end = ((index + 1) * input + output - 1) / output
            return .init(first: first, count: end - first, step: 1, divisor: end - first)
        }
    }

    /// With ceil_mode a last window may begin inside the image or its left padding, and reach beyond the right padding;
    /// an average then divides by what lies within the padding.
    private func windows(
        _ input: Int, _ axis: KeyPath<Sizes, Int>, dilation: Int, counts: Bool
    ) -> [PoolingKernel.Window]? {
        let size = kernel[keyPath: axis], step = stride[keyPath: axis], border = padding[keyPath: axis]
        let room = input + 2 * border - dilation * (size - 1) - 1
        guard room >= 0 else { return nil }
        var outputs = (roundsUp ? (room + step - 1) / step : room / step) + 1
        if roundsUp && (outputs - 1) * step >= input + border { outputs -= 1 }
        return (0..<outputs).map { index in
            let start = index * step - border
            let skipped = start < 0 ? (-start + dilation - 1) / dilation : 0
            let first = start + skipped * dilation
            let last = min(start + dilation * (size - 1), input - 1)
            let count = max((last - first) / dilation + 1, 0)
            let padded = min(start + size, input + border) - start
            return .init(first: first, count: count, step: dilation, divisor: counts ? padded : count)
        }
    }
}

extension PoolingLayer.Sizes {
    static func one(_ size: Int) -> Self { .init(height: size, width: size, isTuple: false) }
}

extension ArgumentList {
    fileprivate func pair(
        _ name: String, default fallback: PoolingLayer.Sizes? = nil, atLeast least: Int
    ) throws(ConstructorError) -> PoolingLayer.Sizes {
        if let fallback, !has(name) || value(name) == ArgumentValue.none { return fallback }
        let sizes = try sizes(name, dimensions: 2, atLeast: least)
        if value(name)?.items != nil { return .init(height: sizes[0], width: sizes[1], isTuple: true) }
        return .one(sizes[0])
    }
}
