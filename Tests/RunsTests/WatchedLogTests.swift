import EventLog
import FileTesting
import Files
import Testing

@testable import Runs

@Suite struct LoggedLayerTests {
    /// A log with vectors under some tags and histograms under others.
    private func log(vectors: [String], histograms: [String] = []) throws -> LogSnapshot {
        let folder = try TemporaryFolder()
        let writer = try EventWriter(directory: folder.path, startedAt: 1)
        for tag in vectors { writer.tensor(tag, step: 1, values: [1, 2], wallTime: 1) }
        for tag in histograms { writer.histogram(tag, step: 1, Histogram(of: [1, 2]), wallTime: 1) }
        try writer.flush()
        let follower = LogFollower(directory: folder.path)
        _ = try follower.poll()
        return follower.snapshot
    }

    @Test(arguments: [
        (["batchnorm/layer1.1/running_mean"], ["layer1.1"]), (["layer1.1.running_var"], ["layer1.1"]),
        (["bn1/running_mean"], ["bn1"]), (["params/bn1.running_mean"], ["params/bn1"]),
        (["batchnorm/a/running_mean", "a.running_var", "b.batch_mean"], ["a", "b"]),
        (["layer1.1.weight", "fc.bias", "running_mean", "batchnorm//running_mean", "x.num_batches_tracked"], []),
    ])
    func layersAreFoundByTheStatisticsThatOnlyTheyHave(tags: [String], layers: [String]) throws {
        #expect(LoggedLayer.all(in: try log(vectors: tags)).map(\.name) == layers)
        #expect(LoggedLayer.all(in: try log(vectors: [], histograms: tags)).map(\.name) == layers)
    }

    @Test func whatEachRankHasStandsBesideTheVectorsAndNotAmongThem() throws {
        let folder = try TemporaryFolder()
        let writer = try EventWriter(directory: folder.path, startedAt: 1)
        writer.tensor("batchnorm/a.b/running_mean", step: 1, values: [1, 2, 3], wallTime: 1)
        writer.tensor("batchnorm/a.b/batch_var_correction", step: 1, values: [1], wallTime: 1)
        writer.matrix("batchnorm/a.b/ranks_running_mean", step: 1, rows: [[1, 2, 3], [4, 5, 6]], wallTime: 1)
        try writer.flush()
        let follower = LogFollower(directory: folder.path)
        _ = try follower.poll()
        let log = follower.snapshot
        let layer = try #require(LoggedLayer.all(in: log).first)
        #expect(LoggedLayer.all(in: log).count == 1 && layer.name == "a.b")
        #expect(layer.ranks(of: .runningMean, in: log)?.last?.rows == [[1, 2, 3], [4, 5, 6]])
        #expect(layer.ranks(of: .runningVariance, in: log) == nil)
        #expect(layer.fact(.batchVarianceCorrection, in: log) == 1)
        #expect(LoggedLayer.Fact.isNamed(by: "batchnorm/a.b/batch_var_correction"))
        #expect(!log.tensors.tags.contains { $0.contains("ranks_") } && log.others.isEmpty)
    }

    /// Names that other people's programs give, and what they mean.
    @Test(arguments: [
        ("batchnorm/layer1.1/running_mean", "layer1.1", LoggedLayer.Quantity.runningMean),
        ("layer1.1.weight", "layer1.1", .weight), ("params/bn1.bias", "params/bn1", .bias),
        ("running_var/layer1.1", "layer1.1", .runningVariance), ("gamma/bn1", "bn1", .weight),
        ("batch_normalization/moving_variance/histogram", "batch_normalization", .runningVariance),
        ("sequential/batch_normalization/beta_0", "sequential/batch_normalization", .bias),
    ])
    func tagsThatPeopleLogAreUnderstood(tag: String, layer: String, quantity: LoggedLayer.Quantity) {
        #expect(LayerTag(tag)?.layer == layer && LayerTag(tag)?.quantity == quantity)
    }

