import CZlib
import Foundation

/// A folder with a small data set in it, removed when the test is over.
final class DataFolderFixture {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("normscope-data-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Two training images of 2×3 (bytes 0…5 and 10…15, classes 0 and 2) and one test image, as MNIST's files.
    static func small() throws -> DataFolderFixture {
        let folder = try DataFolderFixture()
        try folder.write("train-images-idx3-ubyte", idxImages(2, 2, 3, Array(0...5) + Array(10...15)))
        try folder.write("train-labels-idx1-ubyte", idxLabels([0, 2]))
        try folder.write("t10k-images-idx3-ubyte", idxImages(1, 2, 3, Array(250...255)))
        try folder.write("t10k-labels-idx1-ubyte", idxLabels([1]))
        return folder
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path).appendingPathComponent(name))
    }

    func writeGzipped(_ name: String, _ bytes: [UInt8]) throws {
        let file = gzopen("\(path)/\(name)", "wb9")
        defer { gzclose(file) }
        guard gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count) else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path).appendingPathComponent(name)))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    static func idxImages(_ count: UInt32, _ height: UInt32, _ width: UInt32, _ pixels: [UInt8]) -> [UInt8] {
        [0x803, count, height, width].flatMap(bigEndian) + pixels
    }

    static func idxLabels(_ labels: [UInt8]) -> [UInt8] {
        [0x801, UInt32(labels.count)].flatMap(bigEndian) + labels
    }

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
