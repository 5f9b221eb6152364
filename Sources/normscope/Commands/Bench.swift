import ArgumentParser
import Charts
import Foundation
import Network
import Training

/// `normscope bench`
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast the engine is on this machine.",
        discussion: "Medians after a warm-up, on random 3×32×32 images. Other programs that run meanwhile slow it down."
    )

    @Option(help: "The network: \(Benchmark.models.joined(separator: ", ")).")
    var model = "example"

    @Option(help: "Images a batch.")
    var batch = 64

    @Option(help: "Threads; otherwise one a core.")
    var threads: Int?

    @Option(help: "How long to train, in seconds; evaluating takes half as long.")
    var seconds = 3.0

    @Option(help: "Measure how fast this checkpoint is read and written instead.", completion: .file())
    var checkpoint: String?

    @Option(help: "How often to read and write the checkpoint; the median counts.")
    var rounds = 7

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard batch > 0, (threads ?? 1) > 0, seconds > 0, seconds.isFinite, rounds > 0 else {
            throw ValidationError("--batch, --threads, --seconds and --rounds are greater than 0")
        }
    }

    func run() throws {
        if let checkpoint { return try CheckpointBenchmark(path: checkpoint, rounds: rounds).show(json: json) }
        let result = try Benchmark.measure(
            model: model, batch: batch, threads: threads ?? Engine.coreCount, seconds: seconds)
        if json {
            try printJSON(result)
            return
        }
        print("\(result.model), batch \(result.batch), \(result.threads) threads, \(result.parameters) parameters")
        print(line("training step", result.trainMillisecondsPerStep, result.trainImagesPerSecond))
        print(line("evaluation", result.evaluateMillisecondsPerBatch, result.evaluateImagesPerSecond))
    }

    private func line(_ what: String, _ milliseconds: Double, _ imagesPerSecond: Double) -> String {
        what.padded(to: 14)
            + "\(NumberFormat.compact(milliseconds)) ms  \(NumberFormat.compact(imagesPerSecond)) images/s"
    }
}
