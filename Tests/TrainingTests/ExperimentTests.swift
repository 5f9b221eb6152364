import Foundation
import Runs
import Syntax
import Testing
import Training

@Suite struct ExperimentTests {
    static let sample = """
        name: batchnorm-cnn
        data: {format: idx, path: ../fashion-mnist, pad: 2, channels: 3}
        model:
          layer1:
            - Conv2d(3, 16, kernel_size=3, stride=1, padding=1)
            - BatchNorm2d(16)
            - ReLU()
          flatten: Flatten()
          fc: Linear(16*32*32, 10)
        optimizer: SGD(lr=0.05, momentum=0.9, weight_decay=5e-4)
        schedule: CosineAnnealingLR()
        batch_size: 64
        epochs: 30
        pace: 100
        seed: 1
        checkpoint: {every_epochs: 1, keep: 5}
        """

    private func read(_ yaml: String, _ overrides: [String] = []) throws -> Experiment {
        try Experiment(yaml: yaml, file: "e.yaml", folder: "/data/experiments", overrides: overrides)
    }

    @Test func everyKeyOfTheExampleIsRead() throws {
        let experiment = try read(Self.sample)
        #expect(experiment.name == "batchnorm-cnn")
        #expect(experiment.data.format == .idx)
        #expect(experiment.data.path == "/data/fashion-mnist")
        #expect((experiment.data.pad, experiment.data.channels, experiment.data.shuffle) == (2, 3, true))
        #expect(experiment.optimizer.text == "SGD(lr=0.05, momentum=0.9, weight_decay=5e-4)")
        #expect(experiment.optimizer.place == .line(file: "e.yaml", 10))
        #expect(experiment.schedule?.text == "CosineAnnealingLR()")
        #expect((experiment.batchSize, experiment.epochs, experiment.seed) == (64, 30, 1))
        #expect(experiment.pace == .stepsPerSecond(100))
        #expect(experiment.checkpoint == .init(everyEpochs: 1, keep: 5))
    }

    @Test func theModelIsATreeOfNamesInTheFilesOrderWithTheirLines() throws {
        let model = try read(Self.sample).model
        #expect(model.map(\.name) == ["layer1", "flatten", "fc"])
        guard case .sequence(let layers) = model[0].module else {
            Issue.record("layer1 is no list")
            return
        }
        #expect(layers.map(\.name) == ["0", "1", "2"])
        let norm = SourceText("BatchNorm2d(16)", at: .line(file: "", 0))
        #expect(layers[1].module == .constructor(norm))
        #expect(layers[1].place == .line(file: "e.yaml", 6))
    }

    @Test func whatIsNotSaidHasADefault() throws {
        let experiment = try read("{data: {path: /d}, model: [Flatten()], optimizer: SGD(lr=1)}")
        #expect(experiment.name == "e")
        #expect((experiment.data.format, experiment.data.pad, experiment.data.channels) == (.idx, 0, 1))
        #expect((experiment.batchSize, experiment.epochs, experiment.seed) == (64, 10, 1))
        #expect(experiment.schedule == nil)
        #expect(experiment.pace == .full)
        #expect((experiment.labelSmoothing, experiment.clipGradNorm) == (0, nil))
        #expect(experiment.checkpoint == .init(everyEpochs: 1, keep: 5))
    }

    @Test(arguments: [
        [], ["pace=full", "checkpoint.keep=all", "schedule=constant"],
        ["data.path=/with space/ünd: #hash", "data.normalize={mean: [0.286], std: 0.353}", "data.shuffle=no"],
        [
            "data.channels=3", "data.normalize.mean=[0.1, 0.2, 3e-7]", "checkpoint.every_epochs=0",
            "seed=9223372036854775807",
        ],
        ["model={a: {b: [ReLU(), [Flatten()]]}, '1': 'Linear(1, 2)'}", "pace=0.25", "name=a.b+c_1-d"],
        ["data={format: synthetic, classes: 3, train: 10, test: 5, size: 8, seed: 7, crop: 2, flip: true}"],
        ["data.format=synthetic"], ["data.format=cifar10", "data.crop=4", "data.flip=yes"],
        ["label_smoothing=0.1", "clip_grad_norm=2.5"], ["clip_grad_norm=none"], ["convolution=direct"],
        ["optimizer=SGD(lr=\"x\")\t\\ 'y'", "model.layer1.2=LeakyReLU(0.1)"],
    ])
    func theCompleteTextReadsBackAsTheSameExperiment(overrides: [String]) throws {
        let experiment = try read(Self.sample, overrides)
        #expect(try Experiment(yaml: experiment.yaml(), file: "other.yaml", folder: "/elsewhere") == experiment)
    }

