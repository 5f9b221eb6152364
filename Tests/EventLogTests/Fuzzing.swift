// A fuzz target for libFuzzer; `.ci/fuzz` builds and runs it. In the ordinary tests this file is empty.
#if FUZZING
    import Glibc

    @testable import EventLog

    /// One log in memory, written anew for each input.
    private let directory = "/dev/shm/eventlog-fuzz-\(getpid())"
    private let path = directory + "/events.out.tfevents.1700000000.host.1.0"

    /// An even first byte: the rest is a log's file. An odd one: the rest is a message, as it is behind good checksums.
    private func read(_ input: UnsafeRawBufferPointer) -> LogSnapshot {
        let rest = UnsafeRawBufferPointer(rebasing: input.dropFirst())
        if input.first.map({ $0 % 2 == 1 }) == true {
            var contents = LogContents()
            contents.take(rest, RecordPlace(file: "message", offset: 0))
            return contents.snapshot
        }
        mkdir(directory, 0o700)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { fatalError("no file at \(path)") }
        _ = write(descriptor, rest.baseAddress, rest.count)
        close(descriptor)
        let follower = LogFollower(directory: directory, windowCapacity: 256)
        _ = try? follower.poll()
        return follower.snapshot
    }

    /// What a screen would ask of whatever was read.
    private func explore(_ log: LogSnapshot) {
        for (_, series) in log.scalars {
            _ = series.extent(0..<series.count)
            _ = series.smoothed(weight: 0.9).extent(series.count / 2..<series.count)
        }
        for (_, series) in log.histograms {
            guard let histogram = series.last?.value else { continue }
            _ = histogram.rebinned(7)
            _ = histogram.quantile(0.5)
        }
        _ = log.problems.map(\.description)
    }

    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
        explore(read(UnsafeRawBufferPointer(start: start, count: count)))
        return 0
    }
#endif
