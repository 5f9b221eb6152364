import Glibc

/// The newest lines of a text file that grows. It holds at most `longest` bytes of it.
struct LogTail {
    private static let longest = 256 * 1024
    private let path: String
    private var size: off_t = -1
    private(set) var lines: [String] = []

    init(path: String) {
        self.path = path
    }

    /// Reads the file's end if its size has changed; whether it had.
    mutating func poll() -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_size != size else { return false }
        size = info.st_size
        let start = max(0, size - off_t(Self.longest))
        var bytes = [UInt8](repeating: 0, count: Int(size - start))
        let count = pread(descriptor, &bytes, bytes.count, start)
        let whole = bytes.prefix(max(0, count)).split(separator: UInt8(ascii: "\n"))
        lines = whole.dropFirst(start > 0 ? 1 : 0).map { String(decoding: $0, as: UTF8.self) }
        return true
    }
}
