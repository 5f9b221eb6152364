import Tensors

/// A converter of a data set's bytes into batches of floats, as `DatasetDescription` says: row by row, in a vectorised
/// loop over contiguous bytes. Nothing is allocated after `init`. One filler belongs to one thread at a time.
package struct BatchFiller {
    private let dataset: ImageDataset
    /// One image of bytes, changed at random.
    private let scratch: AlignedBuffer<UInt8>  // [C][H][W]

    package init(_ dataset: ImageDataset) {
        self.dataset = dataset
        scratch = AlignedBuffer(count: dataset.transform.stored.size)
    }

    /// Fills `batch` with the images that `indices` name, and sets its count.
    ///
    /// - Parameter augmentation: for training; without it, images come as they are.
    /// - Precondition: the batch has the data set's dimensions and room for all of them.
    package func fill(_ batch: Batch, with indices: ArraySlice<Int32>, augmentation: Augmentation? = nil) {
        let output = dataset.dimensions, layout = batch.layout
        precondition(
            layout.channels == output.channels && layout.extent == Extent(1, output.height, output.width),
            "a batch of \(layout.channels) channels of \(layout.extent) for images of \(output)")
        batch.count = indices.count
        for (position, index) in zip(0..., indices) {
            precondition(index >= 0 && index < dataset.count, "image \(index) of \(dataset.count)")
            batch.labels[position] = Int32(dataset.labels[Int(index)])
            convert(bytes(of: index, augmentation), to: batch.images.base + position * layout.imageStride, layout)
        }
    }

    /// An image's stored bytes, or in the scratch image what the augmentation makes of them.
    private func bytes(of index: Int32, _ augmentation: Augmentation?) -> UnsafePointer<UInt8> {
        let transform = dataset.transform
        let stored = UnsafePointer(dataset.pixels.base) + Int(index) * transform.stored.size
        guard let augmentation, transform.crop > 0 || transform.flip else { return stored }
        augmentation.choice(for: index, crop: transform.crop, flip: transform.flip)
            .draw(stored, of: transform.stored, into: scratch.base)
        return UnsafePointer(scratch.base)
    }

    /// Stored bytes → floats. A grey image's planes that are equal are converted once and copied, with their halo of
    /// zeros.
    private func convert(_ bytes: UnsafePointer<UInt8>, to image: UnsafeMutablePointer<Float>, _ layout: PlanarLayout) {
        let transform = dataset.transform, isGrey = transform.source.channels == 1
        let (height, width) = (layout.extent.height, layout.extent.width)
        for channel in 0..<layout.channels {
            if isGrey && channel > 0 && transform.mean[channel] == transform.mean[0]
                && transform.std[channel] == transform.std[0]
            {
                (image + channel * layout.channelStride).update(from: image, count: layout.channelStride)
                continue
            }
            let plane = bytes + (isGrey ? 0 : channel * height * width)
            for y in 0..<height {
                Self.convert(
                    plane + y * width, to: image + layout.row(channel: channel, 0, y), count: width,
                    mean: transform.mean[channel], std: transform.std[channel])
            }
        }
    }

    /// `ToTensor` and `Normalize`, in their order and precision; the division by 255 is a division there too.
    private static func convert(
        _ bytes: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<Float>, count: Int, mean: Float, std: Float
    ) {
        if mean == 0 && std == 1 {
            for index in 0..<count {
                target[index] = Float(bytes[index]) / 255
            }
        } else {
            for index in 0..<count {
                target[index] = (Float(bytes[index]) / 255 - mean) / std
            }
        }
    }
}
