import Tensors

/// Makes batches of floats from a data set's bytes, as `DatasetDescription` says: plane by plane, in one vectorised loop
/// over contiguous bytes. Nothing is allocated.
package struct BatchFiller {
    private let dataset: ImageDataset

    package init(_ dataset: ImageDataset) {
        self.dataset = dataset
    }

    /// Fills `batch` with the images that `indices` name, and sets its count.
    ///
    /// - Precondition: the batch has the data set's dimensions and room for all of them.
    package func fill(_ batch: Batch, with indices: ArraySlice<Int32>) {
        let output = dataset.dimensions
        precondition(
            batch.channels == output.channels && batch.height == output.height && batch.width == output.width,
            "a batch of \(batch.channels)×\(batch.height)×\(batch.width) for images of \(output)")
        batch.count = indices.count
        for (position, index) in zip(0..., indices) {
            precondition(index >= 0 && index < dataset.count, "image \(index) of \(dataset.count)")
            batch.labels[position] = Int32(dataset.labels[Int(index)])
            let bytes = dataset.pixels.base + Int(index) * dataset.transform.stored.size
            convert(UnsafePointer(bytes), to: batch.images.base + position * output.size)
        }
    }

    /// Stored bytes → C×H×W floats. A grey image's planes that are equal are converted once and copied.
    private func convert(_ bytes: UnsafePointer<UInt8>, to images: UnsafeMutablePointer<Float>) {
        let output = dataset.dimensions
        let transform = dataset.transform
        let plane = output.height * output.width
        let isGrey = transform.source.channels == 1
        for channel in 0..<output.channels {
            let target = images + channel * plane
            if isGrey && channel > 0 && transform.mean[channel] == transform.mean[0]
                && transform.std[channel] == transform.std[0]
            {
                target.update(from: images, count: plane)
            } else {
                Self.convert(
                    bytes + (isGrey ? 0 : channel * plane), to: target, count: plane,
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
