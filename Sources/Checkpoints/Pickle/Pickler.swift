/// Writes a `PickleValue` in protocol 2, the way `torch.save` does: tensors become calls of `torch._utils._rebuild_tensor_v2`
/// over persistent ids, their storages numbered in the order of first mention.
///
/// Only opcodes that `torch.load(weights_only=True)` accepts are used, unless the value names objects it refuses.
struct Pickler {
    private(set) var bytes: [UInt8] = [0x80, 2]
    /// In the order of their numbers, each once.
    private(set) var storages: [StoragePayload] = []
    private var storageNumbers: [ObjectIdentifier: Int] = [:]
    private var memo: [Remembered: UInt32] = [:]

    /// What is written once and fetched from the memo afterwards, as names and texts repeat with every tensor.
    private enum Remembered: Hashable {
        case text(String)
        case global(PickleGlobal)
    }

    static func pickle(_ value: PickleValue) -> (bytes: [UInt8], storages: [StoragePayload]) {
        var pickler = Pickler()
        pickler.write(value)
        pickler.opcode(".")
        return (pickler.bytes, pickler.storages)
    }

    private mutating func write(_ value: PickleValue) {
        switch value {
        case .none: opcode("N")
        case .bool(let flag): bytes.append(flag ? 0x88 : 0x89)
        case .int(let number): write(number)
        case .float(let number): write(number)
        case .string(let text): write(text)
        case .bytes(let content): write(content)
        case .list(let items): list(items)
        case .tuple(let items): tuple(items)
        case .set(let items): set(items)
        case .dictionary(let entries): dictionary(entries)
        case .ordered(let entries, let attributes): ordered(entries, attributes)
        case .tensor(let tensor): write(tensor)
        case .global(let global): write(global)
        case .object(let constructor, let arguments, let state): object(constructor, arguments, state)
        }
    }

    private mutating func opcode(_ character: Unicode.Scalar) {
        bytes.append(UInt8(ascii: character))
    }

