/// Reads a pickle (protocols 0 to 5, as Python's module pickletools documents the opcodes) into a `PickleGraph`.
///
/// It is inert: it knows by name the few functions that make tensors and containers and does by itself what they would
/// do; everything else stays a name. Nothing is imported, looked up or called.
///
/// Memory is bounded: each object, value and string is charged to an allowance, and running out of it is an error.
struct Unpickler {
    /// What objects may take beyond the size of the file itself, in bytes.
    static let baseAllowance = 40 << 20

    var cursor: ByteCursor
    var graph = PickleGraph()
    var stack: [PickleGraph.Value] = []
    private var marks: [Int] = []
    /// Almost always numbered in order; anything else goes to `sparseMemo`.
    private var memo: [PickleGraph.Value] = []
    private var sparseMemo: [UInt64: PickleGraph.Value] = [:]
    private var stringNumbers: [String: Int32] = [:]
    private var globalNumbers: [PickleGlobal: Int32] = [:]
    private var allowance: Int

    private init(_ cursor: ByteCursor, allowance: Int) {
        self.cursor = cursor
        self.allowance = allowance
    }

    /// Reads one pickle and leaves `cursor` behind it.
    static func read(
        _ cursor: inout ByteCursor, allowance: Int = baseAllowance
    ) throws(CheckpointError) -> PickleGraph {
        var unpickler = Unpickler(cursor, allowance: allowance)
        let root = try unpickler.run()
        unpickler.graph.root = root
        cursor = unpickler.cursor
        return unpickler.graph
    }

    private mutating func run() throws(CheckpointError) -> PickleGraph.Value {
        while true {
            let opcode = try cursor.byte()
            if opcode == UInt8(ascii: ".") { return try pop() }
            if try number(opcode) { continue }
            if try text(opcode) { continue }
            if try structure(opcode) { continue }
            if try container(opcode) { continue }
            if try global(opcode) { continue }
            throw cursor.damaged("0x\(String(opcode, radix: 16)) is no pickle opcode")
        }
    }

    // MARK: - Numbers

