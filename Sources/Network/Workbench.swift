import Kernels
import Tensors
import Threads

/// Who works: a part of the batch (a lane, on the way back), the thread that has it now, the part's first image and that of
/// the group it is at.
struct Worker {
    let lane: Int
    let thread: Int
    let laneStart: Int
    var first: Int
}

/// Memory that each thread has for itself while it is in one operation, as large as the neediest asks for.
final class Workbench {
    let threads: Int
    private var size = 0
    private var memory = ThreadMemory(threads: 0, count: 0)

    init(threads: Int) { self.threads = threads }

    func reserve(_ count: Int) { size = max(size, count) }

    /// Takes the memory, once all operations have said what they need.
    func allocate() { memory = ThreadMemory(threads: threads, count: size) }

    func base(_ worker: Worker) -> UnsafeMutablePointer<Float> { memory.base(worker.thread) }
}
