import Glibc
import Synchronization
import Tensors
import Testing
import Threads

@Suite struct ThreadTeamTests {
    @Test(arguments: [1, 2, 3, 7])
    func everyThreadWorksOnceEachTime(_ threads: Int) {
        let team = ThreadTeam(threads: threads)
        #expect(team.count == threads)
        let counts = AlignedBuffer<Int>(count: threads * 16)
        let work = ParallelJob { thread in counts.base[thread * 16] += 1 }
        for _ in 0..<2000 { team.run(work) }
        #expect((0..<threads).allSatisfy { counts[$0 * 16] == 2000 })
    }

    @Test func whatOneRunWritesTheNextOneReads() {
        let team = ThreadTeam(threads: 3)
        let values = AlignedBuffer<Int>(count: 3), sums = AlignedBuffer<Int>(count: 3)
        let write = ParallelJob { thread in values.base[thread] += thread + 1 }
        let read = ParallelJob { thread in sums.base[thread] = values.base[0] + values.base[1] + values.base[2] }
        for round in 1...500 {
            team.run(write)
            team.run(read)
            #expect(sums.elements.allSatisfy { $0 == 6 * round })
        }
    }

    /// Without spinning, each run finds the members asleep or about to be.
    @Test func membersThatFellAsleepAreWoken() {
        let team = ThreadTeam(threads: 4, spins: false)
        let counts = AlignedBuffer<Int>(count: 64)
        let work = ParallelJob { thread in counts.base[thread * 16] += 1 }
        for _ in 0..<2000 { team.run(work) }
        #expect((0..<4).allSatisfy { counts[$0 * 16] == 2000 })
    }

    @Test(arguments: [1, 2, 3, 5, 8], [ParallelJob.Direction.ascending, .descending])
    func everyPieceIsDoneOnce(_ threads: Int, _ direction: ParallelJob.Direction) {
        let team = ThreadTeam(threads: threads)
        for (count, fillingCount) in [(0, 0), (0, 5), (1, 0), (7, 3), (8, 64), (64, 1)] {
            let done = AlignedBuffer<Int>(count: 64), filled = AlignedBuffer<Int>(count: 64)
            let idleWork = ParallelJob.IdleWork(pieces: fillingCount) { filled.base[$0] += 1 }
            let work = ParallelJob(pieces: count, direction: direction, idleWork: idleWork) { piece, thread in
                precondition(thread < threads)
                done.base[piece] += 1
            }
            for _ in 0..<200 { team.run(work) }
            #expect((0..<64).allSatisfy { done[$0] == ($0 < count ? 200 : 0) })
            #expect((0..<64).allSatisfy { filled[$0] == ($0 < fillingCount ? 200 : 0) })
        }
    }

    @Test func aThreadAloneGoesOneWayAndFillsAtTheEnd() {
        let team = ThreadTeam(threads: 1)
        for (direction, order) in [(ParallelJob.Direction.ascending, [0, 1, 2]), (.descending, [2, 1, 0])] {
            var done: [Int] = []
            let idleWork = ParallelJob.IdleWork(pieces: 2) { done.append(10 + $0) }
            team.run(
                ParallelJob(pieces: 3, direction: direction, idleWork: idleWork) { piece, _ in done.append(piece) })
            #expect(done == order + [10, 11])
        }
    }

