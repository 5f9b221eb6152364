import Testing

@testable import Dashboard

@Suite struct TensorTreeTests {
    private let tree = TensorTree(["a.0.weight", "a.0.bias", "a.1.weight", "b", "a.2"], root: "Net")

    @Test func modulesStandBeforeWhatIsInThem() {
        #expect(
            tree.nodes.map(\.path) == ["", "a", "a.0", "a.0.weight", "a.0.bias", "a.1", "a.1.weight", "b", "a", "a.2"])
        #expect(tree.nodes.map(\.depth) == [0, 1, 2, 3, 3, 2, 3, 1, 1, 2])
        #expect(tree.nodes[2].rows == 0..<2 && tree.nodes[0].rows == 0..<5)
    }

    @Test func aFoldedModuleHidesAllThatIsInIt() {
        var tree = tree
        tree.fold(tree.nodes[2])
        #expect(tree.visible.map(\.path) == ["", "a", "a.0", "a.1", "a.1.weight", "b", "a", "a.2"])
        tree.fold(tree.nodes[1])
        #expect(tree.visible.map(\.path) == ["", "a", "b", "a"])
        tree.reveal("a.0.weight")
        #expect(tree.visible == tree.nodes)
    }
}

@Suite struct FilteredTreeTests {
    @Test func onlyWantedTensorsAndTheModulesAroundThemAreShown() {
        var tree = TensorTree(["a.w", "a.b", "c.d.w", "e"], root: "net")
        tree.show { $0.hasSuffix("w") }
        #expect(tree.visible.map(\.path) == ["", "a", "a.w", "c", "c.d", "c.d.w"])
        #expect(tree.rows(of: tree.nodes[0]) == [0, 2])
        tree.show { _ in false }
        #expect(tree.visible.map(\.path) == [""])
        tree.show { _ in true }
        #expect(tree.visible.count == tree.nodes.count)
    }
}
