import Tensors

/// The random changes that a training image gets in an epoch.
///
/// They follow from (seed, epoch, image) alone, not from the order in which images are asked for: a resumed run sees the
/// same ones, and so does any number of threads.
package struct Augmentation: Equatable, Sendable {
    package let seed: UInt64
    package let epoch: Int

    package init(seed: UInt64, epoch: Int) {
        self.seed = seed
        self.epoch = epoch
    }

    struct Choice: Equatable {
        /// Where the picture's left upper corner is taken from, relative to its own: −crop…crop.
        let right: Int
        let down: Int
        let isFlipped: Bool
    }

    func choice(for image: Int32, crop: Int, flip: Bool) -> Choice {
        var random = SplitMix64(seed: seed, 3, UInt64(bitPattern: Int64(epoch)), UInt64(UInt32(bitPattern: image)))
        let places = UInt32(2 * crop + 1)
        let right = Int(random.next(below: places)) - crop
        let down = Int(random.next(below: places)) - crop
        return Choice(right: right, down: down, isFlipped: flip && random.next(below: 2) == 1)
    }
}

extension Augmentation.Choice {
    /// Draws an image as the choice has it; C×H×W bytes each. What comes in from outside is zero.
    func draw(
        _ image: UnsafePointer<UInt8>, of dimensions: ImageShape, into target: UnsafeMutablePointer<UInt8>
    ) {
        let (height, width) = (dimensions.height, dimensions.width)
        for row in 0..<dimensions.channels * height {
            let line = target + row * width
            let sourceRow = row % height + down
            guard (0..<height).contains(sourceRow) else {
                line.update(repeating: 0, count: width)
                continue
            }
            let source = image + (row / height * height + sourceRow) * width
            drawRow(source, count: width, into: line)
        }
    }

    private func drawRow(_ source: UnsafePointer<UInt8>, count: Int, into line: UnsafeMutablePointer<UInt8>) {
        let kept = max(count - abs(right), 0)
        let start = min(max(-right, 0), count)
        line.update(repeating: 0, count: count)
        (line + start).update(from: source + min(max(right, 0), count), count: kept)
        guard isFlipped else { return }
        for column in 0..<count / 2 {
            swap(&line[column], &line[count - 1 - column])
        }
    }
}