    @Test(arguments: ["", "/", ".", "weight", "/weight", "weight/", "running_mean", "train/loss", "batchnorm//bias"])
    func tagsOfOtherThingsAreLeftAlone(tag: String) {
        #expect(LayerTag(tag) == nil)
    }

    @Test func parametersAndBuffersInTwoGroupsAreOneLayer() throws {
        let log = try log(
            vectors: [],
            histograms: [
                "params/bn1.weight", "params/bn1.bias", "grads/bn1.weight", "buffers/bn1.running_mean",
                "buffers/bn1.running_var", "params/fc.weight",
            ])
        let layers = LoggedLayer.all(in: log)
        #expect(layers.map(\.name) == ["buffers/bn1"])
        #expect(layers[0].tag(of: .weight, in: log) == "params/bn1.weight")
    }

    @Test func withoutStatisticsALayerIsWhatHasAsManyGammasAsBetas() throws {
        let log = try log(vectors: ["layer1.1.weight", "layer1.1.bias", "fc.bias"], histograms: ["fc.weight"])
        #expect(LoggedLayer.all(in: log).map(\.name) == ["layer1.1", "fc"])
        #expect(LoggedLayer.all(in: try self.log(vectors: ["a.weight"])).isEmpty)
    }

    @Test func singleNumbersAreReadHoweverTheyWereLogged() throws {
        let folder = try TemporaryFolder()
        let writer = try EventWriter(directory: folder.path, startedAt: 1)
        writer.tensor("bn.running_mean", step: 1, values: [1, 2], wallTime: 1)
        writer.tensor("bn.momentum", step: 1, values: [0.1], wallTime: 1)
        writer.scalar("bn.eps", step: 1, value: 0.001, wallTime: 1)
        writer.histogram("bn.num_batches_tracked", step: 1, Histogram(of: [17]), wallTime: 1)
        try writer.flush()
        let follower = LogFollower(directory: folder.path)
        _ = try follower.poll()
        let layer = try #require(LoggedLayer.all(in: follower.snapshot).first)
        #expect(layer.fact(.momentum, in: follower.snapshot) == Double(Float(0.1)))
        #expect(layer.fact(.epsilon, in: follower.snapshot) == Double(Float(0.001)))
        #expect(layer.fact(.batchesTracked, in: follower.snapshot) == 17)
    }

    @Test func whatBelongsToALayerIsFoundUnderAnyOfItsNames() throws {
        let log = try log(
            vectors: ["batchnorm/layer1.1/running_mean", "layer1.1/batch_mean"], histograms: ["layer1.1.weight"])
        let layer = try #require(LoggedLayer.all(in: log).first)
        #expect(layer.vectors(of: .runningMean, in: log)?.last?.value == [1, 2])
        #expect(layer.vectors(of: .batchMean, in: log) != nil)
        #expect(layer.vectors(of: .weight, in: log) == nil && layer.histograms(of: .weight, in: log) != nil)
        #expect(layer.histograms(of: .bias, in: log) == nil)
    }
}

@Suite struct RunSettingsTests {
    private static let yaml = """
        name: cnn
        data: {path: ../x, pad: 2}
        model:
          layer1:
            - Conv2d(3, 16, kernel_size=3)
            - BatchNorm2d(16)
        optimizer: AdamW(lr=1e-3, betas=(0.9, 0.999))
        shuffle: true
        """

