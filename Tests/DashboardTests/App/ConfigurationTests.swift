import Canvas
import Runs
import Testing

@testable import Dashboard

@Suite struct ConfigurationTests {
    private static func read(_ yaml: String) -> Configuration { Configuration(yaml: yaml, file: "config.yaml") }

    @Test func whatIsWrittenIsTaken() {
        let configuration = Self.read(
            """
            theme: nord
            smoothing: 0.6
            mouse: off
            keys:
              checkpoint: [F5, ctrl-s]
              quit: Q
              filter: []
            """)
        #expect(configuration.problems.isEmpty)
        #expect(configuration.theme?.name == "nord" && configuration.smoothing == 0.6 && configuration.mouse == false)
        let keys = configuration.keymap
        #expect(keys.binding(for: .function(5), in: .overview)?.action == .checkpoint)
        #expect(keys.binding(for: .control("s"), in: .log)?.action == .checkpoint)
        #expect(keys.binding(for: .character("c"), in: .overview) == nil)
        #expect(keys.binding(for: .character("Q"), in: .runs)?.action == .quit)
        #expect(keys.binding(for: .control("c"), in: .runs)?.action == .quit)
        #expect(keys.binding(for: .character("q"), in: .runs) == nil)
        #expect(keys.binding(for: .character("/"), in: .runs) == nil)
    }

    @Test(arguments: [
        ("them: dark", "config.yaml:1: unknown key 'them': did you mean 'theme'?"),
        ("\nsmoothing: 1.5", "config.yaml:2: smoothing is '1.5': expected a weight"),
        ("smoothing: [1]", "config.yaml:1: smoothing is a list: expected a weight"),
        ("mouse: perhaps", "config.yaml:1: mouse is 'perhaps': expected on or off"),
        ("theme: {a: b}", "config.yaml:1: theme is a group of keys: expected a theme's name"),
        ("keys:\n  chekpoint: c", "config.yaml:2: unknown key 'chekpoint' in keys: did you mean 'checkpoint'?"),
        ("keys:\n  checkpoint: pgdwn", "config.yaml:2: checkpoint: 'pgdwn' is no key: did you mean 'pgdn'?"),
        ("keys:\n  checkpoint: [c, {a: b}]", "config.yaml:2: checkpoint is a group of keys: expected a key"),
        ("keys: c", "config.yaml:1: keys is 'c': expected lines such as checkpoint: c"),
        ("- a", "config.yaml:1: expected lines such as theme: dark"),
        ("a: [", "config.yaml:2: not valid YAML"), ("theme: a\ntheme: b", "config.yaml:1: key 'theme' stands twice"),
    ])
    func aMistakeIsNamedWithItsLine(yaml: String, problem: String) throws {
        let found = try #require(Self.read(yaml).problems.first)
        #expect(found.contains(problem) && !found.contains("\n"), "\(found)")
    }

    @Test func theRestOfAFileWithMistakesIsTaken() {
        let configuration = Self.read("wrong: 1\nsmoothing: 0.3\nkeys:\n  nothing: x\n  reload: F5")
        #expect(configuration.problems.count == 2 && configuration.smoothing == 0.3)
        #expect(configuration.keymap.binding(for: .function(5), in: .log)?.action == .reload)
    }

