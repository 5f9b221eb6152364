import Canvas
import Testing

@testable import Dashboard

@Suite struct KeyTableTests {
    @Test(arguments: ViewKind.allCases)
    func noKeyMeansTwoThingsInOneView(view: ViewKind) {
        let keys = KeyTable.bindings(in: view).flatMap(\.keys)
        #expect(Set(keys).count == keys.count)
    }

    @Test func everyBindingExplainsItself() {
        for binding in KeyTable.bindings {
            #expect(!binding.explanation.isEmpty && !binding.keys.isEmpty && !binding.views.isEmpty)
        }
    }

    @Test(arguments: ViewKind.allCases)
    func helpAndQuitWorkEverywhere(view: ViewKind) {
        #expect(KeyTable.binding(for: .character("?"), in: view)?.action == .help)
        #expect(KeyTable.binding(for: .character("q"), in: view)?.action == .quit)
        #expect(KeyTable.binding(for: .control("c"), in: view)?.action == .quit)
    }

    @Test func theReadmeListsEveryKeyOfTheTable() throws {
        let readme = try String(contentsOfFile: Repository.path + "/README.md", encoding: .utf8)
        for binding in KeyTable.bindings {
            let explanation = binding.explanation.replacing("|", with: "\\|")
            #expect(readme.contains("| \(binding.readmeKeys) | \(explanation) |"), "\(binding.keyNames)")
        }
    }
}

extension KeyBinding {
    fileprivate var readmeKeys: String {
        keys.map { "`\($0.name)`" }.joined(separator: " ")
    }
}

enum Repository {
    static let path = #filePath.components(separatedBy: "/Tests/")[0]
}
