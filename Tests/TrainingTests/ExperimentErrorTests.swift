import Files
import Testing
import Training

/// Every message is compared as the user sees it.
@Suite struct ExperimentErrorTests {
    private func message(_ yaml: String, _ overrides: [String] = []) -> String {
        do {
            _ = try Experiment(yaml: yaml, file: "e.yaml", folder: "/data", overrides: overrides)
            return "read"
        } catch {
            return error.description
        }
    }

    /// The example with one line replaced.
    private func message(line: Int, _ text: String) -> String {
        var lines = ExperimentTests.sample.split(separator: "\n").map(String.init)
        lines[line - 1] = text
        return message(lines.joined(separator: "\n"))
    }

    @Test(arguments: [
        (13, "epoch: 30", "e.yaml:13: unknown key 'epoch': did you mean 'epochs'?"),
        (13, "Epochs: 30", "e.yaml:13: unknown key 'Epochs': did you mean 'epochs'?"),
        (12, "batch-size: 64", "e.yaml:12: unknown key 'batch-size': did you mean 'batch_size'?"),
        (15, "pad: 2", "e.yaml:15: unknown key 'pad': did you mean 'data.pad'?"),
        (
            15, "wibble: 2",
            "e.yaml:15: unknown key 'wibble': expected name, data, model, optimizer, schedule, label_smoothing, "
                + "clip_grad_norm, convolution, batch_size, epochs, pace, seed or checkpoint"
        ),
        (2, "data: {path: d, chanels: 3}", "e.yaml:2: unknown key 'chanels' in data: did you mean 'channels'?"),
        (16, "checkpoint: {keeps: 5}", "e.yaml:16: unknown key 'keeps' in checkpoint: did you mean 'keep'?"),
        (
            2, "data: {path: d, normalize: {men: 0.5}}",
            "e.yaml:2: unknown key 'men' in data.normalize: did you mean 'mean'?"
        ),
    ])
    func anUnknownKeyIsNamedWithItsLineAndTheNearestValidOne(line: Int, text: String, expected: String) {
        #expect(message(line: line, text) == expected)
    }

    @Test(arguments: [
        (13, "epochs: thirty", "e.yaml:13: epochs is 'thirty': expected a whole number from 1 to 1000000"),
        (13, "epochs: 0", "e.yaml:13: epochs is '0': expected a whole number from 1 to 1000000"),
        (13, "epochs: [1]", "e.yaml:13: epochs is a list: expected a whole number from 1 to 1000000"),
        (13, "epochs:", "e.yaml:13: epochs is empty: expected a whole number from 1 to 1000000"),
        (12, "batch_size: 0.5", "e.yaml:12: batch_size is '0.5': expected a whole number from 1 to 65536"),
        (14, "pace: 0", "e.yaml:14: pace is '0': expected steps a second (a number over 0) or full"),
        (14, "pace: nan", "e.yaml:14: pace is 'nan': expected steps a second (a number over 0) or full"),
        (14, "label_smoothing: 2", "e.yaml:14: label_smoothing is '2': expected a number from 0 to 1"),
        (14, "convolution: quick", "e.yaml:14: convolution is 'quick': expected fast or direct"),
        (14, "clip_grad_norm: 0", "e.yaml:14: clip_grad_norm is '0': expected a number over 0, or none"),
        (15, "seed: -1", "e.yaml:15: seed is '-1': expected a whole number of 0 or more"),
        (
            16, "checkpoint: {keep: 0}",
            "e.yaml:16: checkpoint.keep is '0': expected a whole number of 1 or more, or all"
        ),
        (
            16, "checkpoint: 5",
            "e.yaml:16: checkpoint is '5': expected keys with values: every_epochs, keep"
        ),
        (
            2, "data: {path: d, format: png}",
            "e.yaml:2: data.format is 'png': expected one of idx, cifar10, cifar100, synthetic"
        ),
        (
            2, "data: {path: d, size: 8}",
            "e.yaml:2: data.size is for made-up images: set format: synthetic, or remove it"
        ),
        (2, "data: {path: d, shuffle: maybe}", "e.yaml:2: data.shuffle is 'maybe': expected true or false"),
        (
            2, "data: {path: d, channels: 3, normalize: {mean: [1, 2]}}",
            "e.yaml:2: data.normalize.mean is a list: expected one number, or one for each of the 3 channels"
        ),
        (
            2, "data: {path: d, normalize: {std: [-1]}}",
            "e.yaml:2: data.normalize.std is a list: expected numbers over 0"
        ),
        (
            1, "name: ../../etc",
            "e.yaml:1: name is '../../etc': expected a folder's name: it must start with a letter or a digit"
        ),
        (10, "optimizer: [SGD()]", "e.yaml:10: optimizer is a list: expected a text"),
    ])
    func aValueOfTheWrongKindIsNamedWithWhatIsExpected(line: Int, text: String, expected: String) {
        #expect(message(line: line, text) == expected)
    }

