import Canvas
import Foundation
import Testing

@testable import Dashboard

@Suite struct ScreenMemoryTests {
    @Test func whatWasSetUpIsThereAgain() throws {
        let folder = try WatchedFolder.sample()
        var model = try folder.model()
        model.type("2/loss")
        model.press(.enter)
        model.type("y+x]4vjj6 llls7/step")
        model.press(.enter)
        model.type("6/a|b")
        model.press(.enter)
        let memory = try JSONDecoder().decode(ScreenMemory.self, from: JSONEncoder().encode(model.memory))
        #expect(memory == model.memory)
        var again = try folder.model(recalling: memory)
        #expect(again.memory == memory)
        #expect(again.app.view == .runs && again.app.marks == model.app.marks && !again.app.marks.isEmpty)
        for view in "24" {
            again.type("\(view)")
            model.type("\(view)")
            for _ in 0..<2 { _ = (again.update(.tick(model.app.now + 60)), model.update(.tick(model.app.now + 60))) }
            #expect(again.frame(36, 120).text == model.frame(36, 120).text, "\(view)")
        }
    }

    /// Of a stale or hostile file, only valid values are restored.
    @Test(arguments: [
        "{}", #"{"view": "nowhere", "smoothing": 1e300, "axis": "", "marks": ["gone", "gone", 3]}"#,
        #"{"view": 3, "smoothing": "NaN", "marks": "x", "filters": {"runs": "/(a+)+$/", "curves": "(((", "x": "y"}}"#,
        #"{"sort": "\u001b[2J", "chart": "\u001b]0;x\u0007", "histogram": "", "turnedCharts": ["\u001b"], "isHeatMap": 1}"#,
        #"{"filters": {"runs": "\u001b[31mx"}, "view": "runs", "defaults": []}"#,
    ])
    func aStrangeMemoryIsHarmless(json: String) throws {
        let memory = try JSONDecoder().decode(ScreenMemory.self, from: Data(json.utf8))
        var model = try WatchedFolder.sample().model(recalling: memory)
        #expect(ChartSettings.smoothings.contains(model.app.settings.smoothing) && model.app.marks.isEmpty)
        for view in ViewKind.allCases {
            model.type("\(view.digit)")
            #expect(!model.frame(24, 80).text.contains("\u{1B}"))
        }
    }

    @Test func marksWaitForTheirRunsButNotForever() throws {
        let folder = try WatchedFolder.sample()
        var memory = ScreenMemory()
        memory.marks = try folder.model().app.workspace?.runs.map(\.directory.path) ?? []
        let all = memory.marks
        memory.marks.append(folder.path + "/gone")
        #expect(try folder.model(recalling: memory).app.marks == all)
    }

    @Test func whatIsConfiguredAnewGoesBeforeWhatIsRemembered() {
        var memory = ScreenMemory()
        (memory.theme, memory.smoothing, memory.mouse) = ("nord", 0.3, false)
        memory.defaults = .init(theme: "dark", smoothing: 0.9, mouse: true)
        #expect(memory.at(memory.defaults) == memory)
        let now = memory.at(.init(theme: "light", smoothing: 0.9, mouse: true))
        #expect(now.theme == nil && now.smoothing == 0.3 && now.mouse == false && now.defaults.theme == "light")
    }

    @Test func aFilterThatIsBeingTypedIsNotRememberedYet() throws {
        var model = try WatchedFolder.sample().model()
        model.type("6/abc")
        #expect(model.memory.filters.isEmpty)
        model.press(.escape)
        #expect(model.memory.filters.isEmpty)
    }
}