    @Test(arguments: ["", "#", "keys:", "---", "~"])
    func anEmptyFileChangesNothing(yaml: String) {
        let configuration = Self.read(yaml)
        #expect(
            configuration.problems.isEmpty && configuration.keymap.bindings.map(\.keys) == KeyTable.bindings.map(\.keys)
        )
    }

    @Test func aKeyTakenFromAnotherActionIsReported() {
        let configuration = Self.read("keys:\n  evaluate: c")
        let keys = Keymap.standard
        let views = ViewKind.allCases.filter { view in
            [.checkpoint, .evaluate].allSatisfy { keys.binding(of: $0, in: view) != nil }
        }
        let names = views.map(\.title).joined(separator: ", ")
        #expect(
            configuration.problems == [
                "config.yaml:2: 'c' was checkpoint in \(names): give that another key, or none ([])"
            ])
        #expect(configuration.keymap.binding(for: .character("c"), in: .overview)?.action == .evaluate)
        #expect(configuration.keymap.binding(for: .character("c"), in: .checkpoints)?.action == .checkpoint)
    }

    @Test func ofTwoWishesForOneKeyTheFirstIsKept() {
        let configuration = Self.read("keys:\n  reload: F5\n  redraw: F5")
        #expect(configuration.problems == ["config.yaml:3: 'F5' is reload already: redraw goes without it there"])
        #expect(configuration.keymap.binding(for: .function(5), in: .log)?.action == .reload)
    }

    @Test func exchangingTwoKeysIsNoConflict() {
        let configuration = Self.read("keys:\n  checkpoint: e\n  evaluate: c\n  evaluate-checkpoint: F3")
        #expect(configuration.problems.isEmpty, "\(configuration.problems)")
        #expect(configuration.keymap.binding(for: .character("e"), in: .overview)?.action == .checkpoint)
    }

    @Test func controlCAlwaysQuits() {
        let configuration = Self.read("keys:\n  quit: []\n  reload: ctrl-c")
        #expect(configuration.keymap.binding(for: .control("c"), in: .overview)?.action == .quit)
        #expect(configuration.problems.count == 1)
    }

    @Test func anActionHasTheSameKeysWhereverItWorks() {
        for binding in KeyTable.bindings {
            let others = KeyTable.bindings.filter { $0.action == binding.action }
            #expect(others.allSatisfy { $0.keys == binding.keys }, "\(binding.action.name)")
        }
    }

    @Test func everyKeyOfTheTableCanBeWritten() {
        for key in KeyTable.bindings.flatMap(\.keys) { #expect(Key(spelling: key.spelling) == key) }
        for (text, key) in [
            ("Ctrl-L", Key.control("l")), ("^c", .control("c")), ("PgUp", .pageUp), ("f12", .function(12)),
        ] {
            #expect(Key(spelling: text) == key)
        }
        for text in ["", "f13", "ctrl-", "ctrl-1", "spce", "ab"] { #expect(Key(spelling: text) == nil) }
    }

    /// The printed template has the defaults.
    @Test func thePrintedFileWithoutItsMarksChangesNothing() {
        let lines = Configuration.template(path: "config.yaml", themes: ["dark"]).split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix("#") })
        let yaml = lines.filter {
            $0.firstMatch(of: /^#( *)[a-z0-9-]+:/) != nil && !$0.hasPrefix("# ") || $0.hasPrefix("#  ")
        }
        .map { $0.dropFirst() }.joined(separator: "\n")
        let configuration = Self.read(yaml)
        #expect(configuration.problems.isEmpty, "\(configuration.problems)\n\(yaml)")
        #expect(configuration.smoothing == 0.9 && configuration.mouse == true && configuration.theme?.name == "dark")
        #expect(configuration.keymap.bindings.map(\.keys) == KeyTable.bindings.map(\.keys))
        for name in Configuration.actionNames { #expect(yaml.contains("\n  \(name): "), "\(name)") }
    }

    @Test func reboundKeysAreWhatHelpAndFooterSay() throws {
        let keys = Self.read("keys: {checkpoint: F6, filter: f, follow: [], previous-layer: \"(\"}").keymap
        var model = Model(folders: "runs", keys: keys)
        model.type("?")
        let help = model.frame(60, 120).text
        #expect(help.contains("F6  :checkpoint") && !help.contains(" c  :checkpoint"))
        model.press(.escape)
        let text = try WatchedFolder.sample().model(keys: keys).footer(columns: 200)
        #expect(text.contains("( ] layer") && !text.contains("follow"))
    }
}
