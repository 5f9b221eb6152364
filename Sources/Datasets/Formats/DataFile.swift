import Files
import Glibc

/// A file of a data set, read once from start to end; gzip is undone on the way, whatever the file is called.
///
/// Memory does not depend on what the file claims: one input block, and the caller's own target.
final class DataFile {
    let path: String
    /// Bytes in the file as it lies on disk.
    let size: Int
    private let descriptor: Int32
    private let inflater: Inflater?
    private let block: UnsafeMutableRawBufferPointer
    private var pending: UnsafeRawBufferPointer
    private var inMember = true
    /// Bytes of content handed out so far.
    private(set) var offset = 0

    private static let blockSize = 128 * 1024
    /// Deflate makes at most 1,032 bytes of one.
    private static let largestRatio = 1032

    init(path: String) throws(DatasetError) {
        let (descriptor, size) = try Self.open(path)
        self.path = path
        self.size = size
        self.descriptor = descriptor
        block = .allocate(byteCount: Self.blockSize, alignment: 16)
        pending = .init(rebasing: block[..<0])
        let magic = pread(descriptor, block.baseAddress, 2, 0)
        let isGzip = magic == 2 && block[0] == 0x1f && block[1] == 0x8b
        inflater = isGzip ? Inflater(.gzip) : nil
        if isGzip && inflater == nil {
            throw .unreadable(path: path, reason: "zlib has no memory")
        }
    }

    deinit {
        close(descriptor)
        block.deallocate()
    }

    /// The most bytes of content that this file can possibly hold.
    var contentLimit: Int {
        inflater == nil ? size : size.multipliedReportingOverflow(by: Self.largestRatio).partialValue
    }

    /// Fills `target` and gives the number of bytes; fewer than asked for only at the end of the file.
    func read(into target: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
        var rest = target
        while !rest.isEmpty {
            if pending.isEmpty {
                guard try refill() else { break }
            }
            try move(into: &rest)
        }
        if inflater != nil && !rest.isEmpty && inMember {
            throw .corruptGzip(path: path, offset: offset + target.count - rest.count, problem: "it ends too early")
        }
        offset += target.count - rest.count
        return target.count - rest.count
    }

    /// `count` bytes, for headers.
    func bytes(_ count: Int) throws(DatasetError) -> [UInt8] {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        defer { memory.deallocate() }
        let found = try read(into: memory)
        guard found == count else { throw .truncated(path: path, expected: count, found: found) }
        return Array(memory)
    }

    private func move(into rest: inout UnsafeMutableRawBufferPointer) throws(DatasetError) {
        guard let inflater else {
            let count = min(rest.count, pending.count)
            rest.copyMemory(from: .init(rebasing: pending[..<count]))
            rest = .init(rebasing: rest[count...])
            pending = .init(rebasing: pending[count...])
            return
        }
        if !inMember {
            inflater.startMember()
            inMember = true
        }
        switch inflater.advance(&pending, into: &rest) {
        case .progress: break
        case .memberEnd: inMember = false
        case .corrupt(let problem): throw .corruptGzip(path: path, offset: offset, problem: problem)
        }
    }

    /// Reads the next block of the file; false at its end.
    private func refill() throws(DatasetError) -> Bool {
        while true {
            let count = Glibc.read(descriptor, block.baseAddress, block.count)
            if count >= 0 {
                pending = .init(rebasing: block[..<count])
                return count > 0
            }
            guard errno == EINTR else { throw .unreadable(path: path, reason: systemReason()) }
        }
    }

    /// Opens a regular file. `O_NONBLOCK` keeps a named pipe in the file's place from stopping the program.
    private static func open(_ path: String) throws(DatasetError) -> (descriptor: Int32, size: Int) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: systemReason()) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(path: path, reason: "it is not a file")
        }
        return (descriptor, Int(info.st_size))
    }
}
