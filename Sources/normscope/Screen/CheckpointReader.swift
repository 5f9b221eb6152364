import Checkpoints
import Dashboard
import Files
import Foundation
import Runs
import Synchronization
import Training

/// A reader of checkpoints for the dashboard, with two threads of its own: one reads what is on the screen, where a
/// newer request cancels the current one; the other does the work that was asked for, one piece after another.
final class CheckpointReader: Sendable {
    private struct SharedState {
        var responses: [CheckpointResponse] = []
        /// The newest request for the screen, numbered, so that a reader notices when it is outdated.
        var viewing: (number: Int, request: CheckpointRequest?) = (0, nil)
        var work: [CheckpointRequest] = []
        var isStopped = false
    }

    private let shared = Mutex(SharedState())
    private let viewingRequested = DispatchSemaphore(value: 0)
    private let workRequested = DispatchSemaphore(value: 0)

    func start() {
        let looks: @Sendable (CheckpointReader) -> Void = { $0.look() }
        let works: @Sendable (CheckpointReader) -> Void = { $0.work() }
        for loop in [looks, works] {
            let thread = Thread { [self] in loop(self) }
            thread.stackSize = 16 << 20
            thread.start()
        }
    }

    func stop() {
        shared.withLock { $0.isStopped = true }
        viewingRequested.signal()
        workRequested.signal()
    }

    func ask(_ request: CheckpointRequest) {
        switch request {
        case .list, .open, .examine, .compare, .stopReading:
            shared.withLock { $0.viewing = ($0.viewing.number + 1, request) }
            viewingRequested.signal()
        case .evaluate, .convert, .delete, .resume:
            shared.withLock { $0.work.append(request) }
            workRequested.signal()
        }
    }

    /// The answers since the last call, in order.
    func drain() -> [CheckpointResponse] {
        shared.withLock { shared in
            defer { shared.responses = [] }
            return shared.responses
        }
    }

    private func respond(_ response: CheckpointResponse) { shared.withLock { $0.responses.append(response) } }

    private var isStopped: Bool { shared.withLock { $0.isStopped } }
}

// MARK: - Looking

extension CheckpointReader {
    private func look() {
        // The file on the screen stays open, so that its table is read once.
        var open: CheckpointFile?
        while !isStopped {
            guard viewingRequested.wait(timeout: open == nil ? .distantFuture : .now() + Self.watchInterval) == .success
            else {
                open = stillThere(open)
                continue
            }
            let (number, request) = shared.withLock { shared in
                defer { shared.viewing.request = nil }
                return shared.viewing
            }
            guard let request else { continue }
            let isOutdated: @Sendable () -> Bool = { [self] in
                shared.withLock { $0.viewing.number != number || $0.isStopped }
            }
            do {
                try look(request, &open, isOutdated)
            } catch  where isOutdated() {
                continue
            } catch {
                respond(.failed(path: request.path, "\(error)"))
            }
        }
    }

    /// Seconds between two checks whether the file on the screen still exists.
    private static let watchInterval = 0.3

    /// The file, unless it was deleted.
    private func stillThere(_ file: CheckpointFile?) -> CheckpointFile? {
        guard let file, access(file.path, F_OK) != 0, errno == ENOENT else { return file }
        respond(.vanished(path: file.path))
        return nil
    }

    private func look(
        _ request: CheckpointRequest, _ open: inout CheckpointFile?, _ isOutdated: @escaping @Sendable () -> Bool
    ) throws {
        switch request {
        case .list(let folder): respond(.listed(folder: folder, CheckpointSearch.entries(at: folder)))
        case .open(let path):
            let file = try CheckpointFile(readingFrom: path)
            open = file
            respond(.opened(try CheckpointTable(file)))
        case .examine(let path, let names, let histogram, let layer):
            let file = try open.flatMap { $0.path == path ? $0 : nil } ?? CheckpointFile(readingFrom: path)
            open = file
            try examine(names, histogram: histogram, layer: layer, of: file, isOutdated)
        case .compare(let first, let second):
            let files = (try CheckpointFile(readingFrom: first), try CheckpointFile(readingFrom: second))
            let comparison = try CheckpointComparison(files.0, files.1, isCancelled: isOutdated)
            respond(.compared(first: first, second: second, comparison))
        default: break
        }
    }

