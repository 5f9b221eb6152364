import Glibc

/// Memory that each thread of a team has for itself, aligned to a cache line and zeroed at first.
///
/// A page lies between two threads' parts. Processors load lines ahead of those that are read, up to the end of a page; in a
/// page that two threads had together they would take from one thread what the other is about to write.
package final class ThreadMemory: @unchecked Sendable {
    private let memory: UnsafeMutablePointer<Float>
    /// Floats from one thread's memory to the next one's.
    private let stride: Int
    private static let page = 4096 / MemoryLayout<Float>.stride
    private static let line = 64 / MemoryLayout<Float>.stride

    /// - Parameter count: floats of each thread.
    package init(threads: Int, count: Int) {
        stride = (count + Self.line - 1) / Self.line * Self.line + Self.page
        // Whole pages of 2 MiB, where the system has them, miss the translation cache hundreds of times less.
        let bytes = threads * stride * MemoryLayout<Float>.stride, hugePage = 1 << 21
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: max(bytes, 64), alignment: bytes < hugePage ? 64 : hugePage)
        madvise(raw, bytes / hugePage * hugePage, MADV_HUGEPAGE)
        memory = raw.initializeMemory(as: Float.self, repeating: 0, count: threads * stride)
    }

    deinit { UnsafeMutableRawPointer(memory).deallocate() }

    package func base(_ thread: Int) -> UnsafeMutablePointer<Float> { memory + thread * stride }
}
