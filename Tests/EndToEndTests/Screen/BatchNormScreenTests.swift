import Foundation
import Testing

/// View 3 and the page of images on a real terminal, over a run of our own and over PyTorch's.
@Suite(.serialized) struct BatchNormScreenTests {
    @Test(arguments: [(80, 24), (120, 36)])
    func aRunOfOurOwnShowsItsLayersChannelsAndImages(columns: Int, rows: Int) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try TerminalSession(in: workspace, columns: columns, rows: rows)
        try terminal.command("\(TestWorkspace.program) train \(TestWorkspace.example)")
        try terminal.wait(forText: "running")
        try terminal.press("3")
        try terminal.wait(for: "the layer") { $0.contains("layer1.1") && $0.contains("channel 0 of 16") }
        try terminal.press("Right", "Right")
        try terminal.wait(forText: "channel 2 of 16")
        try terminal.press("Tab", "Enter", "v")
        try terminal.wait(forText: "running_mean")
        try terminal.press("Escape", "i")
        try terminal.wait(for: "images and a matrix, an evaluation having ended") {
            $0.contains("wrong") && $0.contains("Ankle boot")
        }
        try terminal.press("Tab", "Tab", "Enter")
        try terminal.wait(forText: "filters layer1.0.weight")
        try terminal.press("Escape", "Escape")
        try terminal.wait(forText: "channel 2 of 16")
        try terminal.press("q")
        try terminal.wait(forText: "stop and save")
        try terminal.press("s")
        try wait(for: "the engine's end") { workspace.state(of: "batchnorm-cnn") == "stopped" }
    }

    @Test func aPyTorchRunIsWalkedLayerByLayerAndThroughTime() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try TerminalSession(in: workspace)
        try terminal.command("\(TestWorkspace.program) watch \(TestWorkspace.repository)/sample-data/runs")
        try terminal.wait(forText: "running_mean")
        try terminal.press("3")
        try terminal.wait(forText: "channel 0 of 8")
        try terminal.press("]")
        try terminal.wait(forText: "channel 0 of 16")
        try terminal.press(",")
        try terminal.wait(forText: "at step")
        try terminal.press("/")
        try terminal.type("layer1")
        try terminal.press("Enter")
        try terminal.wait(for: "the one layer that passes") { !$0.contains("layer2") }
    }
}
