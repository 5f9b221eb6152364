import FileTesting
import Foundation
import Runs
import Testing

@Suite struct RunCatalogueTests {
    private func status(_ state: RunStatus.State, updated: Double, engine: EngineProcess = .current()) -> RunStatus {
        RunStatus(state: state, engine: engine, step: 7, epoch: 1, epochs: 3, stepsPerEpoch: 5, updated: updated)
    }

    private func add(_ name: String, _ status: RunStatus, to folder: TemporaryFolder) throws {
        try folder.write("\(name)/experiment.yaml", "")
        try status.write(to: "\(folder.path)/\(name)/status.json")
    }

    /// - Parameter seconds: how long after the catalogue was made; the clock on the wall is at 30 then.
    private func refreshed(_ catalogue: inout RunCatalogue, after seconds: Double = 0) throws -> [RunCatalogue.Entry] {
        let now = RunCatalogue.Moment(steady: 1000 + seconds, wall: 30 + seconds)
        while try !catalogue.refresh(at: now).caughtUp {}
        return catalogue.entries
    }

    @Test func anEngineThatHasNotWrittenForTenSecondsIsSilentAndHeardAgain() throws {
        let folder = try TemporaryFolder()
        try add("a", status(.running, updated: 25), to: folder)
        var catalogue = RunCatalogue(root: folder.path)
        #expect(try refreshed(&catalogue).map(\.state) == [.known(.running)])
        #expect(try refreshed(&catalogue, after: 5).map(\.state) == [.known(.running)])
        let silent = try refreshed(&catalogue, after: 6)
        #expect(silent.map(\.state) == [.silent(.running, since: 25, host: nil)])
        #expect(silent[0].isLive)
        try status(.running, updated: 38).write(to: "\(folder.path)/a/status.json")
        #expect(try refreshed(&catalogue, after: 9).map(\.state) == [.known(.running)])
        try status(.finished, updated: 39).write(to: "\(folder.path)/a/status.json")
        #expect(try refreshed(&catalogue, after: 100).map(\.state) == [.known(.finished)])
    }

