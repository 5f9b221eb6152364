import Canvas
import Foundation
import Testing

@testable import Dashboard

@Suite struct KeyTableTests {
    @Test(arguments: ViewKind.allCases)
    func noKeyMeansTwoThingsInOneView(view: ViewKind) {
        let keys = Keymap.standard.bindings(in: view).flatMap(\.keys)
        #expect(Set(keys).count == keys.count)
    }

    @Test func everyBindingExplainsItself() {
        for binding in KeyTable.bindings {
            #expect(!binding.explanation.isEmpty && !binding.keys.isEmpty && !binding.views.isEmpty)
        }
    }

    @Test(arguments: ViewKind.allCases)
    func helpAndQuitWorkEverywhere(view: ViewKind) {
        #expect(Keymap.standard.binding(for: .character("?"), in: view)?.action == .help)
        #expect(Keymap.standard.binding(for: .character("q"), in: view)?.action == .quit)
        #expect(Keymap.standard.binding(for: .control("c"), in: view)?.action == .quit)
    }

    @Test func thePageOfKeysListsEveryKeyAndCommand() throws {
        let file = Repository.path + "/Sources/Dashboard/Dashboard.docc/Keys.md"
        let page = try String(contentsOfFile: file, encoding: .utf8)
        guard ProcessInfo.processInfo.environment["NORMSCOPE_RECORD_FRAMES"] == "1" else {
            #expect(page.contains(KeyPage.text), "NORMSCOPE_RECORD_FRAMES=1 writes it into the page")
            return
        }
        let parts = page.split(separator: KeyPage.heading, maxSplits: 1)
        let end = try #require(parts.last?.range(of: "\n## "))
        try (parts[0] + KeyPage.text + parts[1][end.lowerBound...])
            .write(toFile: file, atomically: true, encoding: .utf8)
        Issue.record("recorded the tables of keys: look at them")
    }
}

/// The documentation's tables of keys and commands, generated from the tables in the code.
private enum KeyPage {
    static let heading = "## Keys and commands\n"

    static var text: String {
        let groups = KeyBinding.Group.allCases.map { group in
            table(["key", "`:` command", group.rawValue.lowercased()], rows(of: group))
        }
        return heading + "\n" + groups.joined(separator: "\n")
    }

    private static func rows(of group: KeyBinding.Group) -> [[String]] {
        let bindings = KeyTable.bindings.filter { $0.group == group }.map { binding in
            [
                binding.keys.map { "`\($0.name)`" }.joined(separator: " "), "`\(binding.action.name)`",
                binding.explanation,
            ]
        }
        let commands = CommandTable.commands.filter { $0.group == group }.map { command in
            ["", "`\(command.usage.dropFirst())`", command.explanation]
        }
        return (bindings + commands).reduce(into: []) { rows, row in if !rows.contains(row) { rows.append(row) } }
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        ([head, head.map { _ in "---" }] + rows).map { row in
            "| " + row.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
        }.joined()
    }
}

enum Repository {
    static let path = #filePath.components(separatedBy: "/Tests/")[0]
}
