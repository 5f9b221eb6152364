import Foundation
import Testing

/// View 5 in a real terminal.
@Suite(.serialized) struct CheckpointScreenTests {
    @Test(arguments: [(80, 24), (120, 36)])
    func aFolderIsBrowsedFromTheCommandLine(columns: Int, rows: Int) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try TerminalSession(in: workspace, columns: columns, rows: rows)
        try terminal.command("\(TestWorkspace.program) inspect \(TestWorkspace.repository)/sample-data")
        try terminal.wait(for: "both files") { $0.contains("model.pth") && $0.contains("model_params.pth") }
        try terminal.press("Space", "Space", "d")
        try terminal.wait(forText: "identical: every value of every tensor is the same")
        try terminal.press("Escape")
        try terminal.wait(forText: "d compares A and B")
        try terminal.press("g", "Enter")
        try terminal.wait(forText: "▼ layer1")
        try terminal.press("]")
        try terminal.wait(for: "the layer's channels") {
            $0.contains("16 channels") && $0.contains("running_var") && $0.contains("β bias")
        }
        try terminal.press("G")
        try terminal.wait(for: "the last tensor") { $0.contains("float32 (10)") && $0.contains("values") }
        try terminal.resize(columns: 60, rows: 16)
        try terminal.wait(forText: "float32 (10)")
        try terminal.press("Escape")
        try terminal.wait(forText: "model_params.pth")
        try terminal.press("q")
        try terminal.wait(for: "the shell's own screen") { !$0.contains("q quit") && $0.contains("$") }
    }

    @Test func aRunsCheckpointsAreEvaluatedConvertedResumedAndDeleted() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try run(
            TestWorkspace.program,
            ["train", "--headless", "--set", "epochs=2", "--set", "checkpoint.keep=5", TestWorkspace.example],
            in: workspace.directory)
        let folder = "runs/batchnorm-cnn/checkpoints"
        #expect(workspace.files(in: folder) == ["step-00000094-epoch-0001.pth", "step-00000188.pth"])
        let terminal = try TerminalSession(in: workspace)
        try terminal.command("\(TestWorkspace.program)")
        try terminal.wait(forText: "finished")
        try terminal.press("5")
        try terminal.wait(for: "both checkpoints") {
            $0.contains("188 ") && $0.contains("step-00000094-epoch-0001.pth")
        }
        try terminal.press("e")
        try terminal.wait(for: "both modes") {
            $0.contains("evaluation mode   loss") && $0.contains("batch statistics  loss")
        }
        try terminal.press("C")
        try terminal.wait(forText: "becomes safetensors")
        try terminal.press("Enter")
        try terminal.wait(forText: "wrote ")
        try wait(for: "the new file") { workspace.files(in: folder).contains("step-00000188.safetensors") }
        try terminal.press("j", "R")
        try terminal.wait(forText: "running")
        try wait(for: "the end of what is trained again") { workspace.state(of: "batchnorm-cnn") == "finished" }
        try terminal.wait(forText: "finished")
        try terminal.press("G", "D")
        try terminal.wait(forText: "Delete the checkpoint step-00000094-epoch-0001.pth?")
        try terminal.wait(forText: "delete it for good")
        try terminal.press("y")
        try wait(for: "the file's end") { !workspace.files(in: folder).contains("step-00000094-epoch-0001.pth") }
    }

    @Test func namesInAHostileFileNeverReachTheTerminal() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let name = "a\u{1B}]0;owned\u{07}\u{1B}[31m"
        let header =
            "{\"\(name.replacing("\u{1B}", with: "\\u001b").replacing("\u{07}", with: "\\u0007"))\":"
            + "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
        var bytes = Data((0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) })
        bytes += Data(header.utf8) + Data([0, 0, 0x80, 0x3F])
        try bytes.write(to: URL(fileURLWithPath: workspace.path("hostile.safetensors")))
        for arguments in [["--tensor", name + "?"], ["--tensor", "\u{1B}[2J"]] {
            let refused = try run(
                TestWorkspace.program, ["inspect", "hostile.safetensors"] + arguments, in: workspace.directory)
            #expect(refused.status == 1 && !refused.errors.contains("\u{1B}"))
        }
        let printed = try run(TestWorkspace.program, ["inspect", "hostile.safetensors"], in: workspace.directory)
        #expect(printed.status == 0 && !printed.output.contains("\u{1B}") && !printed.output.contains("\u{07}"))
        let terminal = try TerminalSession(in: workspace)
        try terminal.command("\(TestWorkspace.program) watch hostile.safetensors")
        try terminal.wait(forText: "1 tensors")
        try terminal.press("G")
        let screen = try terminal.wait(forText: "float32 (1)")
        #expect(screen.contains("]0;owned"))
    }
}
