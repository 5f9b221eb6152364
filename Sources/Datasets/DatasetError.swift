/// An error of a data set on disk, or of what an experiment asks of it. Each message is one line: what, where,
/// and what to do.
package enum DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The folder that `data.path` names is not there.
    case folderMissing(path: String)
    /// A file of the data set is not there; `names` are those that were tried.
    case fileMissing(folder: String, names: [String])
    case unreadable(path: String, reason: String)
    /// zlib does not accept the compressed bytes after `offset` bytes of output.
    case corruptGzip(path: String, offset: Int, problem: String)
    /// The first four bytes are not those of an IDX file of the wanted kind.
    case notIDX(path: String, kind: String, expected: UInt32, found: UInt32)
    case truncated(path: String, expected: Int, found: Int)
    case trailingBytes(path: String, expected: Int)
    /// A header that claims more than its file can hold, or sizes that no image has.
    case implausible(path: String, claim: String, limit: String)
    case empty(path: String)
    case countsDiffer(images: String, imageCount: Int, labels: String, labelCount: Int)
    case shapesDiffer(train: String, test: String)
    case unknownLabel(path: String, index: Int, label: Int, classes: Int)
    /// An option of `data` that does not fit this data set.
    case badOption(name: String, found: String, expected: String)

    package var description: String {
        switch self {
        case .folderMissing(let path):
            "\(path): no such folder: \(Self.advice(for: path))"
        case .fileMissing(let folder, let names):
            "\(folder): holds no \(names.joined(separator: " or ")): \(Self.advice(for: folder))"
        case .unreadable(let path, let reason):
            "\(path): cannot be read: \(reason)"
        case .corruptGzip(let path, let offset, let problem):
            "\(path): damaged gzip data after \(offset) bytes of content (\(problem)): fetch the file again"
        case .notIDX(let path, let kind, let expected, let found):
            "\(path): not an IDX file of \(kind): expected magic number \(expected), found \(found)"
        case .truncated(let path, let expected, let found):
            "\(path): truncated: expected \(expected) bytes, found \(found): fetch the file again"
        case .trailingBytes(let path, let expected):
            "\(path): holds more than the \(expected) bytes that its header announces: fetch the file again"
        case .implausible(let path, let claim, let limit):
            "\(path): the header announces \(claim), which cannot be right (\(limit)): fetch the file again"
        case .empty(let path):
            "\(path): holds no images"
        case .countsDiffer(let images, let imageCount, let labels, let labelCount):
            "\(images) holds \(imageCount) images but \(labels) holds \(labelCount) labels: they do not belong together"
        case .shapesDiffer(let train, let test):
            "training images are \(train) but test images are \(test): they do not belong together"
        case .unknownLabel(let path, let index, let label, let classes):
            "\(path): label \(label) of image \(index) is not one of the \(classes) classes (0 to \(classes - 1))"
        case .badOption(let name, let found, let expected):
            "data.\(name) is \(found): expected \(expected)"
        }
    }

    private static let debianFolder = "/usr/share/datasets/fashion-mnist"

    private static func advice(for path: String) -> String {
        path == debianFolder || path.hasPrefix(debianFolder + "/")
            ? "apt install dataset-fashion-mnist" : "set data.path in the experiment, or --data FOLDER"
    }
}
