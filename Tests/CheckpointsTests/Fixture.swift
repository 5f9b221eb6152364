import Foundation
import Testing

@testable import Checkpoints

/// A file that real PyTorch wrote, and what PyTorch says it holds.
struct Fixture {
    struct Description: Decodable {
        let tensors: [Tensor]
        var printed: String?
    }

    struct Tensor: Decodable {
        let name: String
        let dtype: String
        let shape: [Int]
        let stride: [Int]
        let values: [Number]
    }

    /// JSON has no word for what isn't finite: "nan", "inf" and "-inf" are texts.
    enum Number: Decodable {
        case integer(Int64)
        case float(Double)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Int64.self) {
                self = .integer(value)
            } else if let value = try? container.decode(Double.self) {
                self = .float(value)
            } else {
                self = .float(try #require(Double(container.decode(String.self))))
            }
        }

        var double: Double {
            switch self {
            case .integer(let value): Double(value)
            case .float(let value): value
            }
        }
    }

    static let folder = Bundle.module.resourceURL!.appendingPathComponent("Fixtures").path

    /// The two files of the lesson are there.
    static let sampleData = #filePath.components(separatedBy: "/Tests/")[0] + "/sample-data"

    /// Every file of both PyTorch versions that has a description beside it.
    static let described: [String] = ["torch-2.15", "torch-1.13"].flatMap { version in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + version)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { version + "/" + $0.dropLast(".json".count) }
    }

    let path: String

    /// Whether the order of tensors in the file means something: safetensors orders by size, TorchScript in its own way.
    var isOrdered: Bool { !path.hasSuffix(".safetensors") && !path.hasSuffix(".pt") }

    /// - Parameter name: the path below the folder of fixtures, such as "torch-2.15/state_dict.pth".
    init(_ name: String) {
        path = Self.folder + "/" + name
    }

    func description() throws -> Description {
        try JSONDecoder().decode(Description.self, from: Data(contentsOf: URL(fileURLWithPath: path + ".json")))
    }

    func bytes() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

/// A folder for one test, removed afterwards.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "checkpoints-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }

    var contents: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}