    @Test func anEngineElsewhereIsSilentWhenNothingNewCameForTenSeconds() throws {
        let folder = try TemporaryFolder()
        // Its clock is an hour behind ours.
        let far = EngineProcess(pid: 1, host: "far")
        try add("a", status(.running, updated: -3570, engine: far), to: folder)
        var catalogue = RunCatalogue(root: folder.path)
        #expect(try refreshed(&catalogue).map(\.state) == [.elsewhere(.running, host: "far")])
        #expect(try refreshed(&catalogue, after: 9).map(\.state) == [.elsewhere(.running, host: "far")])
        try status(.running, updated: -3561, engine: far).write(to: "\(folder.path)/a/status.json")
        #expect(try refreshed(&catalogue, after: 10).map(\.state) == [.elsewhere(.running, host: "far")])
        #expect(try refreshed(&catalogue, after: 19).map(\.state) == [.elsewhere(.running, host: "far")])
        #expect(
            try refreshed(&catalogue, after: 21).map(\.state) == [.silent(.running, since: -3561, host: "far")])
    }

    /// Engines that did not yet say who they are wrote nothing while they were paused.
    @Test func anOldEngineThatIsPausedIsNotSilentAndANewOneIs() throws {
        let folder = try TemporaryFolder()
        try add("old", status(.paused, updated: 1), to: folder)
        var new = status(.paused, updated: 1)
        new.program = "normscope"
        try add("new", new, to: folder)
        var catalogue = RunCatalogue(root: folder.path)
        let states = Dictionary(uniqueKeysWithValues: try refreshed(&catalogue).map { ($0.name, $0.state) })
        #expect(states == ["old": .known(.paused), "new": .silent(.paused, since: 1, host: nil)])
    }

    @Test func runsAreFoundNearAndDeepNewestFirst() throws {
        let folder = try TemporaryFolder()
        try add("old", status(.finished, updated: 10), to: folder)
        try add("sweep/lr-0.1", status(.running, updated: 30), to: folder)
        try add("sweep/2026/a", status(.stopped, updated: 20), to: folder)
        try folder.write("notes/readme.txt", "")
        try folder.write(".trash/run/status.json", "{}")
        var catalogue = RunCatalogue(root: folder.path + "/")
        let runs = try refreshed(&catalogue)
        #expect(runs.map(\.name) == ["sweep/lr-0.1", "sweep/2026/a", "old"])
        #expect(runs.map(\.state) == [.known(.running), .known(.stopped), .known(.finished)])
        #expect(runs.map(\.isLive) == [true, false, false])
        #expect(runs[0].status?.step == 7)
        #expect(runs[0].directory.path == "\(folder.path)/sweep/lr-0.1")
    }

    @Test func aRunsOwnFolderIsACatalogueOfOne() throws {
        let folder = try TemporaryFolder()
        try add("only", status(.finished, updated: 10), to: folder)
        var catalogue = RunCatalogue(root: "\(folder.path)/only")
        #expect(try refreshed(&catalogue).map(\.name) == ["only"])
    }

    @Test func anEngineThatIsGoneWithoutAWordIsLost() throws {
        let folder = try TemporaryFolder()
        let me = EngineProcess.current()
        let gone = EngineProcess(pid: me.pid, host: me.host, startTicks: me.startTicks + 1, boot: me.boot)
        let far = EngineProcess(pid: 1, host: "far")
        try add("a", status(.paused, updated: 4, engine: gone), to: folder)
        try add("b", status(.failed, updated: 3, engine: gone), to: folder)
        try add("c", status(.running, updated: 2, engine: far), to: folder)
        var catalogue = RunCatalogue(root: folder.path)
        #expect(try refreshed(&catalogue).map(\.state) == [.lost, .known(.failed), .elsewhere(.running, host: "far")])
    }

    @Test func foldersWithoutAStatusAndWithATornOneAreShownAsSuch() throws {
        let folder = try TemporaryFolder()
        try folder.write("new/experiment.yaml", "")
        try folder.write("torn/status.json", "{")
        var catalogue = RunCatalogue(root: folder.path)
        let states = Dictionary(uniqueKeysWithValues: try refreshed(&catalogue).map { ($0.name, $0.state) })
        #expect(states["new"] == .unstarted)
        #expect(states["torn"] == .unreadable("\(folder.path)/torn/status.json: not a run's status: it is not JSON"))
    }

    @Test func whatComesChangesAndGoesIsSeenTheNextTime() throws {
        let folder = try TemporaryFolder()
        var catalogue = RunCatalogue(root: folder.path)
        #expect(try refreshed(&catalogue).isEmpty)
        try add("a", status(.running, updated: 29), to: folder)
        #expect(try refreshed(&catalogue).map(\.state) == [.known(.running)])
        try status(.finished, updated: 30).write(to: "\(folder.path)/a/status.json")
        try folder.write("a/checkpoints/step-00000007.pth", "1234")
        let changed = try refreshed(&catalogue)
        #expect(changed.map(\.state) == [.known(.finished)])
        #expect(changed[0].checkpoints.map(\.step) == [7])
        #expect(changed[0].checkpoints.map(\.bytes) == [4])
        try FileManager.default.removeItem(atPath: "\(folder.path)/a")
        #expect(try refreshed(&catalogue).isEmpty)
    }

    @Test func aTornStatusLeavesWhatWasKnownBeside() throws {
        let folder = try TemporaryFolder()
        try add("a", status(.running, updated: 1), to: folder)
        var catalogue = RunCatalogue(root: folder.path)
        _ = try refreshed(&catalogue)
        try folder.write("a/status.json", "{")
        #expect(try refreshed(&catalogue)[0].status?.step == 7)
    }

    @Test func aLoopOfLinksEnds() throws {
        let folder = try TemporaryFolder()
        try add("sweep/a", status(.finished, updated: 1), to: folder)
        #expect(symlink(folder.path, "\(folder.path)/sweep/again") == 0)
        var catalogue = RunCatalogue(root: folder.path)
        #expect(try refreshed(&catalogue).map(\.name) == ["sweep/a"])
    }
}

@Suite struct CheckpointRetentionTests {
    private func saved(_ names: [String]) throws -> (folder: TemporaryFolder, list: [SavedCheckpoint]) {
        let folder = try TemporaryFolder()
        for name in names {
            try folder.write(name, "x")
        }
        return (folder, SavedCheckpoint.list(in: folder.path))
    }

    @Test func onlyFinishedCheckpointsAreListedByStep() throws {
        let (_, list) = try saved([
            "step-00000200.pth", "step-00000100-epoch-0001.pth", "step-00000200-epoch-0002.pth", "step-3.pth",
            "step-00000300.pth.tmp-12", ".step-00000300.pth", "step-.pth", "step-1-epoch-.pth", "step-1-best-2.pth",
            "best.pth",
            "step-99999999999999999999.pth",
        ])
        #expect(
            list.map(\.name) == [
                "step-3.pth", "step-00000100-epoch-0001.pth", "step-00000200-epoch-0002.pth", "step-00000200.pth",
            ])
        #expect(list.map(\.epoch) == [nil, 1, 2, nil])
        #expect(list.map(\.isPeriodic) == [false, true, true, false])
    }

    @Test(arguments: [
        (1, ["step-00000100-epoch-0001.pth", "step-00000300-epoch-0003.pth"]),
        (2, ["step-00000100-epoch-0001.pth"]), (3, []), (4, []), (nil, []),
    ])
    func theNewestPeriodicOnesAndAllThatWereAskedForStay(keep: Int?, deleted: [String]) throws {
        let (_, list) = try saved([
            "step-00000050.pth", "step-00000100-epoch-0001.pth", "step-00000300-epoch-0003.pth", "step-00000350.pth",
            "step-12345678901-epoch-0004.pth",
        ])
        #expect(CheckpointRetention.deletable(list, keep: keep).map(\.name) == deleted)
    }
}
