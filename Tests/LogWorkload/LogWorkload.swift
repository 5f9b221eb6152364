import EventLog
import Foundation

/// Writes event logs of a size, for measuring how fast they are read, and measures how fast they are written:
///
///     LogWorkload scalars DIR TAGS POINTS      one run with so many points a tag
///     LogWorkload runs DIR RUNS TAGS POINTS    so many runs like that
///     LogWorkload steps DIR STEPS              what the engine logs at a step of the example; prints microseconds a step
@main struct LogWorkload {
    private static let start = 1_700_000_000.0

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.compactMap(Int.init)
        let words = arguments.filter { Int($0) == nil }
        guard words.count == 2, let directory = words.last else { return explain() }
        switch (words.first, numbers.count) {
        case ("scalars", 2): try scalars(in: directory, tags: numbers[0], points: numbers[1])
        case ("runs", 3):
            for run in 0..<numbers[0] {
                try scalars(in: directory + "/run-\(run)", tags: numbers[1], points: numbers[2])
            }
        case ("steps", 1): try steps(numbers[0], in: directory)
        default: explain()
        }
    }

    private static func explain() {
        print("usage: LogWorkload scalars DIR TAGS POINTS | runs DIR RUNS TAGS POINTS | steps DIR STEPS")
    }

    private static func writer(in directory: String) throws -> EventWriter {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        return try EventWriter(directory: directory, startedAt: start)
    }

    /// A falling curve with a ripple for every tag, step by step, as a training loop logs them.
    private static func scalars(in directory: String, tags: Int, points: Int) throws {
        let writer = try writer(in: directory)
        let names = (0..<tags).map { "train/metric_\($0)" }
        for step in 0..<points {
            let value = exp(-Float(step) / 1e5) + 0.1 * sin(Float(step) * 0.01)
            let time = start + Double(step) * 0.01
            for name in names { writer.scalar(name, step: Int64(step), value: value, wallTime: time) }
            if step % 1000 == 0 { try writer.flush() }
        }
        try writer.flush()
    }

    /// Four scalars at every step; ten times as rarely the normalization layer's six vectors and two histograms, far more
    /// often than the engine logs them; and a flush at each hundredth.
    private static func steps(_ count: Int, in directory: String) throws {
        let writer = try writer(in: directory)
        let channels = (0..<16).map { Float($0) / 16 }
        let begin = ContinuousClock.now
        for step in 0..<count {
            let time = start + Double(step)
            for tag in ["train/loss", "train/accuracy", "lr", "throughput/images_per_second"] {
                writer.scalar(tag, step: Int64(step), value: 1, wallTime: time)
            }
            if step % 10 == 0 {
                for name in ["running_mean", "running_var", "batch_mean", "batch_var", "weight", "bias"] {
                    writer.tensor("batchnorm/layer1.1/\(name)", step: Int64(step), values: channels, wallTime: time)
                }
                for name in ["weight", "bias"] {
                    let histogram = Histogram(of: channels)
                    writer.histogram("layer1.1.\(name)", step: Int64(step), histogram, wallTime: time)
                }
            }
            if step % 100 == 0 { try writer.flush() }
        }
        try writer.flush()
        let spent = begin.duration(to: .now) / .microseconds(1)
        print(spent / Double(count))
    }
}
