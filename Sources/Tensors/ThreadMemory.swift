/// Memory that each thread of a team has for itself, aligned to a cache line and zeroed at first.
///
/// A page lies between two threads' shares. Processors load lines ahead of those that are read, up to the end of a page; in a
/// page that two threads had together they would take from one thread what the other is about to write.
package final class ThreadMemory: Sendable {
    private let memory: AlignedBuffer<Float>
    private let stride: Int
    private static let page = 4096 / MemoryLayout<Float>.stride

    /// - Parameter count: floats of each thread.
    package init(threads: Int, count: Int) {
        stride = (count + laneCount - 1) / laneCount * laneCount + Self.page
        memory = AlignedBuffer(count: threads * stride)
    }

    package func base(_ thread: Int) -> UnsafeMutablePointer<Float> { memory.base + thread * stride }
}
