import ArgumentParser

/// `normscope convert IN OUT`
struct Convert: ParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case stateDictionary = "state-dict"
        case module
    }

    static let configuration = CommandConfiguration(
        abstract: "Write a checkpoint's network in another form.",
        discussion: """
            OUT ending in .safetensors becomes a safetensors file, any other a PyTorch file: a state dictionary, or \
            with --as module an nn.Sequential that opens without any class. A module needs the network's layers: from \
            the run that the checkpoint belongs to, from --experiment, or from a module in the file itself. Whatever \
            OUT was stays until the new file is complete.
            """)

    @Argument(help: "A checkpoint.", completion: .file())
    var input: String

    @Argument(help: "The file to write.", completion: .file())
    var output: String

    @Option(name: .customLong("as"), help: "The form of a PyTorch file: state-dict or module.")
    var form = Form.stateDictionary

    @Option(help: "The experiment whose network it is.", completion: .file(extensions: ["yaml", "yml"]))
    var experiment: String?

    func validate() throws {
        guard form == .stateDictionary || !output.hasSuffix(".safetensors") else {
            throw ValidationError("a .safetensors file holds tensors only: --as module needs a .pth file")
        }
    }

    func run() throws {
        StopSignal.install()
        let conversion = try Conversion(from: input, to: output, asModule: form == .module, experiment: experiment)
        let progress = WorkProgress("writing \(output)", total: conversion.byteCount)
        defer { progress.end() }
        let words = try conversion.write { count in
            progress.add(count)
            return !StopSignal.consume()
        }
        progress.end()
        print(words)
    }
}
