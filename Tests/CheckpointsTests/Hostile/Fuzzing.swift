// Two fuzz targets for libFuzzer; `.ci/fuzz-checkpoints` builds and runs them. In the ordinary tests this file is empty.
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

    #if FUZZ_SAFETENSORS
        /// An even first byte: the rest is a file. An odd one: the rest is a header, and the data that it asks for follows.
        private func file(_ input: UnsafeRawBufferPointer) -> [UInt8] {
            guard let mode = input.first, mode % 2 == 1 else { return Array(input.dropFirst()) }
            let header = Array(input.dropFirst())
            let data = [UInt8](repeating: 0x3F, count: Int(mode))
            return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header + data
        }
    #else
        /// An even first byte: the rest is a file. An odd one: the rest is the pickle of one, beside three storages.
        private func file(_ input: UnsafeRawBufferPointer) -> [UInt8] {
            guard let mode = input.first, mode % 2 == 1 else { return Array(input.dropFirst()) }
            var zip = ZipBuilder()
            zip.add("archive/data.pkl", Array(input.dropFirst()))
            for number in 0..<3 { zip.add("archive/data/\(number)", [UInt8](repeating: 0x40, count: 64)) }
            return zip.bytes()
        }
    #endif

    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
        explore(file(UnsafeRawBufferPointer(start: start, count: count)))
        return 0
    }
#endif