    @Test func settingsAreFlatAndTheOptimizersArgumentsStandByThemselves() {
        let settings = RunSettings.list(yaml: Self.yaml)
        #expect(
            settings == [
                .init("name", .text("cnn")), .init("data.path", .text("../x")), .init("data.pad", .number(2)),
                .init("model.layer1.0", .text("Conv2d(3, 16, kernel_size=3)")),
                .init("model.layer1.1", .text("BatchNorm2d(16)")), .init("optimizer", .text("AdamW")),
                .init("lr", .number(1e-3)), .init("betas", .text("(0.9,0.999)")), .init("shuffle", .flag(true)),
            ])
    }

    @Test func whatIsWrittenCanBeSetByTheSameKeys() throws {
        let folder = try TemporaryFolder()
        try folder.write("e.yaml", Self.yaml)
        let written = RunSettings.written(folder.path + "/e.yaml")
        #expect(written.map(\.key).contains("model.layer1.0"))
        #expect(written.first { $0.key == "optimizer" }?.value == "AdamW(lr=1e-3, betas=(0.9, 0.999))")
    }

    @Test(arguments: ["", "[", "a: [1, {b: 2}", "- x"])
    func whatIsNoExperimentHasFewSettingsAndHarmsNothing(yaml: String) {
        #expect(RunSettings.list(yaml: yaml).count <= 1)
    }
}

@Suite struct MixedCatalogueTests {
    private func log(in folder: TemporaryFolder, _ run: String, settings: [Hyperparameter] = []) throws {
        try folder.write("\(run)/x", "")
        let writer = try EventWriter(directory: "\(folder.path)/\(run)", startedAt: 1)
        writer.scalar("loss", step: 3, value: 1, wallTime: 1)
        if !settings.isEmpty { writer.hyperparameters(settings, wallTime: 1) }
        try writer.flush()
    }

    private func entries(_ roots: [String]) throws -> [RunCatalogue.Entry] {
        var catalogue = RunCatalogue(roots: roots)
        while try !catalogue.refresh().caughtUp {}
        return catalogue.entries.sorted { $0.name < $1.name }
    }

    @Test func ourRunsAndForeignLogsStandInOneList() throws {
        let folder = try TemporaryFolder()
        try folder.write("ours/experiment.yaml", "epochs: 3")
        try log(in: folder, "ours")
        try log(in: folder, "theirs/deep/er", settings: [.init("lr", .number(0.1))])
        let runs = try entries([folder.path])
        #expect(runs.map(\.name) == ["ours", "theirs/deep/er"])
        #expect(runs.map(\.state) == [.unstarted, .log])
        #expect(runs.map(\.settings) == [[.init("epochs", .number(3))], [.init("lr", .number(0.1))]])
        #expect(runs.allSatisfy { $0.isComplete && $0.log.points == 1 && !$0.isLive })
    }

    @Test func severalFoldersPutTheirNamesInFront() throws {
        let (one, two) = (try TemporaryFolder(), try TemporaryFolder())
        try log(in: one, "a")
        try log(in: two, "a")
        let names = try entries([one.path, two.path + "/"]).map(\.name)
        #expect(Set(names) == Set([one, two].map { FilePath.lastPart($0.path) + "/a" }))
    }

    @Test func theReaderFollowsARunHoweverItsPathIsWrittenAndTakesAnotherWhenItGoes() throws {
        let folder = try TemporaryFolder()
        for run in ["a", "b"] { try log(in: folder, run) }
        var reader = WorkspaceReader(places: [folder.path])
        let opened = reader.poll(open: folder.path + "//./a")
        let first = try #require(opened)
        #expect(first.open?.name == "a" && first.runs.count == 2 && first.points == 2)
        let unchanged = reader.poll(open: folder.path + "/a") == nil
        #expect(unchanged)
        try folder.remove("a")
        let reopened = reader.poll(open: folder.path + "/a")
        let second = try #require(reopened)
        #expect(second.open?.name == "b" && second.runs.count == 1)
    }

    @Test func aFolderThatIsNotThereYetIsEmptyAndFoundWhenItComes() throws {
        let folder = try TemporaryFolder()
        var reader = WorkspaceReader(places: [folder.path + "/later"])
        let missing = reader.poll(open: nil)
        let before = try #require(missing)
        #expect(before.problem == nil && before.runs.isEmpty && reader.isComplete)
        try log(in: folder, "later/run")
        let found = reader.poll(open: nil)
        let after = try #require(found)
        #expect(after.problem == nil && after.runs.map(\.name) == ["run"])
    }
}
