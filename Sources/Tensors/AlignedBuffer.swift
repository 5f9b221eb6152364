import Glibc

/// A buffer of a fixed number of elements, aligned to a cache line (64 bytes, also the width of the widest vector register),
/// zeroed at first.
///
/// Swift's own alignment for `SIMD16<Float>` is 16, and streams that straddle cache lines run 1.5 times slower, hence an
/// allocation of our own.
///
/// Access from several threads is the caller's affair: kernels split a buffer into ranges that no two threads write, and
/// a barrier stands between a write and a read by another. That discipline is what `nonisolated(unsafe)` stands for.
@usableFromInline
package final class AlignedBuffer<Element: BitwiseCopyable>: Sendable {
    @usableFromInline package let count: Int
    @usableFromInline nonisolated(unsafe) package let base: UnsafeMutablePointer<Element>

    package init(count: Int) {
        precondition(count >= 0, "a buffer cannot hold \(count) elements")
        self.count = count
        let byteCount = max(count, 1) * MemoryLayout<Element>.stride
        let memory = Self.allocate(byteCount)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        base = memory.assumingMemoryBound(to: Element.self)
    }

    /// Buffers of a step are read from end to end, over and over: in pages of 2 MiB, where the system has them, that misses
    /// the translation cache hundreds of times less.
    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let hugePage = 1 << 21
        guard byteCount >= hugePage else { return .allocate(byteCount: byteCount, alignment: 64) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: hugePage)
        madvise(memory, byteCount / hugePage * hugePage, MADV_HUGEPAGE)
        return memory
    }

    deinit {
        UnsafeMutableRawPointer(base).deallocate()
    }

    @inlinable
    package subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "index \(index) outside 0..<\(count)")
            return base[index]
        }
        set {
            precondition(index >= 0 && index < count, "index \(index) outside 0..<\(count)")
            base[index] = newValue
        }
    }

    @inlinable package var elements: UnsafeMutableBufferPointer<Element> { .init(start: base, count: count) }
}