    private mutating func number(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "N"): try push(.none)
        case 0x88: try push(.bool(true))
        case 0x89: try push(.bool(false))
        case UInt8(ascii: "J"): try push(.int(Int64(Int32(truncatingIfNeeded: cursor.number(4)))))
        case UInt8(ascii: "K"): try push(.int(Int64(cursor.number(1))))
        case UInt8(ascii: "M"): try push(.int(Int64(cursor.number(2))))
        case UInt8(ascii: "G"): try push(.float(Double(bitPattern: cursor.number(8).byteSwapped)))
        case 0x8A: try longInteger(cursor.length(1))
        case 0x8B: try longInteger(cursor.length(4))
        case UInt8(ascii: "F"): try decimal()
        case UInt8(ascii: "I"), UInt8(ascii: "L"): try integerLine()
        default: return false
        }
        return true
    }

    private mutating func longInteger(_ count: Int) throws(CheckpointError) {
        let bytes = try cursor.take(count)
        guard count > 8 else {
            let shift = 64 - 8 * count
            let value = count == 0 ? 0 : Int64(bitPattern: bytes.littleEndian(at: 0, count) << UInt64(shift)) >> shift
            return try push(.int(value))
        }
        try charge(count)
        try pushObject(.largeInteger([UInt8](bytes)))
    }

    private mutating func decimal() throws(CheckpointError) {
        let line = String(decoding: try cursor.line(), as: UTF8.self)
        guard let value = Double(line) else { throw cursor.damaged("'\(line.prefix(20))' is no number") }
        try push(.float(value))
    }

    /// Protocol 0: "01" and "00" are the booleans, a long ends in L.
    private mutating func integerLine() throws(CheckpointError) {
        var line = String(decoding: try cursor.line(), as: UTF8.self)
        if line == "01" || line == "00" { return try push(.bool(line == "01")) }
        if line.hasSuffix("L") { line.removeLast() }
        guard let value = Int64(line) else { throw cursor.damaged("'\(line.prefix(20))' is no 64-bit integer") }
        try push(.int(value))
    }

    // MARK: - Text and bytes

    private mutating func text(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "X"): try string(cursor.length(4))
        case 0x8C: try string(cursor.length(1))
        case 0x8D: try string(cursor.length(8))
        case UInt8(ascii: "U"): try string(cursor.length(1))
        case UInt8(ascii: "T"): try string(cursor.length(4))
        case UInt8(ascii: "V"): try push(intern(String(decoding: cursor.line(), as: UTF8.self)))
        case UInt8(ascii: "S"): try quotedLine()
        case UInt8(ascii: "C"): try bytes(cursor.length(1))
        case UInt8(ascii: "B"): try bytes(cursor.length(4))
        case 0x8E, 0x96: try bytes(cursor.length(8))
        default: return false
        }
        return true
    }

    private mutating func string(_ count: Int) throws(CheckpointError) {
        try push(intern(String(decoding: cursor.take(count), as: UTF8.self)))
    }

    private mutating func quotedLine() throws(CheckpointError) {
        let line = try cursor.line()
        guard line.count >= 2, line.first == line.last, line.first == 0x27 || line.first == 0x22 else {
            throw cursor.damaged("a text without its quotes")
        }
        try push(intern(String(decoding: line.dropFirst().dropLast(), as: UTF8.self)))
    }

    private mutating func bytes(_ count: Int) throws(CheckpointError) {
        try charge(count)
        try pushObject(.bytes([UInt8](cursor.take(count))))
    }

    /// The same text is kept once, however often a file spells it out.
    private mutating func intern(_ text: String) throws(CheckpointError) -> PickleGraph.Value {
        if let number = stringNumbers[text] { return .string(number) }
        try charge(text.utf8.count + 96)
        let number = Int32(graph.strings.count)
        graph.strings.append(text)
        stringNumbers[text] = number
        return .string(number)
    }

    // MARK: - Stack and memo

    private mutating func structure(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case 0x80: try checkProtocol()
        case 0x95: _ = try cursor.length(8)
        case UInt8(ascii: "("): try mark()
        case UInt8(ascii: "0"): try discard()
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "2"): try push(top())
        case UInt8(ascii: "p"): try remember(as: lineNumber())
        case UInt8(ascii: "q"): try remember(as: cursor.number(1))
        case UInt8(ascii: "r"): try remember(as: cursor.number(4))
        case 0x94: try remember(as: UInt64(memo.count + sparseMemo.count))
        case UInt8(ascii: "g"): try recall(lineNumber())
        case UInt8(ascii: "h"): try recall(cursor.number(1))
        case UInt8(ascii: "j"): try recall(cursor.number(4))
        default: return false
        }
        return true
    }

    /// Protocol 4's frames hint at how much to read ahead; the cursor reads windows of its own.
    private mutating func checkProtocol() throws(CheckpointError) {
        let version = try cursor.byte()
        guard version <= 5 else { throw cursor.damaged("pickle protocol \(version) is unknown") }
    }

    private mutating func mark() throws(CheckpointError) {
        try charge(16)
        marks.append(stack.count)
    }

    private mutating func discard() throws(CheckpointError) {
        if let mark = marks.last, mark == stack.count {
            marks.removeLast()
        } else {
            _ = try pop()
        }
    }

    private mutating func lineNumber() throws(CheckpointError) -> UInt64 {
        let line = String(decoding: try cursor.line(), as: UTF8.self)
        guard let number = UInt64(line) else { throw cursor.damaged("'\(line.prefix(20))' is no memo number") }
        return number
    }

    private mutating func remember(as number: UInt64) throws(CheckpointError) {
        let value = try top()
        if number < UInt64(memo.count) {
            memo[Int(number)] = value
        } else if number == UInt64(memo.count) {
            try charge(24)
            memo.append(value)
        } else {
            try charge(64)
            sparseMemo[number] = value
        }
    }

    private mutating func recall(_ number: UInt64) throws(CheckpointError) {
        if number < UInt64(memo.count) { return try push(memo[Int(number)]) }
        guard let value = sparseMemo[number] else { throw cursor.damaged("memo \(number) was never stored") }
        try push(value)
    }

    mutating func charge(_ byteCount: Int) throws(CheckpointError) {
        allowance -= byteCount
        guard allowance >= 0 else { throw cursor.damaged("more objects than the size of the file warrants") }
    }

    mutating func push(_ value: PickleGraph.Value) throws(CheckpointError) {
        try charge(40)
        stack.append(value)
    }

    mutating func pushObject(_ object: PickleGraph.Object) throws(CheckpointError) {
        try charge(64)
        graph.objects.append(object)
        try push(.object(Int32(graph.objects.count - 1)))
    }

    func top() throws(CheckpointError) -> PickleGraph.Value {
        guard let value = stack.last, stack.count > marks.last ?? 0 else {
            throw cursor.damaged("the pickle's stack is empty")
        }
        return value
    }

    mutating func pop() throws(CheckpointError) -> PickleGraph.Value {
        let value = try top()
        stack.removeLast()
        allowance += 24
        return value
    }

    mutating func popToMark() throws(CheckpointError) -> [PickleGraph.Value] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw cursor.damaged("no mark on the stack") }
        let values = [PickleGraph.Value](stack[mark...])
        stack.removeSubrange(mark...)
        return values
    }

    // MARK: - Names

    private mutating func global(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "c"): try pushGlobal(nameLine(), nameLine())
        case 0x93: try stackGlobal()
        case UInt8(ascii: "R"): try reduce()
        case 0x81: try newObject(withKeywords: false)
        case 0x92: try newObject(withKeywords: true)
        case UInt8(ascii: "b"): try build()
        case UInt8(ascii: "i"): try instantiate(PickleGlobal(nameLine(), nameLine()))
        case UInt8(ascii: "o"): try object()
        case UInt8(ascii: "P"): try linePersistentObject()
        case UInt8(ascii: "Q"): try persistentObject(pop())
        case 0x82, 0x83, 0x84: throw cursor.damaged("an extension code, which no checkpoint uses")
        case 0x97, 0x98: throw cursor.damaged("an out-of-band buffer, which no checkpoint uses")
        default: return false
        }
        return true
    }

    private mutating func nameLine() throws(CheckpointError) -> String {
        String(decoding: try cursor.line(), as: UTF8.self)
    }

    private mutating func pushGlobal(_ module: String, _ name: String) throws(CheckpointError) {
        let global = PickleGlobal(module, name)
        if let number = globalNumbers[global] { return try push(.object(number)) }
        try note(global)
        globalNumbers[global] = Int32(graph.objects.count)
        try pushObject(.global(global))
    }

    private mutating func note(_ global: PickleGlobal) throws(CheckpointError) {
        try charge(global.module.utf8.count + global.name.utf8.count + 192)
        graph.globals.append(global)
    }

    private mutating func stackGlobal() throws(CheckpointError) {
        let name = try pop()
        let module = try pop()
        guard let name = graph.text(name), let module = graph.text(module) else {
            throw cursor.damaged("a global without a name")
        }
        try pushGlobal(module, name)
    }

    /// Protocol 0's way to make an object: the class by name, the arguments since the mark.
    private mutating func instantiate(_ global: PickleGlobal) throws(CheckpointError) {
        if !graph.globals.contains(global) { try note(global) }
        try construct(global, popToMark())
    }

    private mutating func object() throws(CheckpointError) {
        let values = try popToMark()
        guard let callable = values.first else { throw cursor.damaged("an object without a class") }
        try construct(graph.global(callable), Array(values.dropFirst()))
    }

    private mutating func linePersistentObject() throws(CheckpointError) {
        _ = try cursor.line()
        try pushObject(.instance(PickleGraph.Instance(constructor: nil, arguments: [])))
    }
}
