import Tensors

/// Labelled images in memory, as bytes.
///
/// - `pixels`: N×C×H×W bytes, row-major, with as many channels as the files have and with the border already around them
///   (padded once here rather than with every batch: copying rows costs more than making floats of them).
/// - `labels`: one class index an image, each in `0..<classes`.
/// - `dimensions`: the C×H×W that comes out of a `BatchFiller`, after a grey image is repeated over the channels.
///
/// It never changes; a `BatchFiller` makes floats of its images.
package final class ImageDataset: Sendable {
    package let pixels: AlignedBuffer<UInt8>
    package let labels: [UInt8]
    package let classes: Int
    /// The classes' names, or their numbers where the data set does not name them.
    package let classNames: [String]
    let transform: ImageTransform

    package var count: Int { labels.count }
    package var dimensions: ImageShape { transform.output }

    /// - Parameter unpadded: N×C×H×W bytes as the files have them.
    init(
        unpadded: AlignedBuffer<UInt8>, labels: [UInt8], classNames: [String], transform: ImageTransform
    ) throws(DatasetError) {
        precondition(unpadded.count == labels.count * transform.source.size, "images and labels do not agree")
        pixels = try transform.padded(unpadded)
        self.labels = labels
        self.classes = classNames.count
        self.classNames = classNames
        self.transform = transform
    }
}

extension ImageDataset {
    /// The images as they are stored: with the files' channels and the border.
    package var storedDimensions: ImageShape {
        ImageShape(
            channels: transform.source.channels, height: transform.output.height, width: transform.output.width)
    }

    /// The C×H×W bytes of an image.
    package func storedImage(_ index: Int) -> [UInt8] {
        let size = storedDimensions.size
        return Array(pixels.elements[index * size..<(index + 1) * size])
    }
}

/// The two halves of a data set.
package struct DataSplits: Sendable {
    package let train: ImageDataset
    package let test: ImageDataset

    /// Reads both halves; images of one must be as large as images of the other.
    package static func load(_ description: DatasetDescription) throws(DatasetError) -> DataSplits {
        switch description.format {
        case .idx: try loadIDX(description)
        case .cifar10: try loadCIFAR(description, CIFARLayout.ten)
        case .cifar100: try loadCIFAR(description, CIFARLayout.hundred)
        case .synthetic: try makeSynthetic(description)
        }
    }
}
