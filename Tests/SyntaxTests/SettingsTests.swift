import Syntax
import Testing

/// Settings files know where each value stands, and say so when it is wrong.
@Suite struct SettingsTests {
    private func root(_ yaml: String) throws -> SettingsNode { try SettingsNode(yaml: yaml, file: "s.yaml") }

    private func section(_ yaml: String) throws -> SettingsSection {
        try SettingsSection(try root(yaml), name: "", title: "the file", keys: ["size", "rate", "quiet", "means"])
    }

    @Test func everyValueKnowsItsLine() throws {
        guard case .mapping(let entries) = try root("a: 1\nb:\n  - x\n  - y\n").content else {
            Issue.record("no mapping")
            return
        }
        #expect(entries.map(\.key) == ["a", "b"])
        #expect(entries.map(\.place.description) == ["s.yaml:1", "s.yaml:2"])
        guard case .list(let items) = entries[1].value.content else {
            Issue.record("no list")
            return
        }
        #expect(items.map(\.place.description) == ["s.yaml:3", "s.yaml:4"])
    }

    @Test func valuesAreReadByTypeAndRange() throws {
        let section = try section("size: 3\nrate: 5e-1\nquiet: yes\nmeans: [0.5, 1]")
        #expect(try section.integer("size", in: 1...4, or: 1) == 3)
        #expect(try section.number("rate", "a number") { $0 > 0 } == 0.5)
        #expect(try section.flag("quiet", or: false))
        #expect(try section.numbers("means") == [0.5, 1])
        #expect(try section.text("size")?.place == .line(file: "s.yaml", 1))
    }

    @Test(arguments: [
        ("sise: 3", "s.yaml:1: unknown key 'sise': did you mean 'size'?"),
        ("\nfoo: 3", "s.yaml:2: unknown key 'foo': expected size, rate, quiet or means"),
        ("7", "s.yaml:1: the file is '7': expected keys with values: size, rate, quiet, means"),
        ("size: 9", "s.yaml:1: size is '9': expected a whole number from 1 to 4"),
    ])
    func aMistakeIsNamedWithItsLine(yaml: String, message: String) {
        let error = #expect(throws: SettingsError.self) {
            _ = try section(yaml).integer("size", in: 1...4, or: 1)
        }
        #expect(error?.description == message)
    }

    @Test func anOptionReplacesAValueAndIsItsLocation() throws {
        var node = try root("a: {b: [1, 2]}")
        try node.override("a.b.1=[3, 4]")
        guard case .mapping(let outer) = node.content, case .mapping(let inner) = outer[0].value.content,
            case .list(let items) = inner[0].value.content
        else {
            Issue.record("\(node)")
            return
        }
        #expect(items[0].place == .line(file: "s.yaml", 1))
        #expect(items[1].summary == "a list")
        #expect(items[1].place == .option("--set a.b.1=[3, 4]"))
    }
}
