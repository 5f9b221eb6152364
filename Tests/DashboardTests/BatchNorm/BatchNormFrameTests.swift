import Canvas
import FrameTesting
import Testing

@testable import Dashboard

/// View 3 as text, in every state that matters.
@Suite struct BatchNormFrameTests {
    private static let sizes = [(24, 80), (36, 120), (60, 200)]

    private func model(_ log: String, _ keys: String = "") throws -> Model {
        var model = try LayerLogs.folder(log).model()
        model.type("3" + keys)
        return model
    }

    @Test(arguments: LayerLogs.names, sizes)
    func everyStateOfALogHasItsFrame(log: String, size: (Int, Int)) throws {
        var model = try model(log, log == "200 layers" ? "s" : "")
        let name = "batchnorm-\(log.replacing(" ", with: "-"))-\(size.1)x\(size.0)"
        #expect(FrameFile().mismatch(of: model.frame(size.0, size.1), named: name) == nil)
    }

    @Test(arguments: ["now", "over time", "large", "list", "earlier"], sizes)
    func theRecordedPyTorchRunShowsEveryFace(face: String, size: (Int, Int)) throws {
        var model = try WatchedFolder.sample().model()
        model.type("3]lll")
        switch face {
        case "over time": model.type("v")
        case "large": model.press(.tab, .tab, .enter)
        case "list": model.press(.enter)
        case "earlier": model.type(",,,,,")
        default: break
        }
        let name = "batchnorm-\(face.replacing(" ", with: "-"))-\(size.1)x\(size.0)"
        #expect(FrameFile().mismatch(of: model.frame(size.0, size.1), named: name) == nil)
    }

    @Test func withoutUnicodeTheViewIsWhole() throws {
        var model = try model("one point")
        let frame = model.frame(24, 80, glyphs: .ascii)
        #expect(frame.text.allSatisfy { $0.isASCII })
        #expect(FrameFile().mismatch(of: frame, named: "batchnorm-ascii-80x24") == nil)
    }

    @Test func theWorstLayerComesFirstWhenAskedFor() throws {
        var model = try model("200 layers")
        #expect(model.frame(24, 80).text.contains("▲ … more") == false)
        model.type("s")
        let text = model.frame(24, 80).text
        #expect(text.contains("worst first 1/200") && text.contains("running variance lags below the batches'"))
        model.press(.down)
        #expect(model.frame(24, 80).text.contains("1 dead channel (γ≈0): 2"))
    }

    @Test func theChannelCursorReadsValuesAndFindsWhatWasNamed() throws {
        var model = try model("not finite", "]")
        #expect(model.frame(36, 120).text.contains("channel 0 of 8"))
        model.type("n")
        let text = model.frame(36, 120).text
        #expect(text.contains("channel 3 of 8") && text.contains("σ² NaN"))
        model.type("}")
        #expect(model.frame(36, 120).text.contains("channel 7 of 8"))
        model.type("hh")
        #expect(model.frame(36, 120).text.contains("channel 5 of 8"))
    }

    @Test func timeIsWalkedBackAndTheNewestFollowedAgain() throws {
        var model = try model("young", ",,")
        #expect(model.frame(36, 120).text.contains("at step 3"))
        model.type("...")
        #expect(!model.frame(36, 120).text.contains("at step"))
        model.type(",,,,,,,,,,")
        #expect(model.frame(36, 120).text.contains("at step 1"))
    }

    @Test func layersAreFilteredAndTheChosenOneStays() throws {
        var model = try model("200 layers", "/stages.3")
        model.press(.enter)
        let text = model.frame(36, 120).text
        #expect(text.contains("stages.3.blocks.0.norm") && !text.contains("stages.4"))
        model.type("/")
        for _ in 0..<8 { model.press(.backspace) }
        model.type("nowhere")
        #expect(model.frame(36, 120).text.contains("none of 200 layers passes the filter"))
    }

    @Test func tabWalksThePanesAndEscLeadsBackToTheOverview() throws {
        var model = try model("young")
        model.press(.tab)
        #expect(model.frame(36, 120).text.contains("▶ running_mean"))
        model.press(.backTab, .backTab, .enter)
        let large = model.frame(36, 120).text
        #expect(large.contains("▶ β bias") && !large.contains("γ weight"))
        model.press(.escape)
        #expect(model.frame(36, 120).text.contains("γ weight"))
        model.press(.escape)
        #expect(model.app.view == .overview)
    }

    @Test func theMouseChoosesLayersAndPanes() throws {
        var model = try model("not finite")
        _ = model.frame(36, 120)
        _ = model.update(.input(.pointer(Pointer(.press, row: 4, column: 4))))
        #expect(model.frame(36, 120).text.contains("running_var is not finite in channel 3"))
        _ = model.update(.input(.pointer(Pointer(.press, row: 14, column: 90))))
        #expect(model.frame(36, 120).text.contains("▶ running_var"))
    }

    @Test func aGapBetweenTrainingAndValidationIsSaid() throws {
        let folder = try LayerLogs.folder("young")
        try folder.add("other") { writer in
            for step in 1...20 {
                let time = WatchedFolder.started
                writer.tensor("batchnorm/bn/running_mean", step: Int64(step), values: [0.5, 1], wallTime: time)
                writer.tensor("batchnorm/bn/running_var", step: Int64(step), values: [1, 2], wallTime: time)
                writer.scalar("train/accuracy", step: Int64(step), value: 0.9, wallTime: time)
            }
            writer.scalar("val/accuracy", step: 20, value: 0.5, wallTime: WatchedFolder.started)
        }
        var model = try folder.model()
        model.type("6")
        if !model.frame(24, 80).text.contains("▶ other") { model.press(.down, .enter) }
        model.type("3")
        model.press(.enter)
        let text = model.frame(36, 120).text
        #expect(text.contains("running statistics stand still"))
        #expect(text.contains("accuracy 90.0% in training, 50.0% in validation"))
    }
}
