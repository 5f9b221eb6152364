import Threads

/// The shard of a batch that a thread is working on, and how far it has come.
struct ShardContext {
    /// The number of the shard, or of another part of the batch where nothing is summed.
    let shard: Int
    let thread: Int
    /// Its first image.
    let shardStart: Int
    /// The first image of the group at hand.
    var first: Int
}

/// Scratch memory of each thread for the operation that it is in, as large as the operation that needs most.
final class ScratchArena {
    let threads: Int
    private var size = 0
    private var memory = ThreadMemory(threads: 0, count: 0)

    init(threads: Int) { self.threads = threads }

    func reserve(_ count: Int) { size = max(size, count) }

    /// Takes the memory, once all operations have said what they need.
    func allocate() { memory = ThreadMemory(threads: threads, count: size) }

    func base(_ context: ShardContext) -> UnsafeMutablePointer<Float> { memory.base(context.thread) }
}