    private func examine(
        _ names: [String], histogram: Bool, layer: String?, of file: CheckpointFile, _ isOutdated: @Sendable () -> Bool
    ) throws {
        if let layer, let tensors = NormalizationTensors.layers(in: file.tensors).first(where: { $0.layer == layer }) {
            respond(.channels(path: file.path, try LayerChannels(tensors, in: file)))
        }
        for name in names {
            let entry = try file.entry(named: name)
            let statistics = try file.statistics(entry, isCancelled: isOutdated)
            var counts: [Int] = []
            if histogram, let low = statistics.minimum, let high = statistics.maximum, (high - low).isFinite {
                let bins = TensorStatistics.bins(values: entry.count, atMost: TensorPicture.mostBins)
                counts = try file.histogram(entry, over: low...high, bins: bins, isCancelled: isOutdated)
            }
            respond(.examined(path: file.path, TensorPicture(name: name, statistics: statistics, counts: counts)))
        }
    }
}

// MARK: - Working

extension CheckpointReader {
    /// An error that ends a piece of work because the dashboard was closed.
    private struct Cancelled: Error {}

    private func work() {
        while true {
            workRequested.wait()
            let request = shared.withLock { $0.isStopped || $0.work.isEmpty ? nil : $0.work.removeFirst() }
            guard let request else {
                if isStopped { return }
                continue
            }
            do {
                try work(request)
            } catch {
                respond(.refused("\(error)"))
            }
            respond(.working(nil))
        }
    }

    private func work(_ request: CheckpointRequest) throws {
        switch request {
        case .evaluate(let path): try evaluate(path)
        case .convert(let path, let output, let asModule):
            guard FileKind(output) == .nothing else {
                throw ProgramError("\(output): is there already: choose another name")
            }
            respond(.working("writing \(output) …"))
            let conversion = try Conversion(from: path, to: output, asModule: asModule)
            respond(.done(try conversion.write { [self] _ in !isStopped }))
        case .delete(let path):
            guard unlink(path) == 0 else {
                throw ProgramError("\(path): can't be deleted: \(systemReason())")
            }
            respond(.done("deleted \(FilePath.lastPart(path))"))
        case .resume(let path, let run):
            let directory = RunDirectory(path: run)
            try directory.requireNoEngine()
            try EngineLauncher.start(run: directory, from: path)
            respond(.done("started an engine; it goes on from \(FilePath.lastPart(path))"))
        default: break
        }
    }

    private func evaluate(_ path: String) throws {
        let name = FilePath.lastPart(path)
        respond(.working("evaluating \(name) …"))
        let source = try CheckpointExperiment(of: path, named: nil)
        var shown = 0
        let evaluation = try CheckpointEvaluation(of: path, on: Experiment.load(source.path)) { fraction in
            guard !isStopped else { throw Cancelled() }
            guard Int(fraction * 20) > shown else { return }
            shown = Int(fraction * 20)
            respond(.working("evaluating \(name) … \(shown * 5) %"))
        }
        let result = EvaluationSummary(
            running: (evaluation.running.loss, evaluation.running.accuracy),
            batch: (evaluation.batch.loss, evaluation.batch.accuracy))
        respond(.evaluated(path: path, result))
        respond(.done(result.words))
    }
}

extension CheckpointRequest {
    /// The path of the file or folder.
    fileprivate var path: String {
        switch self {
        case .list(let path), .open(let path), .examine(let path, _, _, _), .compare(let path, _), .evaluate(let path),
            .convert(let path, _, _), .delete(let path), .resume(let path, _):
            path
        case .stopReading: ""
        }
    }
}
