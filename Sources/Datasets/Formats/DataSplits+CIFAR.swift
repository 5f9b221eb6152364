import Tensors

/// The layout of CIFAR's binary files: records without a header, each one or two labels and then 3×32×32 bytes,
/// channels first.
struct CIFARLayout: Sendable {
    /// The folder that the archive unpacks to, where `data.path` may be the one around it.
    let folder: String
    let trainFiles: [String]
    let testFiles: [String]
    /// Bytes before the pixels, of which the last is the label: CIFAR-100 has the coarse one first.
    let labelBytes: Int
    let classes: Int
    let namesFile: String

    static let ten = CIFARLayout(
        folder: "cifar-10-batches-bin", trainFiles: (1...5).map { "data_batch_\($0).bin" },
        testFiles: ["test_batch.bin"],
        labelBytes: 1, classes: 10, namesFile: "batches.meta.txt")
    static let hundred = CIFARLayout(
        folder: "cifar-100-binary", trainFiles: ["train.bin"], testFiles: ["test.bin"], labelBytes: 2, classes: 100,
        namesFile: "fine_label_names.txt")

    static let dimensions = ImageShape(channels: 3, height: 32, width: 32)
}

extension DataSplits {
    static func loadCIFAR(_ description: DatasetDescription, _ layout: CIFARLayout) throws(DatasetError) -> DataSplits {
        let outer = DataFolder(description.path)
        try outer.expectToExist()
        let folder = outer.holds(layout.folder) ? DataFolder("\(outer.path)/\(layout.folder)") : outer
        let transform = try ImageTransform(description, source: CIFARLayout.dimensions)
        let names = try folder.classNames(in: layout.namesFile, atLeast: layout.classes)
        return DataSplits(
            train: try ImageDataset(layout.trainFiles, in: folder, layout, names, transform),
            test: try ImageDataset(layout.testFiles, in: folder, layout, names, transform))
    }
}

extension ImageDataset {
    fileprivate convenience init(
        _ files: [String], in folder: DataFolder, _ layout: CIFARLayout, _ names: [String], _ transform: ImageTransform
    ) throws(DatasetError) {
        var records = CIFARRecords(layout)
        for file in files {
            try records.read(try folder.find(file))
        }
        try self.init(
            unpadded: records.pixelBuffer(), labels: records.labels, classNames: Array(names.prefix(layout.classes)),
            transform: transform)
    }
}

/// Records gathered from one file after another.
private struct CIFARRecords {
    private(set) var labels: [UInt8] = []
    private var pixels: [UInt8] = []
    private let layout: CIFARLayout

    /// The original's largest file holds 50,000; a gzipped file that unfolds without end stops here.
    private static let mostRecords = 100_000

    init(_ layout: CIFARLayout) {
        self.layout = layout
    }

    mutating func read(_ path: String) throws(DatasetError) {
        let file = try DataFile(path: path)
        let size = CIFARLayout.dimensions.size
        let record = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.labelBytes + size, alignment: 16)
        defer { record.deallocate() }
        var count = 0
        while true {
            let found = try file.read(into: record)
            if found == 0 { break }
            guard found == record.count else {
                throw .truncated(path: path, expected: (count + 1) * record.count, found: count * record.count + found)
            }
            guard count < Self.mostRecords else {
                throw .implausible(
                    path: path, claim: "more than \(count) images", limit: "the data set has 60,000 in all")
            }
            try append(record, from: path, number: count)
            count += 1
        }
        guard count > 0 else { throw .empty(path: path) }
    }

    private mutating func append(
        _ record: UnsafeMutableRawBufferPointer, from path: String, number: Int
    ) throws(DatasetError) {
        let label = record[layout.labelBytes - 1]
        guard label < layout.classes else {
            throw .unknownLabel(path: path, index: number, label: Int(label), classes: layout.classes)
        }
        labels.append(label)
        pixels += record[layout.labelBytes...]
    }

    func pixelBuffer() -> AlignedBuffer<UInt8> {
        let buffer = AlignedBuffer<UInt8>(count: pixels.count)
        _ = buffer.elements.update(fromContentsOf: pixels)
        return buffer
    }
}
