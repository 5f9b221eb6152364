import FileTesting
import Testing
import Training

/// Whatever bytes stand in an experiment file, reading them ends, with an experiment or an error of one line.
@Suite struct HostileExperimentTests {
    private func expectOneLine(_ error: any Error, _ input: [UInt8]) {
        let shown = String(decoding: input, as: UTF8.self)
        #expect(!"\(error)".isEmpty && "\(error)".utf8.count < 1000, "\(shown)")
    }

    @Test(arguments: 0..<8) func experimentsOfAnyBytesAreReadOrRefused(seed: UInt64) {
        var hostile = HostileText(seed: seed)
        var read = 0
        for _ in 0..<500 {
            let bytes = hostile.mutated(ExperimentTests.sample)
            do {
                let yaml = String(decoding: bytes, as: UTF8.self)
                let experiment = try Experiment(yaml: yaml, file: "e.yaml", folder: "/")
                #expect(try Experiment(yaml: experiment.yaml(), file: "e.yaml", folder: "/") == experiment)
                read += 1
            } catch {
                expectOneLine(error, bytes)
            }
        }
        #expect(read > 10, "mutations that always fail test little")
    }

    @Test(arguments: 0..<4) func overridesOfAnyBytesAreTakenOrRefused(seed: UInt64) {
        var hostile = HostileText(seed: seed)
        for text in ["data.normalize={mean: [0.286], std: 0.353}", "model.layer1.0=Conv2d(3, 8, 3)", "epochs=3"] {
            for _ in 0..<200 {
                let bytes = hostile.mutated(text)
                do {
                    _ = try Experiment(
                        yaml: ExperimentTests.sample, file: "e.yaml", folder: "/",
                        overrides: [String(decoding: bytes, as: UTF8.self)])
                } catch {
                    expectOneLine(error, bytes)
                }
            }
        }
    }
}
