/// The header of a safetensors file: a JSON object with a description of each tensor, read strictly and without building
/// anything that could outgrow it.
struct SafetensorsHeader: Sendable {
    struct Tensor: Sendable {
        let name: String
        let type: ElementType
        let shape: [Int]
        /// Where its bytes stand, counted from the end of the header.
        let bytes: Range<Int>
    }

    private(set) var tensors: [Tensor] = []
    private(set) var metadata: [(key: String, value: String)] = []

    private static let tensorLimit = 100_000
    private static let typeNames: [String: ElementType] = [
        "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "F8_E4M3": .float8e4m3fn,
        "F8_E5M2": .float8e5m2, "I64": .int64, "I32": .int32, "I16": .int16, "I8": .int8, "U64": .uint64,
        "U32": .uint32, "U16": .uint16, "U8": .uint8, "BOOL": .bool, "C64": .complex64,
    ]

    static func name(of type: ElementType) -> String? {
        typeNames.first { $0.value == type }?.key
    }

    /// Reads the header at the cursor, to its end; `dataByteCount` bytes of tensors follow it.
    init(_ cursor: consuming JSONCursor, dataByteCount: Int) throws(CheckpointError) {
        var json = cursor
        var names: Set<String> = []
        var header = SafetensorsHeader()
        try json.object { json, key throws(CheckpointError) in
            guard names.insert(key).inserted else { throw json.damaged("'\(key)' is listed twice") }
            if key == "__metadata__" {
                header.metadata = try json.texts(limit: Self.tensorLimit)
            } else {
                header.tensors.append(try Self.tensor(key, &json))
            }
            guard header.tensors.count <= Self.tensorLimit else { throw json.damaged("too many tensors") }
        }
        try json.end()
        try header.checkCoverage(dataByteCount, json)
        self = header
    }

    private init() {}

    private static func tensor(_ name: String, _ json: inout JSONCursor) throws(CheckpointError) -> Tensor {
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try json.object { json, key throws(CheckpointError) in
            switch key {
            case "dtype": typeName = try json.text()
            case "shape": shape = try json.counts(limit: 64)
            case "data_offsets": offsets = try json.counts(limit: 2)
            default: try json.skip()
            }
        }
        guard let typeName, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
            throw json.damaged("'\(name)' lacks dtype, shape or data_offsets")
        }
        guard let type = typeNames[typeName] else {
            throw .unsupported(
                path: json.path, what: "tensor '\(name)' holds \(typeName), which is not known here",
                advice: "convert it and save again")
        }
        let needed = StoredTensor.product(shape)?.multipliedReportingOverflow(by: type.byteCount)
        guard let needed, !needed.overflow, needed.partialValue == offsets[1] - offsets[0] else {
            throw json.damaged(
                "'\(name)' of shape \(shape) and type \(typeName) does not take \(offsets[1] - offsets[0]) bytes")
        }
        return Tensor(name: name, type: type, shape: shape, bytes: offsets[0]..<offsets[1])
    }

    /// Throws unless the tensors follow one another without overlap or hole, from the header's end to the file's.
    private func checkCoverage(_ byteCount: Int, _ json: JSONCursor) throws(CheckpointError) {
        var position = 0
        let ordered = tensors.sorted {
            ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
        }
        for tensor in ordered {
            guard tensor.bytes.lowerBound == position else {
                let what =
                    tensor.bytes.lowerBound < position ? "overlaps what stands before it" : "leaves a hole before it"
                throw json.damaged("'\(tensor.name)' at byte \(tensor.bytes.lowerBound) of the data \(what)")
            }
            position = tensor.bytes.upperBound
        }
        guard position == byteCount else {
            throw json.damaged("the tensors take \(position) bytes, \(byteCount) follow the header")
        }
    }
}
