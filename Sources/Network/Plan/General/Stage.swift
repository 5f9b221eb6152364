import Threads

/// A part of a pass that a team of threads does without waiting for each other, and what one thread does at its end.
///
/// Within a stage an image passes through several operations while it is in the cache. Stages end where something of the
/// whole batch is needed.
struct Stage {
    let job: ParallelJob
    /// Joins what the parts of the batch gave; says what isn't finite.
    var finish: (() -> NonFinite?)?
}
