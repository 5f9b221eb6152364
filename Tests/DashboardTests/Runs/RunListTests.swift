import Canvas
import EventLog
import Runs
import Testing

@testable import Dashboard

/// The Runs view: what keys do, as seen on the screen and in effects.
@Suite struct RunListTests {
    /// Three runs that differ in their learning rate.
    private func folder() throws -> WatchedFolder {
        let folder = try WatchedFolder()
        for (name, rate, loss) in [("alpha", 0.1, 0.5), ("beta", 0.01, 0.3), ("gamma-old", 0.001, 0.9)] {
            try folder.add(name) { writer in
                let time = WatchedFolder.started
                writer.hyperparameters([.init("lr", .number(rate)), .init("batch", .number(64))], wallTime: time)
                writer.scalar("train/loss", step: 10, value: Float(loss), wallTime: time)
                writer.scalar("val/accuracy", step: 5, value: 0.9, wallTime: time)
                writer.scalar("val/accuracy", step: 10, value: Float(rate), wallTime: time)
            }
        }
        return folder
    }

    /// The names in the table, from top to bottom.
    private func names(_ model: inout Model) -> [String] {
        model.frame(24, 100).text.split(separator: "\n").compactMap { line in
            ["alpha", "beta", "gamma-old"].first { line.dropFirst(2).hasPrefix($0) && line.contains("log") }
        }.dropFirst(0).map { $0 }
    }

    @Test func whatDiffersIsAColumnAndTheBestAccuracyIsKept() throws {
        var model = try folder().model()
        model.type("6")
        let text = model.frame(24, 100).text
        #expect(text.contains("lr") && !text.contains("batch"))
        #expect(text.contains("90.00%") && text.contains("0.001"))
    }

    @Test(arguments: [
        ("beta", ["beta"]), ("!old", ["alpha", "beta"]), ("alpha|beta", ["alpha", "beta"]),
        ("/^(a|g).*a/", ["alpha", "gamma-old"]), ("lr>=1e-2", ["alpha", "beta"]), ("lr<0.05 !old", ["beta"]),
        ("loss<0.4", ["beta"]), ("state=log", ["alpha", "beta", "gamma-old"]), ("state=running", []),
        ("nothing>3", []), ("/(/", []),
    ])
    func theFilterShowsWhatMatches(text: String, expected: [String]) throws {
        var model = try folder().model()
        model.type("6/" + text)
        model.press(.enter)
        #expect(names(&model).sorted() == expected)
    }

    @Test func escapeRevertsWhatWasTypedAndEnterKeepsIt() throws {
        var model = try folder().model()
        model.type("6/beta")
        model.press(.enter)
        model.type("/zzz")
        model.press(.control("u"))
        model.type("alpha")
        #expect(names(&model) == ["alpha"])
        model.press(.escape)
        #expect(names(&model) == ["beta"])
        model.press(.escape)
        #expect(names(&model).count == 3)
    }

    @Test func anyColumnSortsBothWays() throws {
        var model = try folder().model()
        model.type("6lllls")
        #expect(names(&model) == ["beta", "alpha", "gamma-old"])
        model.type("s")
        #expect(names(&model) == ["gamma-old", "alpha", "beta"])
        model.type("lls")
        #expect(names(&model) == ["gamma-old", "beta", "alpha"])
    }

    @Test func markedRunsAreOverlaidInTheChartsAndCanBeUnmarked() throws {
        var model = try folder().model()
        model.type("6  ")
        model.type("2")
        let both = model.frame(24, 100).text
        #expect(both.contains("● alpha") && both.contains("● beta"))
        model.type("6u2")
        #expect(!model.frame(24, 100).text.contains("● beta"))
    }

    @Test func allThatPassTheFilterAreMarkedAtOnce() throws {
        let folder = try folder()
        var model = try folder.model()
        model.type("6/a&a")
        model.press(.enter)
        model.type("a")
        #expect(model.app.marks == [])
        model.press(.escape)
        model.type("/!gamma")
        model.press(.enter)
        model.type("a")
        #expect(Set(model.app.marks) == ["alpha", "beta"].reduce(into: []) { $0.insert(folder.path + "/" + $1) })
    }

    @Test func comparingNeedsTwoRunsAndShowsWhatDiffersFirst() throws {
        var model = try folder().model()
        model.type("6d")
        #expect(model.frame(24, 100).text.contains("mark two runs with Space"))
        model.type("  d")
        let lines = model.frame(24, 100).text.split(separator: "\n")
        let first = try #require(lines.firstIndex { $0.contains("1 differ") })
        #expect(lines[first + 1].hasPrefix("lr") && lines[first + 2].hasPrefix("batch"))
    }

    @Test func deletingAsksAndRenamingChecksTheName() throws {
        let folder = try folder()
        var model = try folder.model()
        model.type("6")
        #expect(model.type("D").isEmpty)
        #expect(model.frame(24, 100).text.contains("delete it for good"))
        #expect(model.type("D").isEmpty)
        #expect(model.type("y") == [.deleteRun(folder.path + "/alpha")])
        model.type("R/")
        #expect(model.press(.enter).isEmpty)
        #expect(model.frame(24, 100).text.contains("use letters, digits"))
        model.press(.backspace)
        model.type("2")
        #expect(model.press(.enter) == [.renameRun(folder.path + "/alpha", to: "alpha2")])
    }

