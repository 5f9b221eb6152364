import Tensors

/// The shards' parts of some parameters' gradient, which have to be added up: `[shard][extent]`, for parameters from `offset`.
struct PartialGradient {
    let buffer: AlignedBuffer<Float>
    let offset: Int
    let extent: Int
}
