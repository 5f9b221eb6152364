/// The throughput of a training over its last half second or so, without the time spent standing still.
struct Throughput {
    private static let span = 0.5
    private static let room = 4096
    private var samples: [(time: Double, images: Int)] = []
    private var first = 0
    private var images = 0

    private(set) var imagesPerSecond: Double?
    private(set) var stepsPerSecond: Double?

    /// Another batch is done. Rates need two batches to measure between.
    mutating func add(images count: Int, at time: Double) {
        samples.append((time, count))
        images += count
        while time - samples[first].time > Self.span, samples.count - first > 2 {
            images -= samples[first].images
            first += 1
        }
        let start = samples[first]
        if time > start.time {
            imagesPerSecond = Double(images - start.images) / (time - start.time)
            stepsPerSecond = Double(samples.count - first - 1) / (time - start.time)
        }
        compact()
    }

    /// The training stands still until the next batch.
    mutating func rest() {
        samples.removeAll(keepingCapacity: true)
        first = 0
        images = 0
    }

    private mutating func compact() {
        guard first > Self.room else { return }
        samples.removeFirst(first)
        first = 0
    }
}