    @Test func aKeyThatIsHeldDownDeletesNothing() throws {
        var model = try folder().model()
        model.type("6")
        #expect(model.flood("DDDDDDDD").isEmpty)
        #expect(model.frame(24, 100).text.contains("Delete alpha"))
    }

    @Test(arguments: ["DistributedDataParallel", "DDPM-cifar10", "Dy\n", "Stats\ny\n", "D\n", "qs", "qd"])
    func aPasteThatTheTerminalDoesNotMarkAnswersNoQuestion(text: String) throws {
        var model = try folder().model()
        model.type("6")
        let destroying = model.flood(text).filter {
            switch $0 {
            case .deleteRun, .command(.stop, _), .command(.kill, _), .checkpoint(.delete): true
            default: false
            }
        }
        #expect(destroying.isEmpty)
    }

    @Test(arguments: ["1", "2", "3", "4", "5", "6", "7"])
    func pastedTextIsRefusedWhereNothingIsTyped(view: String) throws {
        var model = try folder().model()
        model.type(view)
        #expect(model.update(.input(.paste("DistributedDataParallel\nqs pce"))).isEmpty)
        #expect(model.app.dialog == nil)
        #expect(model.frame(24, 100).text.contains("pasted text is no command"))
    }

    @Test func pastedTextGoesIntoTheFieldThatIsOpen() throws {
        var model = try folder().model()
        model.type("6/")
        _ = model.update(.input(.paste("be\u{1B}ta\n")))
        model.press(.enter)
        #expect(names(&model) == ["beta"])
        model.type(":")
        _ = model.update(.input(.paste("view\n curves")))
        model.press(.enter)
        #expect(model.app.view == .curves)
    }

    @Test func deletingAFolderOfRunsNamesTheRunsThatWouldGoWithIt() throws {
        let folder = try WatchedFolder()
        for name in ["sweep", "sweep/lr-1", "sweep/lr-2", "sweeper"] {
            try folder.add(name) { $0.scalar("loss", step: 1, value: 1, wallTime: WatchedFolder.started) }
        }
        var model = try folder.model()
        model.type("6s")
        model.press(.home)
        model.type("D")
        let text = model.frame(24, 100).text
        #expect(text.contains("Delete sweep with everything"))
        #expect(text.contains("2 other runs lie in it") && text.contains("sweep/lr-1, sweep/lr-2"))
        #expect(!text.contains("lr-2, sweeper"))
    }

    @Test func whatTheTableShowsIsWrittenAsCommaSeparatedValues() throws {
        var model = try folder().model()
        model.type("6/lr<0.05")
        model.press(.enter)
        model.type("s")
        #expect(model.type("w") == [.writeValues(nil)])
        let lines = try #require(model.csvTable).text.split(separator: "\n")
        #expect(lines.first == "run,state,step,updated,loss,best_validation_accuracy,lr")
        #expect(lines.dropFirst().map { $0.prefix { $0 != "," } } == ["beta", "gamma-old"])
        #expect(lines[1].hasPrefix("beta,log,10,") && lines[1].hasSuffix(",0.01"))
    }

    /// A run that grows gets a new row; runs that came, went or changed places keep or get the right one.
    @Test func rowsThatAreKeptSayWhatNewOnesWouldSay() throws {
        let folder = try folder()
        var catalogue = RunCatalogue(root: folder.path)
        var known = RunRowCache()
        func check() throws {
            while try !catalogue.refresh().caughtUp {}
            known.update(catalogue.entries)
            var fresh = RunRowCache()
            fresh.update(catalogue.entries)
            let columns = RunTable.usual + fresh.differing.map(RunTable.Column.setting)
            #expect(known.differing == fresh.differing)
            #expect(
                known.rows.map { row in columns.map(row.plain) } == fresh.rows.map { row in columns.map(row.plain) })
        }
        try check()
        try folder.add("beta") { $0.scalar("train/loss", step: 20, value: 0.125, wallTime: WatchedFolder.started + 9) }
        catalogue.forget()
        try check()
        #expect(known.rows.contains { $0.name == "beta" && $0.loss == 0.125 })
        try folder.add("delta") { writer in
            writer.hyperparameters([.init("batch", .number(32))], wallTime: WatchedFolder.started)
        }
        catalogue.forget()
        try check()
        #expect(known.differing.contains("batch"))
    }

    @Test func aRunThatDoesNotTrainCannotBeStopped() throws {
        var model = try folder().model()
        #expect(model.type("6S").isEmpty)
        #expect(model.frame(24, 100).text.contains("alpha is not training"))
    }

    @Test func aNewRunStartsFromAnExperimentWithWhatWasChanged() throws {
        var model = try folder().model()
        model.type("6")
        #expect(model.type("n").count == 1)
        let settings = [("epochs", "30"), ("optimizer", "SGD(lr=0.1)")].map {
            ExperimentChoice.Setting(key: $0.0, value: $0.1)
        }
        _ = model.update(.experiments([ExperimentChoice(title: "cnn", path: "cnn.yaml", settings: settings)]))
        model.press(.enter, .enter, .control("u"))
        model.type("3")
        model.press(.enter)
        #expect(model.frame(24, 100).text.contains("New run: cnn"))
        #expect(model.type("s") == [.startRun(experiment: "cnn.yaml", overrides: ["epochs=3"])])
        _ = model.update(.refused("cnn.yaml:3: no"))
        #expect(model.frame(24, 100).text.contains("New run: cnn"))
        _ = model.update(.started(name: "cnn"))
        #expect(!model.frame(24, 100).text.contains("New run: cnn"))
    }
}
