// A fuzz target for libFuzzer; `.ci/fuzz` builds and runs it. In the ordinary tests this file is empty.
#if FUZZING
    import Glibc

    /// One file in memory, written anew for each input.
    private let path = "/dev/shm/checkpoint-fuzz-\(getpid())"

    private func explore(_ bytes: [UInt8]) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { fatalError("no file at \(path)") }
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        try? Exploration.explore(path)
    }

    /// Which form of file inputs are made into: `NORMSCOPE_FUZZ` is `safetensors`, or anything else for PyTorch's.
    private let makesSafetensors = getenv("NORMSCOPE_FUZZ").map { String(cString: $0) } == "safetensors"

    /// An even first byte: the rest is a file. An odd one: the rest is a part of one, in an otherwise healthy file.
    private func file(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        let rest = Array(input.dropFirst())
        guard let mode = input.first, mode % 2 == 1 else { return rest }
        return makesSafetensors ? safetensors(header: rest, dataBytes: Int(mode)) : zip(pickle: rest)
    }

    /// A safetensors file with a header, and the data that it asks for.
    private func safetensors(header: [UInt8], dataBytes: Int) -> [UInt8] {
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        return length + header + [UInt8](repeating: 0x3F, count: dataBytes)
    }

    /// A file of PyTorch's with a pickle, beside three storages.
    private func zip(pickle: [UInt8]) -> [UInt8] {
        var zip = ZipBuilder()
        zip.add("archive/data.pkl", pickle)
        for number in 0..<3 { zip.add("archive/data/\(number)", [UInt8](repeating: 0x40, count: 64)) }
        return zip.bytes()
    }

    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
        explore(file(UnsafeRawBufferPointer(start: start, count: count)))
        return 0
    }
#endif
