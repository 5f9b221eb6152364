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

    @Test(arguments: [1, 2, 3, 5, 8])
    func everyPieceIsDoneOnce(_ threads: Int) {
        let team = ThreadTeam(threads: threads)
        for count in [0, 1, 7, 8, 64] {
            let done = AlignedBuffer<Int>(count: 64)
            let work = TeamWork(pieces: count) { piece, thread in
                precondition(thread < threads)
                done.base[piece] += 1
            }
            for _ in 0..<200 { team.run(work) }
            #expect((0..<64).allSatisfy { done[$0] == ($0 < count ? 200 : 0) })
        }
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
