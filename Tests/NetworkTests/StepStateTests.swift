import Tensors
import Testing

@testable import Network

/// How a batch is divided among threads.
@Suite struct StepStateTests {
    private static func state(count: Int) -> StepState {
        let batch = Batch(
            capacity: count, layout: PlanarLayout(channels: 1, extent: Extent(1, 1, 1), halo: .zero))
        batch.count = count
        let state = StepState()
        state.begin(.training, batch)
        return state
    }

    private static func parts(_ state: StepState, _ division: StepState.Division) -> [Range<Int>] {
        (0..<state.parts(division)).map { state.images($0, of: division) }
    }

    @Test(arguments: [1, 2, 7, 16, 19, 64, 127, 1024], [1, 2, 3, 8])
    func eachImageIsInOnePart(count: Int, group: Int) {
        let state = Self.state(count: count)
        for division in [StepState.Division.shards, .groups(of: group)] {
            let parts = Self.parts(state, division)
            #expect(parts.flatMap { Array($0) } == Array(0..<count))
            #expect(!parts.contains { $0.isEmpty })
        }
    }

    @Test(arguments: [1, 19, 64, 1024], [1, 2, 3, 8])
    func onlyTheLastGroupOfABatchIsSmaller(count: Int, group: Int) {
        let parts = Self.parts(Self.state(count: count), .groups(of: group))
        #expect(parts.dropLast().allSatisfy { $0.upperBound % group == 0 })
    }

    @Test func groupsAreFinerThanShardsWhereTheyCanBe() {
        let state = Self.state(count: 16)
        #expect(state.parts(.shards) == 2)
        #expect(state.parts(.groups(of: 2)) == 8)
        #expect(Self.state(count: 1024).parts(.groups(of: 1)) == 64)
    }

    @Test(arguments: [2, 7, 16, 19, 64, 127, 1024], [1, 3, 8])
    func aShardIsDividedIntoWholeGroups(count: Int, group: Int) {
        let state = Self.state(count: count)
        for shard in 0..<state.shards {
            let images = state.images(shard, of: .shards)
            let parts = (0..<16).map { state.images($0, of: 16, inShard: shard, groups: group) }
            #expect(parts.flatMap { Array($0) } == Array(images))
            #expect(parts.allSatisfy { ($0.lowerBound - images.lowerBound) % group == 0 || $0.isEmpty })
        }
    }
}
