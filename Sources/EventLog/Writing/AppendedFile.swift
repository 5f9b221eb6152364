import Glibc

/// A file that is only appended to: what the writer needs of one, so that a test can stand in for a full disk.
protocol AppendedFile: AnyObject {
    /// Appends as much as it can; answers how many bytes, or minus the system's error number.
    func append(_ bytes: UnsafeRawBufferPointer) -> Int
}

final class DiskFile: AppendedFile {
    private let descriptor: Int32

    /// Takes over a descriptor that is open for appending.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        while true {
            let written = write(descriptor, bytes.baseAddress, bytes.count)
            if written >= 0 { return written }
            if errno != EINTR { return -Int(errno) }
        }
    }
}
