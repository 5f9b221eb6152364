/// The type of a tensor's elements; the raw value is PyTorch's word for it (`torch.float32` is "float32").
package enum ElementType: String, CaseIterable, Sendable {
    case float64, float32, float16, bfloat16
    case float8e4m3fn = "float8_e4m3fn"
    case float8e5m2 = "float8_e5m2"
    case int64, int32, int16, int8
    case uint64, uint32, uint16, uint8
    case bool
    case complex64, complex128

    /// Bytes an element.
    package var byteCount: Int {
        switch self {
        case .float8e4m3fn, .float8e5m2, .int8, .uint8, .bool: 1
        case .float16, .bfloat16, .int16, .uint16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64, .uint64, .complex64: 8
        case .complex128: 16
        }
    }

    /// Bytes of the numbers an element is made of, which is what a foreign byte order reverses.
    package var componentByteCount: Int { isComplex ? byteCount / 2 : byteCount }

    package var isComplex: Bool { self == .complex64 || self == .complex128 }

    package var isFloatingPoint: Bool {
        switch self {
        case .float64, .float32, .float16, .bfloat16, .float8e4m3fn, .float8e5m2: true
        default: false
        }
    }

    package var isInteger: Bool { !isFloatingPoint && !isComplex }

    /// The class in the module `torch` that names the type in a file (`FloatStorage`), or nil for the newer types, which
    /// are stored as untyped bytes.
    package var storageClass: String? {
        switch self {
        case .float64: "DoubleStorage"
        case .float32: "FloatStorage"
        case .float16: "HalfStorage"
        case .bfloat16: "BFloat16Storage"
        case .int64: "LongStorage"
        case .int32: "IntStorage"
        case .int16: "ShortStorage"
        case .int8: "CharStorage"
        case .uint8: "ByteStorage"
        case .bool: "BoolStorage"
        case .complex64: "ComplexFloatStorage"
        case .complex128: "ComplexDoubleStorage"
        case .float8e4m3fn, .float8e5m2, .uint64, .uint32, .uint16: nil
        }
    }

    init?(storageClass: String) {
        guard let match = Self.allCases.first(where: { $0.storageClass == storageClass }) else { return nil }
        self = match
    }
}
