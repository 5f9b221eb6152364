import Testing

@testable import EventLog

/// A tree with the kernel's reports or without, and a clock that is put forward by hand.
private final class Watched {
    let directory: ScratchDirectory
    let tree: LogTree
    private var now = 0.0

    init(reports: Bool, threads: Int = 1) throws {
        directory = try ScratchDirectory()
        let watch = reports ? DirectoryWatch() : nil
        #expect((watch != nil) == reports)
        tree = LogTree([directory.path], watch: watch, threads: threads)
    }

    /// Polls until everything is read, some seconds after the poll before; answers whether anything changed.
    @discardableResult
    func poll(after seconds: Double = 3) throws -> Bool {
        now += seconds
        var changed = false
        while true {
            let outcome = try tree.poll(now: now)
            changed = changed || outcome.changed
            if outcome.caughtUp { return changed }
        }
    }

    var names: [String] { tree.snapshot.runs.map(\.name) }

    func steps(_ run: String) -> [Int64] {
        tree.snapshot[run]?.log.scalars["loss"]?.map(\.step) ?? []
    }
}

@Suite struct LogTreeTests {
    @Test(arguments: [true, false])
    func runsAreFoundAtAnyDepthAndNamedByTheirPath(_ reports: Bool) throws {
        let watched = try Watched(reports: reports)
        for run in ["b", "a/deep/er/still", "a", "c/d"] {
            try watched.directory.write(HandMade.losses(0..<3), run: run)
        }
        try watched.directory.makeDirectory("empty/below")
        try watched.poll()
        #expect(watched.names == ["a", "a/deep/er/still", "b", "c/d"])
        #expect(watched.tree.snapshot.runs.allSatisfy { $0.isComplete && $0.log.points == 3 })
        #expect(watched.tree.snapshot.points == 12)
        #expect(try !watched.poll())
    }

    @Test func aDirectoryThatIsItselfARunHasItsOwnName() throws {
        let watched = try Watched(reports: true)
        try watched.directory.write(HandMade.losses(0..<3))
        try watched.poll()
        #expect(watched.names == [watched.directory.path.split(separator: "/").last.map(String.init)])
    }

    @Test(arguments: [true, false])
    func whatIsAddedToARunIsRead(_ reports: Bool) throws {
        let watched = try Watched(reports: reports)
        try watched.directory.write(HandMade.losses(0..<3), run: "a")
        try watched.directory.write(HandMade.losses(0..<3), run: "b")
        try watched.poll()
        let before = watched.tree.snapshot
        try watched.directory.append(HandMade.losses(3..<5), to: "b/" + firstLog)
        #expect(try watched.poll())
        #expect(watched.steps("b") == [0, 1, 2, 3, 4])
        #expect(watched.steps("a") == [0, 1, 2])
        #expect(before["b"]?.log.points == 3)
    }

    @Test func theKernelsReportIsHeededWithoutAnyTimePassing() throws {
        let watched = try Watched(reports: true)
        try watched.directory.write(HandMade.losses(0..<3), run: "a")
        try watched.poll()
        try watched.directory.append(HandMade.losses(3..<5), to: "a/" + firstLog)
        try watched.directory.write(HandMade.losses(0..<2), run: "new/run")
        #expect(try watched.poll(after: 0))
        #expect(watched.names == ["a", "new/run"])
        #expect(watched.steps("a") == [0, 1, 2, 3, 4])
    }

    @Test(arguments: [true, false])
    func runsThatAppearAreFoundAndRunsThatGoAreForgotten(_ reports: Bool) throws {
        let watched = try Watched(reports: reports)
        try watched.directory.write(HandMade.losses(0..<3), run: "old/one")
        try watched.poll()
        try watched.directory.write(HandMade.losses(0..<4), run: "group/x/new")
        try watched.poll()
        #expect(watched.names == ["group/x/new", "old/one"])
        try watched.directory.remove("old")
        try watched.poll()
        #expect(watched.names == ["group/x/new"])
        try watched.directory.remove("group/x/new/" + firstLog)
        try watched.poll()
        #expect(watched.names.isEmpty)
        try watched.directory.write(HandMade.losses(5..<7), run: "old/one")
        try watched.poll()
        #expect(watched.names == ["old/one"] && watched.steps("old/one") == [5, 6])
    }

    @Test(arguments: [true, false])
    func aSecondFileOfARunIsReadAfterTheFirst(_ reports: Bool) throws {
        let watched = try Watched(reports: reports)
        try watched.directory.write(HandMade.losses(0..<3), run: "a")
        try watched.poll()
        try watched.directory.write(HandMade.losses(3..<5), run: "a", secondLog)
        try watched.poll()
        #expect(watched.steps("a") == [0, 1, 2, 3, 4])
    }

