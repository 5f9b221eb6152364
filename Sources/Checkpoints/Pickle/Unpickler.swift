/// Reads a pickle (protocols 0 to 5, as Python's module pickletools documents the opcodes) into a `PickleGraph`.
///
/// It is inert: it knows by name the few functions that make tensors and containers and does by itself what they would
/// do; everything else stays a name. Nothing is imported, looked up or called.
///
/// Memory is bounded: each object, value and string is charged to an allowance, and running out of it is an error.
struct Unpickler {
    /// What objects may take in bytes: as much as the file, and some. The upper limit keeps their numbers in 32 bits.
    static func allowance(fileByteCount: Int) -> Int { min(fileByteCount + (40 << 20), 2 << 30) }

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
        _ cursor: inout ByteCursor, allowance: Int
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

    /// The same text is kept once, however often a file spells it out.
    mutating func intern(_ text: String) throws(CheckpointError) -> PickleGraph.Value {
        if let number = stringNumbers[text] { return .string(number) }
        try charge(text.utf8.count + 96)
        let number = Int32(graph.strings.count)
        graph.strings.append(text)
        stringNumbers[text] = number
        return .string(number)
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
