import Tensors

/// The transforms of images into frequencies and back, a strip of tiles at a time.
extension WinogradConvolution {
    /// V = Bᵀ d B of up to `group` images.
    func transformInput(_ x: UnsafePointer<Float>, images: Int, _ memory: Scratch) {
        let step = inputStep, pitch = stripPitch * laneCount, strip = memory.strip
        forEachStrip(of: input, 0..<input.blocks, images) { block, place, tile in
            // The strip's first pixel lies one row and one column before its outputs.
            let corner = x + place - input.rowStride - laneCount
            for column in 0..<stripPitch {
                var six = WinogradTransform.Six(repeating: Vector16())
                for row in 0..<6 { six[row] = Vector16(at: corner, (row &* input.rowStride) &+ column &* laneCount) }
                for row in 6..<10 { Vector16.prefetch(corner, (row &* input.rowStride) &+ column &* laneCount) }
                let sixth = WinogradTransform.input(six)
                for row in 0..<6 { sixth[row].store(to: strip, (row &* pitch) &+ column &* laneCount) }
            }
            let to = memory.v + (block * capacity + tile) * laneCount
            for row in 0..<6 {
                for index in 0..<tilesPerStrip {
                    var six = WinogradTransform.Six(repeating: Vector16())
                    let from = (row &* pitch) &+ index &* 4 &* laneCount
                    for column in 0..<6 { six[column] = Vector16(at: strip, from &+ column &* laneCount) }
                    let sixth = WinogradTransform.input(six)
                    let place = (row &* 6 &* step) &+ index &* laneCount
                    for column in 0..<6 { sixth[column].store(to: to, place &+ column &* step) }
                }
            }
        }
    }

    /// y = Aᵀ m A + bias for the blocks of a chunk.
    func transformOutput(
        _ memory: Scratch, _ blocks: Range<Int>, images: Int, bias: UnsafePointer<Float>?, rectify: Bool,
        into y: UnsafeMutablePointer<Float>
    ) {
        let step = outputStep, pitch = stripPitch * laneCount, strip = memory.strip
        let floor = Vector16(repeating: rectify ? 0 : -.infinity)
        forEachStrip(of: output, blocks, images) { block, place, tile in
            let from = memory.m + ((block - blocks.lowerBound) * capacity + tile) * laneCount
            for row in 0..<6 {
                for index in 0..<tilesPerStrip {
                    var six = WinogradTransform.Six(repeating: Vector16())
                    let place = (row &* 6 &* step) &+ index &* laneCount
                    for column in 0..<6 { six[column] = Vector16(at: from, place &+ column &* step) }
                    let fourth = WinogradTransform.output(six)
                    let to = (row &* pitch) &+ index &* 4 &* laneCount
                    for column in 0..<4 { fourth[column].store(to: strip, to &+ column &* laneCount) }
                }
            }
            let offset = bias.map { Vector16(at: $0, block &* laneCount) } ?? Vector16()
            for column in 0..<output.extent.width {
                var six = WinogradTransform.Six(repeating: Vector16())
                for row in 0..<6 { six[row] = Vector16(at: strip, (row &* pitch) &+ column &* laneCount) }
                let fourth = WinogradTransform.output(six)
                for row in 4..<8 { Vector16.prefetch(y + place, (row &* output.rowStride) &+ column &* laneCount) }
                for row in 0..<4 {
                    (fourth[row] + offset).raised(to: floor)
                        .store(to: y + place, (row &* output.rowStride) &+ column &* laneCount)
                }
            }
        }
    }

    /// M = A dy Aᵀ of a chunk of the output's gradient, which has the layout `gradient`.
    func transformGradient(
        _ dy: UnsafePointer<Float>, _ gradient: BlockedLayout, _ blocks: Range<Int>, images: Int, _ memory: Scratch
    ) {
        let step = outputStep, pitch = stripPitch * laneCount, strip = memory.strip
        forEachStrip(of: gradient, blocks, images) { block, place, tile in
            for column in 0..<gradient.extent.width {
                var four = InlineArray<4, Vector16>(repeating: Vector16())
                for row in 0..<4 {
                    four[row] = Vector16(at: dy + place, (row &* gradient.rowStride) &+ column &* laneCount)
                }
                let sixth = WinogradTransform.outputGradient(four)
                for row in 0..<6 { sixth[row].store(to: strip, (row &* pitch) &+ column &* laneCount) }
            }
            let to = memory.m + ((block - blocks.lowerBound) * capacity + tile) * laneCount
            for row in 0..<6 {
                for index in 0..<tilesPerStrip {
                    var four = InlineArray<4, Vector16>(repeating: Vector16())
                    let from = (row &* pitch) &+ index &* 4 &* laneCount
                    for column in 0..<4 { four[column] = Vector16(at: strip, from &+ column &* laneCount) }
                    let sixth = WinogradTransform.outputGradient(four)
                    let place = (row &* 6 &* step) &+ index &* laneCount
                    for column in 0..<6 { sixth[column].store(to: to, place &+ column &* step) }
                }
            }
        }
    }

    private var tilesPerStrip: Int { input.extent.width / 4 }

    /// Each strip of each block: where its first output pixel stands, and its first tile's number among all images' tiles.
    @inline(__always)
    private func forEachStrip(
        of layout: BlockedLayout, _ blocks: Range<Int>, _ images: Int,
        _ body: (_ block: Int, _ place: Int, _ tile: Int) -> Void
    ) {
        for block in blocks {
            var tile = 0
            for image in 0..<images {
                for row in stride(from: 0, to: layout.extent.height, by: 4) {
                    body(block, image * layout.imageStride + layout.row(block: block, 0, row), tile)
                    tile += tilesPerStrip
                }
            }
        }
    }
}