    @Test func theCompleteTextNamesEveryKeyAndExplainsIt() throws {
        let text = try read("{data: {path: d}, model: {a: [Flatten(), ReLU()], b: ReLU()}, optimizer: SGD(lr=1)}")
            .yaml()
        #expect(
            text == """
                # What this run was asked to do, defaults included. 'normscope train' on this file starts another like it.
                name: e
                data:
                  format: idx
                  path: /data/experiments/d
                  pad: 0                      # rows and columns of zeros on each side
                  channels: 1                 # a grey image is repeated over them
                  shuffle: true               # an order of its own for each epoch
                  crop: 0                     # pixels by which training images are moved at random
                  flip: false                 # mirror every other training image, at random
                model:                        # names become keys of the state dictionary; a list is a Sequential
                  a:
                    - Flatten()
                    - ReLU()
                  b: ReLU()
                optimizer: SGD(lr=1)
                schedule: constant
                label_smoothing: 0            # as in PyTorch's CrossEntropyLoss
                clip_grad_norm: none          # longest gradient, all parameters together
                convolution: fast             # fast (Winograd) or direct, for 3×3 kernels
                batch_size: 64                # images a step
                epochs: 10                    # times through the training images
                pace: full                    # steps a second at most, or full; --headless runs at full speed
                seed: 1                       # of the initial weights and of each epoch's order
                checkpoint:
                  every_epochs: 1             # 0: only when asked, and at the end
                  keep: 5                     # newest periodic ones; those asked for stay

                """)
    }

    @Test func optionsOfTheCommandLineReplaceValuesOfTheFile() throws {
        let experiment = try read(
            Self.sample,
            [
                "batch_size=32", "data.pad=0", "data.normalize.mean=0.5", "model.layer1.0=Conv2d(3, 8, 3)",
                "batch_size=16",
            ])
        #expect(experiment.batchSize == 16)
        #expect(experiment.data.pad == 0)
        #expect(experiment.data.mean == [0.5])
        guard case .sequence(let layers) = experiment.model[0].module else { return }
        #expect(layers[0].module == .constructor(SourceText("Conv2d(3, 8, 3)", at: .option(""))))
        #expect(layers[1].module == .constructor(SourceText("BatchNorm2d(16)", at: .option(""))))
    }

    @Test func aPathOfTheCommandLineIsRelativeToTheCurrentFolder() throws {
        let here = FileManager.default.currentDirectoryPath
        #expect(try read(Self.sample, ["data.path=d/e"]).data.path == "\(here)/d/e")
    }

    @Test func madeUpImagesNeedNoPath() throws {
        let data = try read("{data: {format: synthetic, size: 8}, model: [Flatten()], optimizer: SGD(lr=1)}").data
        #expect(data.path.isEmpty)
        #expect(data.channels == 3)
        #expect(data.synthetic == .init(classes: 10, train: 6000, test: 1000, size: 8, seed: 1))
    }

    @Test func aFoldedResidualIsOneConstructor() throws {
        let yaml = """
            data: {path: d}
            model:
              block:
                - Residual([Conv2d(16, 16, 3, padding=1, bias=False), BatchNorm2d(16)],
                           shortcut=[Conv2d(16, 16, 1)])
                - ReLU()
            optimizer: SGD(lr=1)
            """
        let experiment = try read(yaml)
        guard case .sequence(let layers) = experiment.model[0].module else { return }
        let text = "Residual([Conv2d(16, 16, 3, padding=1, bias=False), BatchNorm2d(16)], shortcut=[Conv2d(16, 16, 1)])"
        #expect(layers[0].module == .constructor(SourceText(text, at: .option(""))))
        #expect(try Experiment(yaml: experiment.yaml(), file: "e.yaml", folder: "/") == experiment)
    }

    @Test(arguments: ["batchnorm-cnn", "no-batchnorm", "fashion-mnist-full", "vgg", "resnet20"])
    func theSampleExperimentsAreValidAndFindTheirData(name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let experiment = try Experiment.load("\(root)/sample-data/experiments/\(name).yaml")
        #expect(experiment.name == name)
        let expected =
            ["fashion-mnist-full", "resnet20"].contains(name) ? "/usr/share/datasets" : "\(root)/sample-data"
        #expect(experiment.data.path == "\(expected)/fashion-mnist")
    }
}