    @Test func aRenamedRunGoesOnUnderItsNewName() throws {
        let watched = try Watched(reports: true)
        try watched.directory.write(HandMade.losses(0..<3), run: "a")
        try watched.poll()
        try watched.directory.rename("a", to: "b")
        try watched.poll()
        try watched.directory.append(HandMade.losses(3..<5), to: "b/" + firstLog)
        try watched.poll()
        #expect(watched.names == ["b"] && watched.steps("b") == [0, 1, 2, 3, 4])
    }

    @Test func linksAreFollowedAndEveryDirectoryCountsOnce() throws {
        let watched = try Watched(reports: true)
        let elsewhere = try ScratchDirectory()
        try elsewhere.write(HandMade.losses(0..<3), run: "far")
        try watched.directory.write(HandMade.losses(0..<3), run: "a")
        try watched.directory.link("a/loop", to: watched.directory.path)
        try watched.directory.link("linked", to: elsewhere.path)
        try watched.directory.link("broken", to: "/nowhere/at/all")
        try watched.poll()
        #expect(watched.names == ["a", "linked/far"])
    }

    @Test func aDirectoryThatIsNotThereIsAnErrorAtFirstAndPatienceLater() throws {
        let missing = LogTree(["/nowhere/at/all"])
        #expect(throws: EventLogError.unreadableDirectory(path: "/nowhere/at/all", reason: "No such file or directory"))
        {
            try missing.poll()
        }
        let outer = try ScratchDirectory()
        try outer.write(HandMade.losses(0..<3), run: "runs/a")
        let tree = LogTree([outer.path + "/runs"], watch: nil, threads: 1)
        _ = try tree.poll(now: 0)
        try outer.remove("runs")
        _ = try tree.poll(now: 100)
        _ = try tree.poll(now: 200)
        #expect(tree.snapshot.runs.isEmpty)
        try outer.write(HandMade.losses(0..<3), run: "runs/b")
        _ = try tree.poll(now: 300)
        #expect(tree.snapshot.runs.map(\.name) == ["b"])
    }

    @Test func severalDirectoriesNameTheirRunsAfterThem() throws {
        let scratch = try ScratchDirectory()
        for path in ["one/a", "two/a", "x/one/c"] { try scratch.write(HandMade.losses(0..<1), run: path) }
        let two = LogTree([scratch.path + "/one", scratch.path + "/two/"])
        _ = try two.poll()
        #expect(two.snapshot.runs.map(\.name) == ["one/a", "two/a"])
        let same = LogTree([scratch.path + "/one", scratch.path + "/x/one"])
        _ = try same.poll()
        #expect(same.snapshot.runs.map(\.name) == [scratch.path + "/one/a", scratch.path + "/x/one/c"])
    }

    @Test(arguments: [1, 4])
    func aBudgetOfNothingStillReadsEverythingBitByBit(_ threads: Int) throws {
        let scratch = try ScratchDirectory()
        for run in 0..<20 { try scratch.write(HandMade.losses(0..<100), run: "run\(run)") }
        let tree = LogTree([scratch.path], watch: nil, threads: threads)
        tree.focus = ["run7"]
        var polls = 0
        while try !tree.poll(.time(.zero), now: 0).caughtUp { polls += 1 }
        #expect(polls > 5)
        #expect(tree.snapshot.points == 2000)
        #expect(tree.snapshot.runs.allSatisfy { $0.isComplete })
    }

    @Test func theRunsInFocusAreReadFirst() throws {
        let watched = try Watched(reports: true)
        for run in 0..<9 { try watched.directory.write(HandMade.losses(0..<1), run: "run\(run)") }
        try watched.poll()
        for run in 0..<9 { try watched.directory.append(HandMade.losses(1..<9), to: "run\(run)/" + firstLog) }
        watched.tree.focus = ["run7"]
        _ = try watched.tree.poll(.time(.zero), now: 0)
        #expect(watched.tree.snapshot.runs.filter { $0.log.points > 1 }.map(\.name) == ["run7"])
    }

    @Test func threadsFindWhatOneFinds() throws {
        let scratch = try ScratchDirectory()
        for run in 0..<30 {
            let bytes = HandMade.losses(0..<Int64(run * 7 + 1)) + HandMade.losses(0..<3, tag: "other")
            try scratch.write(bytes, run: "group/run\(run)")
        }
        let one = LogTree([scratch.path], watch: nil, threads: 1)
        let four = LogTree([scratch.path], watch: nil, threads: 4)
        _ = try one.poll()
        _ = try four.poll()
        #expect(one.snapshot.runs.map(\.name) == four.snapshot.runs.map(\.name))
        for (left, right) in zip(one.snapshot.runs, four.snapshot.runs) {
            #expect(left.log.scalars.tags == right.log.scalars.tags)
            #expect(left.log.scalars["loss"]?.map(\.value) == right.log.scalars["loss"]?.map(\.value))
        }
    }
}