    /// With more threads than pieces some shares have no first piece.
    @Test(arguments: [1, 2, 3, 5, 8], [ParallelJob.Direction.ascending, .descending])
    func theFirstPieceOfEachShareIsBegunOnceAndEndedInParts(_ threads: Int, _ direction: ParallelJob.Direction) {
        let team = ThreadTeam(threads: threads), parts = 5
        for count in [0, 1, 7, 8, 64] {
            let whole = AlignedBuffer<Int>(count: 64), begun = AlignedBuffer<Int>(count: 64)
            let ended = AlignedBuffer<Int>(count: 64 * parts), early = Atomic(0)
            let tailWork = ParallelJob.TailWork(parts: parts) { piece, _ in
                begun.base[piece] += 1
            } end: { piece, part, _ in
                ended.base[piece * parts + part] += 1
                if begun.base[piece] != ended.base[piece * parts + part] { early.add(1, ordering: .relaxed) }
            }
            let work = ParallelJob(pieces: count, direction: direction, tailWork: tailWork) { piece, _ in
                whole.base[piece] += 1
            }
            for _ in 0..<200 { team.run(work) }
            let shares = (0..<threads).map { (count * $0 / threads)..<(count * ($0 + 1) / threads) }
            let firsts = Set(shares.compactMap { direction == .ascending ? $0.first : $0.last })
            #expect((0..<64).allSatisfy { whole[$0] == ($0 < count && !firsts.contains($0) ? 200 : 0) })
            #expect((0..<64).allSatisfy { begun[$0] == (firsts.contains($0) ? 200 : 0) })
            #expect((0..<(64 * parts)).allSatisfy { ended[$0] == (firsts.contains($0 / parts) ? 200 : 0) })
            #expect(early.load(ordering: .relaxed) == 0)
        }
    }

    /// One thread is held in the last piece of its share until every part has been done: by the other one, of both shares.
    @Test func whatIsLeftOverIsDoneByWhoWouldWait() throws {
        let team = ThreadTeam(threads: 2)
        try #require(team.count == 2)
        let left = Atomic(2 * 8), held = AlignedBuffer<Int>(count: 1), doers = AlignedBuffer<Int>(count: 2 * 8)
        let tailWork = ParallelJob.TailWork(parts: 8) { _, _ in
        } end: { piece, part, thread in
            doers.base[(piece == 0 ? 0 : 8) + part] = thread
            left.subtract(1, ordering: .releasing)
        }
        team.run(
            ParallelJob(pieces: 4, tailWork: tailWork) { piece, thread in
                guard piece == 3 else { return }
                held.base[0] = thread
                while left.load(ordering: .acquiring) > 0 { sched_yield() }
            })
        #expect(doers.elements.allSatisfy { $0 == 1 - held[0] })
    }

    /// Whoever has a piece is held in it until the idleWork has been done, by who else waits.
    @Test func aWaitIsFilled() throws {
        let team = ThreadTeam(threads: 2)
        try #require(team.count == 2)
        let left = Atomic(20), filled = AlignedBuffer<Int>(count: 20)
        let idleWork = ParallelJob.IdleWork(pieces: 20) { piece in
            filled.base[piece] += 1
            left.subtract(1, ordering: .releasing)
        }
        team.run(
            ParallelJob(pieces: 1, idleWork: idleWork) { _, _ in
                while left.load(ordering: .acquiring) > 0 { sched_yield() }
            })
        #expect(filled.elements.allSatisfy { $0 == 1 })
    }

    @Test func withoutHelpingEveryThreadDoesItsOwnShare() throws {
        let team = ThreadTeam(threads: 3)
        try #require(team.count == 3)
        let doers = AlignedBuffer<Int>(count: 11)
        let work = ParallelJob(pieces: 11, helping: false) { piece, thread in doers.base[piece] = thread }
        for _ in 0..<500 {
            team.run(work)
            #expect(Array(doers.elements) == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
        }
    }

    /// Whoever has the first piece is held in it until the rest of the first share has been done: by others than its thread.
    @Test func aThreadThatIsSlowIsHelped() throws {
        let team = ThreadTeam(threads: 3)
        try #require(team.count == 3)
        let doers = AlignedBuffer<Int>(count: 12), left = Atomic(11)
        team.run(
            ParallelJob(pieces: 12) { piece, thread in
                doers.base[piece] = thread
                guard piece > 0 else {
                    while left.load(ordering: .acquiring) > 0 { sched_yield() }
                    return
                }
                left.subtract(1, ordering: .releasing)
            })
        #expect((1..<4).allSatisfy { doers[$0] != 0 })
    }
}