    private mutating func littleEndian(_ value: UInt64, _ byteCount: Int) {
        for index in 0..<byteCount { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }

    // MARK: - Numbers and text

    private mutating func write(_ number: Int64) {
        switch number {
        case 0...255:
            opcode("K")
            littleEndian(UInt64(number), 1)
        case 256...65535:
            opcode("M")
            littleEndian(UInt64(number), 2)
        case Int64(Int32.min)...Int64(Int32.max):
            opcode("J")
            littleEndian(UInt64(bitPattern: number), 4)
        default:
            bytes += [0x8A, 8]
            littleEndian(UInt64(bitPattern: number), 8)
        }
    }

    private mutating func write(_ number: Double) {
        opcode("G")
        littleEndian(number.bitPattern.byteSwapped, 8)
    }

    private mutating func write(_ text: String) {
        remembered(.text(text)) { pickler in
            pickler.opcode("X")
            pickler.littleEndian(UInt64(text.utf8.count), 4)
            pickler.bytes += text.utf8
        }
    }

    /// Protocol 2 has no bytes: Python writes a call of `_codecs.encode` with the bytes as a Latin-1 text.
    private mutating func write(_ content: [UInt8]) {
        let text = String(String.UnicodeScalarView(content.map { Unicode.Scalar($0) }))
        write(PickleGlobal("_codecs", "encode"))
        tuple([.string(text), .string("latin1")])
        opcode("R")
    }

    private mutating func write(_ global: PickleGlobal) {
        remembered(.global(global)) { pickler in
            pickler.opcode("c")
            pickler.bytes += Array("\(global.module)\n\(global.name)\n".utf8)
        }
    }

    private mutating func remembered(_ what: Remembered, _ spell: (inout Pickler) -> Void) {
        if let number = memo[what] { return numbered("h", "j", number) }
        spell(&self)
        let number = UInt32(memo.count)
        memo[what] = number
        numbered("q", "r", number)
    }

    private mutating func numbered(_ short: Unicode.Scalar, _ long: Unicode.Scalar, _ number: UInt32) {
        opcode(number < 256 ? short : long)
        littleEndian(UInt64(number), number < 256 ? 1 : 4)
    }

    // MARK: - Containers

    private mutating func list(_ items: [PickleValue]) {
        opcode("]")
        guard !items.isEmpty else { return }
        opcode("(")
        items.forEach { write($0) }
        opcode("e")
    }

    private mutating func tuple(_ items: [PickleValue]) {
        guard !items.isEmpty else { return opcode(")") }
        if items.count > 3 { opcode("(") }
        items.forEach { write($0) }
        if items.count > 3 { opcode("t") } else { bytes.append(0x84 + UInt8(items.count)) }
    }

    private mutating func set(_ items: [PickleValue]) {
        write(PickleGlobal("__builtin__", "set"))
        tuple([.list(items)])
        opcode("R")
    }

    private mutating func dictionary(_ entries: [PickleValue.Entry]) {
        opcode("}")
        store(entries)
    }

    private mutating func ordered(_ entries: [PickleValue.Entry], _ attributes: [PickleValue.Entry]) {
        emptyOrdered()
        store(entries)
        guard !attributes.isEmpty else { return }
        dictionary(attributes)
        opcode("b")
    }

    private mutating func emptyOrdered() {
        write(PickleGlobal("collections", "OrderedDict"))
        opcode(")")
        opcode("R")
    }

    private mutating func store(_ entries: [PickleValue.Entry]) {
        guard !entries.isEmpty else { return }
        opcode("(")
        for entry in entries {
            write(entry.key)
            write(entry.value)
        }
        opcode("u")
    }

    private mutating func object(_ constructor: PickleGlobal, _ arguments: [PickleValue]?, _ state: PickleValue?) {
        write(constructor)
        tuple(arguments ?? [])
        if arguments == nil { bytes.append(0x81) } else { opcode("R") }
        guard let state else { return }
        write(state)
        opcode("b")
    }

    // MARK: - Tensors

    private mutating func write(_ tensor: TensorPayload) {
        if tensor.isParameter { write(PickleGlobal("torch._utils", "_rebuild_parameter")) }
        view(tensor)
        guard tensor.isParameter else { return }
        bytes.append(tensor.type.isFloatingPoint || tensor.type.isComplex ? 0x88 : 0x89)
        emptyOrdered()
        bytes.append(0x87)
        opcode("R")
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`; the newer types have no storage class
    /// of their own and go by `_rebuild_tensor_v3`, with the type at the end.
    private mutating func view(_ tensor: TensorPayload) {
        let isTyped = tensor.type.storageClass != nil
        write(PickleGlobal("torch._utils", isTyped ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3"))
        opcode("(")
        persistentID(tensor)
        write(Int64(tensor.offset))
        tuple(tensor.shape.map { .int(Int64($0)) })
        tuple(tensor.strides.map { .int(Int64($0)) })
        bytes.append(0x89)
        emptyOrdered()
        if !isTyped { write(PickleGlobal("torch", tensor.type.rawValue)) }
        opcode("t")
        opcode("R")
    }

    private mutating func persistentID(_ tensor: TensorPayload) {
        opcode("(")
        write("storage")
        if let storageClass = tensor.type.storageClass {
            write(PickleGlobal("torch", storageClass))
        } else {
            write(PickleGlobal("torch.storage", "UntypedStorage"))
        }
        write(String(number(of: tensor.storage)))
        write("cpu")
        let elementSize = tensor.type.storageClass == nil ? 1 : tensor.type.byteCount
        write(Int64(tensor.storage.byteCount / elementSize))
        opcode("t")
        opcode("Q")
    }

    private mutating func number(of storage: StoragePayload) -> Int {
        if let number = storageNumbers[ObjectIdentifier(storage)] { return number }
        storageNumbers[ObjectIdentifier(storage)] = storages.count
        storages.append(storage)
        return storages.count - 1
    }
}
