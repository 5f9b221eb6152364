/// A TensorProto as it stands in a record: type, shape, and where its elements are. Nothing is copied until asked for.
struct TensorMessage {
    /// TensorFlow's DataType; those that a log of training has.
    enum ElementType: UInt64 {
        case float = 1
        case double = 2
        case int32 = 3
        case uint8 = 4
        case int16 = 5
        case int8 = 6
        case string = 7
        case int64 = 9
        case bool = 10
        case bfloat16 = 14
        case uint16 = 17
        case half = 19
        case uint32 = 22
        case uint64 = 23
        case other = 0

        var isReal: Bool { self != .string && self != .other }
    }

    /// More elements than this are no statistics of a layer; whoever logs them isn't looking at them in a terminal.
    static let elementLimit = 1 << 24

    private(set) var type = ElementType.other
    private(set) var shape: [Int] = []
    /// Elements as the machine has them, little-endian and row-major, if the writer chose that form.
    private var content: UnsafeRawBufferPointer?
    let messageBytes: UnsafeRawBufferPointer

    /// Nil if the message is malformed or its shape can't be.
    init?(_ message: UnsafeRawBufferPointer) {
        messageBytes = message
        var reader = WireReader(message)
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return nil }
            switch key {
            case 1 << 3:
                guard let number = reader.varint() else { return nil }
                type = ElementType(rawValue: number) ?? .other
            case 2 << 3 | 2:
                guard let bytes = reader.bytes(), let shape = Self.shape(bytes) else { return nil }
                self.shape = shape
            case 4 << 3 | 2:
                guard let bytes = reader.bytes() else { return nil }
                if !bytes.isEmpty { content = bytes }
            default:
                guard reader.skip(key) else { return nil }
            }
        }
        guard elementCount <= Self.elementLimit else { return nil }
    }

    /// The product of the shape, or a number above `elementLimit` if it is larger than that.
    var elementCount: Int {
        guard !shape.contains(0) else { return 0 }
        return shape.reduce(1) { min($0 * min($1, Self.elementLimit + 1), Self.elementLimit + 1) }
    }

    /// TensorShapeProto: repeated field 2, each with field 1, the size.
    private static func shape(_ message: UnsafeRawBufferPointer) -> [Int]? {
        var reader = WireReader(message)
        var shape: [Int] = []
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return nil }
            guard key == 2 << 3 | 2 else {
                guard reader.skip(key) else { return nil }
                continue
            }
            guard let dimension = reader.bytes(), let size = size(dimension), shape.count < 255 else { return nil }
            shape.append(size)
        }
        return shape
    }

    private static func size(_ dimension: UnsafeRawBufferPointer) -> Int? {
        var reader = WireReader(dimension)
        var size = 0
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return nil }
            if key == 1 << 3 {
                guard let value = reader.varint(), let exact = Int(exactly: value) else { return nil }
                size = exact
            } else {
                guard reader.skip(key) else { return nil }
            }
        }
        return size
    }
}

extension TensorMessage {
    /// The elements as 32-bit floats, whatever their type; nil if they aren't numbers or don't fill the shape.
    func floats() -> [Float]? {
        numbers { Float($0) }
    }

    func doubles() -> [Double]? {
        numbers { $0 }
    }

    /// The strings; nil if these aren't strings. Not more than are there, whatever the shape says.
    func strings() -> [String]? {
        guard type == .string else { return nil }
        var reader = WireReader(messageBytes)
        var strings: [String] = []
        while let key = reader.varint() {
            if key == 8 << 3 | 2 {
                guard let bytes = reader.bytes() else { return nil }
                strings.append(String(repairing: bytes))
            } else {
                guard reader.skip(key) else { return nil }
            }
        }
        return strings
    }

    private func numbers<Number>(_ convert: (Double) -> Number) -> [Number]? {
        guard type.isReal else { return nil }
        var numbers: [Number] = []
        guard content.map({ read($0, &numbers, convert) }) ?? readFields(&numbers, convert) else { return nil }
        return fill(&numbers)
    }

    /// A writer may leave out trailing elements that equal the last one. A shape that asks for many more than are there
    /// is one of a constant, which nobody logs on purpose: it is held to what a log of channels needs.
    private func fill<Number>(_ numbers: inout [Number]) -> [Number]? {
        guard numbers.count < elementCount else { return numbers.count == elementCount ? numbers : nil }
        guard let last = numbers.last, elementCount <= max(numbers.count, 1 << 16) else { return nil }
        numbers.append(contentsOf: repeatElement(last, count: elementCount - numbers.count))
        return numbers
    }
}
