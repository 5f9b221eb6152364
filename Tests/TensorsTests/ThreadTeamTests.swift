import Glibc
import Synchronization
import Tensors
import Testing

@Suite struct ThreadTeamTests {
    @Test(arguments: [1, 2, 3, 7])
    func everyThreadWorksOnceEachTime(_ threads: Int) {
        let team = ThreadTeam(threads: threads)
        #expect(team.count == threads)
        let counts = AlignedBuffer<Int>(count: threads * 16)
        let work = TeamWork { thread in counts.base[thread * 16] += 1 }
        for _ in 0..<2000 { team.run(work) }
        #expect((0..<threads).allSatisfy { counts[$0 * 16] == 2000 })
    }

    @Test func whatOneRunWritesTheNextOneReads() {
        let team = ThreadTeam(threads: 3)
        let values = AlignedBuffer<Int>(count: 3), sums = AlignedBuffer<Int>(count: 3)
        let write = TeamWork { thread in values.base[thread] += thread + 1 }
        let read = TeamWork { thread in sums.base[thread] = values.base[0] + values.base[1] + values.base[2] }
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
        let work = TeamWork { thread in counts.base[thread * 16] += 1 }
        for _ in 0..<2000 { team.run(work) }
        #expect((0..<4).allSatisfy { counts[$0 * 16] == 2000 })
    }

    @Test(arguments: [1, 2, 3, 5, 8], [TeamWork.Direction.ascending, .descending])
    func everyPieceIsDoneOnce(_ threads: Int, _ direction: TeamWork.Direction) {
        let team = ThreadTeam(threads: threads)
        for (count, fillingCount) in [(0, 0), (0, 5), (1, 0), (7, 3), (8, 64), (64, 1)] {
            let done = AlignedBuffer<Int>(count: 64), filled = AlignedBuffer<Int>(count: 64)
            let filling = TeamWork.Filling(pieces: fillingCount) { filled.base[$0] += 1 }
            let work = TeamWork(pieces: count, direction: direction, filling: filling) { piece, thread in
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
        for (direction, order) in [(TeamWork.Direction.ascending, [0, 1, 2]), (.descending, [2, 1, 0])] {
            var done: [Int] = []
            let filling = TeamWork.Filling(pieces: 2) { done.append(10 + $0) }
            team.run(TeamWork(pieces: 3, direction: direction, filling: filling) { piece, _ in done.append(piece) })
            #expect(done == order + [10, 11])
        }
    }

    /// Whoever has a piece is held in it until the filling has been done, by who else waits.
    @Test func aWaitIsFilled() throws {
        let team = ThreadTeam(threads: 2)
        try #require(team.count == 2)
        let left = Atomic(20), filled = AlignedBuffer<Int>(count: 20)
        let filling = TeamWork.Filling(pieces: 20) { piece in
            filled.base[piece] += 1
            left.subtract(1, ordering: .releasing)
        }
        team.run(
            TeamWork(pieces: 1, filling: filling) { _, _ in
                while left.load(ordering: .acquiring) > 0 { sched_yield() }
            })
        #expect(filled.elements.allSatisfy { $0 == 1 })
    }

    @Test func withoutHelpingEveryThreadDoesItsOwnShare() throws {
        let team = ThreadTeam(threads: 3)
        try #require(team.count == 3)
        let doers = AlignedBuffer<Int>(count: 11)
        let work = TeamWork(pieces: 11, helping: false) { piece, thread in doers.base[piece] = thread }
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
            TeamWork(pieces: 12) { piece, thread in
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