    @Test(arguments: [
        (8, "  flatten:", "e.yaml:8: model.flatten is empty: expected a layer, as in ReLU()"),
        (
            8, "  fla.tten: Flatten()",
            "e.yaml:8: layer name 'fla.tten' cannot be used: it becomes part of names such as "
                + "layer1.weight, so letters, digits and _ only"
        ),
        (
            8, "  flatten: [Linear(3, 4)]",
            "e.yaml:8: model.flatten.0 is 'Linear(3', a piece of a layer: inside [ ] or { }, put quotes around a layer"
        ),
        (8, "  flatten: []", "e.yaml:8: model.flatten has no layers"),
        (8, "  layer1: Flatten()", "e.yaml:4: key 'layer1' stands twice: remove one"),
    ])
    func aModelThatCannotBeReadIsNamedWithItsLine(line: Int, text: String, expected: String) {
        #expect(message(line: line, text) == expected)
    }

    @Test(arguments: [
        ("", "e.yaml: key 'data' is missing: add it, as in data: {format: idx, path: ../fashion-mnist}"),
        (
            "data: {pad: 1}",
            "e.yaml: key 'data.path' is missing: add it, as in data: {format: idx, path: ../fashion-mnist}"
        ),
        ("data: {path: d}", "e.yaml: key 'model' is missing: add it, as in model: [Flatten(), 'Linear(784, 10)']"),
        (
            "data: {path: d}\nmodel: [ReLU()]",
            "e.yaml: key 'optimizer' is missing: add it, as in optimizer: SGD(lr=0.05, momentum=0.9)"
        ),
        (
            "just words",
            "e.yaml:1: the experiment is 'just words': expected keys with values: name, data, model, optimizer, "
                + "schedule, label_smoothing, clip_grad_norm, convolution, batch_size, epochs, pace, seed, "
                + "checkpoint"
        ),
        ("a: [1\nb: 2", "e.yaml:2: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence"),
        (
            "a: 1\n\tb: 2",
            "e.yaml:2: not valid YAML: found a tab character that violates indentation while scanning a plain scalar"
        ),
        (
            "a: 1\n---\nb: 2",
            "e.yaml:2: not valid YAML: expected a single document in the stream but found another document"
        ),
        ("a: *b", "e.yaml:1: not valid YAML: found undefined alias"),
        ("name: a\u{0}b", "e.yaml:1: not valid YAML: control characters are not allowed"),
    ])
    func aFileThatIsNoExperimentIsOneClearLine(yaml: String, expected: String) {
        #expect(message(yaml) == expected)
    }

    @Test(arguments: [
        ("epoch=3", "--set epoch=3: unknown key 'epoch': did you mean 'epochs'?"),
        ("data.pading=3", "--set data.pading=3: unknown key 'pading' in data: did you mean 'pad'?"),
        ("epochs=x", "--set epochs=x: epochs is 'x': expected a whole number from 1 to 1000000"),
        ("epochs", "--set epochs: expected KEY=VALUE, as in --set batch_size=32"),
        ("=3", "--set =3: expected KEY=VALUE, as in --set batch_size=32"),
        ("epochs.x=3", "--set epochs.x=3: 'x' looks for a part of '30', which has none"),
        (
            "model.layer1.7=ReLU()",
            "--set model.layer1.7=ReLU(): '7' is not one of the 3 places of that list (0 is the first)"
        ),
        (
            "lr=0.1",
            "--set lr=0.1: unknown key 'lr': the learning rate stands in the optimizer, as in 'optimizer=SGD(lr=0.1)'"
        ),
    ])
    func anOptionOfTheCommandLineGetsTheSameErrors(option: String, expected: String) {
        #expect(message(ExperimentTests.sample, [option]) == expected)
    }

    @Test func aMissingFileIsNamed() {
        #expect(throws: FileError.unreadable(path: "none/e.yaml", reason: "No such file or directory")) {
            try Experiment.load("none/e.yaml")
        }
    }

    @Test func aFileThatUnfoldsWithoutEndIsRefused() {
        var yaml = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1..<12 {
            let inner = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(inner)]\n"
        }
        #expect(message(yaml).hasSuffix("not valid YAML: too many values"))
    }

    @Test func deepNestingIsRefusedAndDoesNotOverflowTheStack() {
        let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        #expect(message("data: {path: d}\nmodel: \(deep)").contains("is nested too deeply"))
        let deeper = String(repeating: "[", count: 100_000)
        #expect(message("model: \(deeper)").hasPrefix("e.yaml:1: not valid YAML: "))
    }
}
