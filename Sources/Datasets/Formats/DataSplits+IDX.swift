import Glibc
import Tensors

/// Reading a folder with MNIST's four files: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same for
/// `t10k`, each as it is or with `.gz`; and, if someone put it there, `classes.txt` with one class name a line.
extension DataSplits {
    static func loadIDX(_ description: DatasetDescription) throws(DatasetError) -> DataSplits {
        let folder = DataFolder(description.path)
        try folder.expectToExist()
        let train = try IDXHalf(folder, prefix: "train")
        let test = try IDXHalf(folder, prefix: "t10k")
        guard train.dimensions == test.dimensions else {
            throw .shapesDiffer(train: "\(train.dimensions)", test: "\(test.dimensions)")
        }
        let transform = try ImageTransform(description, source: train.dimensions)
        let classNames = try folder.classNames(in: "classes.txt", atLeast: train.largestLabel + 1)
        try train.expectLabels(below: classNames.count)
        try test.expectLabels(below: classNames.count)
        return DataSplits(
            train: try train.dataset(classNames: classNames, transform: transform),
            test: try test.dataset(classNames: classNames, transform: transform))
    }
}

/// The images and labels of one half, known to belong together.
private struct IDXHalf {
    let images: IDXFile
    let labels: IDXFile

    init(_ folder: DataFolder, prefix: String) throws(DatasetError) {
        labels = try IDXFile(path: try folder.find("\(prefix)-labels-idx1-ubyte"), kind: .labels)
        images = try IDXFile(path: try folder.find("\(prefix)-images-idx3-ubyte"), kind: .images)
        guard images.dimensions[0] == labels.dimensions[0] else {
            throw .countsDiffer(
                images: images.path, imageCount: images.dimensions[0], labels: labels.path,
                labelCount: labels.dimensions[0])
        }
    }

    var dimensions: ImageShape {
        ImageShape(channels: 1, height: images.dimensions[1], width: images.dimensions[2])
    }

    var largestLabel: Int { Int(labels.elements.elements.max() ?? 0) }

    func expectLabels(below classes: Int) throws(DatasetError) {
        guard let index = labels.elements.elements.firstIndex(where: { Int($0) >= classes }) else { return }
        throw .unknownLabel(path: labels.path, index: index, label: Int(labels.elements[index]), classes: classes)
    }

    func dataset(classNames: [String], transform: ImageTransform) throws(DatasetError) -> ImageDataset {
        try ImageDataset(
            unpadded: images.elements, labels: Array(labels.elements.elements), classNames: classNames,
            transform: transform)
    }
}
