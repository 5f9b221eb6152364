import Tensors

/// A description of made-up images: how many, how large, of how many classes.
///
/// Each class has a pattern of its own, smooth spots of light in every channel. An image is its class's pattern with
/// another one shining through, moved by up to an eighth of its side, in a contrast of its own, under noise. A network
/// can learn it, and a better one learns it better. Only integers are calculated with, so every machine makes the same
/// images of a seed.
package struct SyntheticImages: Equatable, Sendable {
    package var classes: Int
    package var train: Int
    package var test: Int
    /// Rows and columns of an image.
    package var size: Int
    package var seed: UInt64

    package init(classes: Int = 10, train: Int = 6000, test: Int = 1000, size: Int = 32, seed: UInt64 = 1) {
        self.classes = classes
        self.train = train
        self.test = test
        self.size = size
        self.seed = seed
    }

    private static let mostBytes = 4 << 30

    func check(channels: Int) throws(DatasetError) {
        guard (2...256).contains(classes) else {
            throw .badOption(name: "classes", found: "\(classes)", expected: "2 to 256")
        }
        guard (4...1024).contains(size) else {
            throw .badOption(name: "size", found: "\(size)", expected: "4 to 1024")
        }
        let most = Self.mostBytes / (channels * size * size)
        for (name, count) in [("train", train), ("test", test)] where !(1...most).contains(count) {
            throw .badOption(name: name, found: "\(count)", expected: "1 to \(most) images of this size")
        }
    }
}

extension DataSplits {
    static func makeSynthetic(_ description: DatasetDescription) throws(DatasetError) -> DataSplits {
        let images = description.synthetic
        let channels = description.channels ?? 3
        guard (1...64).contains(channels) else {
            throw .badOption(name: "channels", found: "\(channels)", expected: "1 to 64")
        }
        try images.check(channels: channels)
        let source = ImageShape(channels: channels, height: images.size, width: images.size)
        let transform = try ImageTransform(description, source: source)
        let patterns = (0..<images.classes).map { SyntheticPattern(source, seed: images.seed, number: $0) }
        return DataSplits(
            train: try ImageDataset(made: images.train, of: patterns, images.seed, half: 0, transform: transform),
            test: try ImageDataset(made: images.test, of: patterns, images.seed, half: 1, transform: transform))
    }
}

extension ImageDataset {
    /// Image i is of class i mod the number of classes; halves have different images of the same patterns.
    fileprivate convenience init(
        made count: Int, of patterns: [SyntheticPattern], _ seed: UInt64, half: UInt64, transform: ImageTransform
    ) throws(DatasetError) {
        let size = transform.source.size
        let pixels = AlignedBuffer<UInt8>(count: count * size)
        for index in 0..<count {
            var random = SplitMix64(seed: seed, 2, half, UInt64(index))
            let number = index % patterns.count
            let step = 1 + Int(random.next(below: UInt32(patterns.count - 1)))
            let other = patterns[(number + step) % patterns.count]
            patterns[number].draw(&random, over: other, into: pixels.base + index * size)
        }
        try self.init(
            unpadded: pixels, labels: (0..<count).map { UInt8($0 % patterns.count) },
            classNames: patterns.indices.map(String.init), transform: transform)
    }
}

/// A class's pattern: a coarse grid of random brightness, drawn larger with straight lines between its points.
private struct SyntheticPattern {
    private let dimensions: ImageShape
    private let pixels: [UInt8]  // [C][H][W]

    private static let grid = 5
    private static let noise: UInt32 = 192
    /// Of 256 parts, how many the other pattern has at most.
    private static let largestShare: UInt32 = 120

    init(_ dimensions: ImageShape, seed: UInt64, number: Int) {
        self.dimensions = dimensions
        var random = SplitMix64(seed: seed, 1, UInt64(number))
        var pixels: [UInt8] = []
        pixels.reserveCapacity(dimensions.size)
        for _ in 0..<dimensions.channels {
            let points = (0..<Self.grid * Self.grid).map { _ in Int(random.next(below: 256)) }
            for y in 0..<dimensions.height {
                for x in 0..<dimensions.width {
                    pixels.append(Self.brightness(points, x: x, of: dimensions.width, y: y, of: dimensions.height))
                }
            }
        }
        self.pixels = pixels
    }

    /// Bilinear, in steps of 1/256 between two points of the grid.
    private static func brightness(_ points: [Int], x: Int, of width: Int, y: Int, of height: Int) -> UInt8 {
        let (column, right) = (x * (grid - 1) * 256 / width).quotientAndRemainder(dividingBy: 256)
        let (row, down) = (y * (grid - 1) * 256 / height).quotientAndRemainder(dividingBy: 256)
        let start = row * grid + column
        let above = points[start] * (256 - right) + points[start + 1] * right
        let below = points[start + grid] * (256 - right) + points[start + grid + 1] * right
        return UInt8((above * (256 - down) + below * down) >> 16)
    }

    /// One image of the class; C×H×W bytes.
    func draw(
        _ random: inout SplitMix64, over other: SyntheticPattern, into target: UnsafeMutablePointer<UInt8>
    ) {
        let reach = max(dimensions.width, dimensions.height) / 8
        let right = Int(random.next(below: UInt32(2 * reach + 1))) - reach
        let down = Int(random.next(below: UInt32(2 * reach + 1))) - reach
        let share = Int(random.next(below: Self.largestShare))
        let contrast = Int(random.next(below: 128)) + 128
        var position = 0
        for channel in 0..<dimensions.channels {
            for y in 0..<dimensions.height {
                let row = min(max(y + down, 0), dimensions.height - 1)
                for x in 0..<dimensions.width {
                    let column = min(max(x + right, 0), dimensions.width - 1)
                    let place = (channel * dimensions.height + row) * dimensions.width + column
                    let pixel = (Int(pixels[place]) * (256 - share) + Int(other.pixels[place]) * share) / 256
                    let noise = Int(random.next(below: Self.noise)) - Int(Self.noise) / 2
                    target[position] = UInt8(min(max(pixel * contrast / 256 + noise, 0), 255))
                    position += 1
                }
            }
        }
    }
}
