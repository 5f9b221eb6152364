import CFilePages
import Glibc

/// The calls that put a file on the disk, so that a test can let any of them fail.
package struct FileOperations: Sendable {
    /// As the system call: how many bytes were taken, or -1 and errno.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int
    package var synchronize: @Sendable (Int32) -> Int32
    /// Lets the disk begin with a range of the file's bytes, which are all written; a hint that can't fail.
    package var beginSynchronizing: @Sendable (Int32, Range<Int>) -> Void
    package var rename: @Sendable (String, String) -> Int32

    package static let system = FileOperations(
        write: { Glibc.write($0, $1.baseAddress, $1.count) },
        synchronize: { fsync($0) },
        beginSynchronizing: { descriptor, range in
            normscope_begin_synchronizing(descriptor, Int64(range.lowerBound), Int64(range.count))
        },
        rename: { Glibc.rename($0, $1) })

    /// The system's, telling `goOn` how many bytes are to be written; false ends the writing with `ECANCELED`, and
    /// everything stays as it was.
    package static func observed(_ goOn: @escaping @Sendable (_ byteCount: Int) -> Bool) -> FileOperations {
        var operations = system
        operations.write = { descriptor, bytes in
            guard goOn(bytes.count) else {
                errno = ECANCELED
                return -1
            }
            return system.write(descriptor, bytes)
        }
        return operations
    }
}
