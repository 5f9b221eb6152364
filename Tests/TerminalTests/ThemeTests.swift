import Canvas
import Foundation
import Testing

@testable import Terminal

private let themeFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Themes")

private let themeFiles = ((try? FileManager.default.contentsOfDirectory(atPath: themeFolder.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

@Suite struct ThemeTests {
    @Test(arguments: themeFiles)
    func `every theme in the folder is complete and named like its file`(file: String) throws {
        let theme = try Theme.load(path: themeFolder.appendingPathComponent(file).path)
        #expect(theme.name + ".yaml" == file)
    }

    @Test(arguments: themeFiles)
    func `words can be read on their ground`(file: String) throws {
        let theme = try Theme.load(path: themeFolder.appendingPathComponent(file).path)
        for role in [Role.text, .title, .key, .error, .warning, .good, .accent] {
            #expect(contrast(theme.colour(.role(role)), theme.colour(.role(.background))) >= 3.5, "\(role)")
        }
        #expect(contrast(theme.colour(.role(.selectionText)), theme.colour(.role(.selection))) >= 3.5)
        #expect(contrast(theme.colour(.role(.dim)), theme.colour(.role(.background))) >= 2.2)
    }

    @Test(arguments: themeFiles)
    func `the ramp grows in lightness all the way, one way or the other`(file: String) throws {
        let theme = try Theme.load(path: themeFolder.appendingPathComponent(file).path)
        let ramp = theme.ramp.map(luminance)
        #expect(ramp == ramp.sorted() || ramp == ramp.sorted().reversed())
    }

    @Test(arguments: themeFiles)
    func `curves stand out from their ground`(file: String) throws {
        let theme = try Theme.load(path: themeFolder.appendingPathComponent(file).path)
        for role in Role.allCases where role.rawValue.hasPrefix("series") {
            #expect(contrast(theme.colour(.role(role)), theme.colour(.role(.background))) >= 2.5, "\(role)")
        }
    }

    /// The built-in themes are the files' text. With NORMSCOPE_RECORD_FRAMES=1 the source file is written anew, and the test
    /// fails.
    @Test func `the built-in themes are the files in the folder`() throws {
        let order = ["dark", "light"]
        let names = order + themeFiles.map { String($0.dropLast(5)) }.filter { !order.contains($0) }
        let texts = try names.map { name in
            try String(contentsOf: themeFolder.appendingPathComponent(name + ".yaml"), encoding: .utf8)
        }
        if ProcessInfo.processInfo.environment["NORMSCOPE_RECORD_FRAMES"] == "1" {
            try record(Array(zip(names, texts)))
            Issue.record("recorded BuiltInThemes.swift: run again without NORMSCOPE_RECORD_FRAMES")
        }
        #expect(BuiltInThemes.texts.map(\.name) == names)
        #expect(BuiltInThemes.texts.map(\.text) == texts)
    }

    private func record(_ themes: [(name: String, text: String)]) throws {
        let entries = themes.map { theme in
            let body = theme.text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "" : "            " + $0 }.joined(separator: "\n")
            return
                "        (\n            \"\(theme.name)\",\n            \"\"\"\n\(body)\n            \"\"\"\n        ),\n"
        }
        let source = """
            /// The built-in themes as text, so that the program needs no files. Generated from the folder Themes by the test that
            /// compares them; change a theme there.
            enum BuiltInThemes {
                static let texts: [(name: String, text: String)] = [
            \(entries.joined())    ]
            }

            """
        let file = themeFolder.deletingLastPathComponent().appendingPathComponent(
            "Sources/Terminal/Themes/BuiltInThemes.swift")
        try source.write(to: file, atomically: true, encoding: .utf8)
    }

    /// The contrast ratio of WCAG 2: 1 for equal colours, 21 for black on white.
    private func contrast(_ a: RGB, _ b: RGB) -> Double {
        let (high, low) = (max(luminance(a), luminance(b)), min(luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)
    }

    private func luminance(_ rgb: RGB) -> Double {
        func linear(_ value: UInt8) -> Double {
            let value = Double(value) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(rgb.red) + 0.7152 * linear(rgb.green) + 0.0722 * linear(rgb.blue)
    }
}

@Suite struct ThemeErrorTests {
    private static let dark = BuiltInThemes.texts[0].text

    @Test(arguments: [
        ("  txet: '#ffffff'", "t:27: “txet” is nothing a theme has; did you mean “text”?"),
        ("  text: '#fff'", "t:27: “#fff” is no colour for text; write it as '#rrggbb', in quotes"),
        ("  text: #ffffff", "t:27: “” is no colour for text; write it as '#rrggbb', in quotes"),
    ])
    func `a wrong line is named with what was probably meant`(line: String, message: String) {
        let lines = ["name: t"] + (1..<25).map { _ in "#" } + ["colours:", line]
        #expect(throws: TerminalError.self) { try Theme.parse(lines.joined(separator: "\n"), path: "t") }
        let error = #expect(throws: TerminalError.self) {
            try Theme.parse(lines.joined(separator: "\n"), path: "t")
        }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        "", "a", "- b", "{", "name: [", "colours: 7", "ramp: '#ffffff'", "ramp: ['#ffffff']", "colour: {}",
        "a: &a [*a, *a]", "\u{0}", "colours: {text: {}}", "? [a]: b",
    ])
    func `what is no theme is refused`(text: String) {
        #expect(throws: TerminalError.self) { try Theme.parse(text, path: "t") }
    }

    @Test func `missing roles are listed`() {
        let text = Self.dark.split(separator: "\n").filter { !$0.contains("beta:") && !$0.contains("ramp:") }
        #expect(throws: TerminalError.themeIncomplete(path: "t", missing: ["beta", "ramp"])) {
            try Theme.parse(text.joined(separator: "\n"), path: "t")
        }
    }

    @Test func `a file that is not there, no file, or too long is named`() throws {
        #expect(throws: TerminalError.themeUnreadable(path: "/nowhere/x.yaml", reason: "No such file or directory")) {
            try Theme.load(path: "/nowhere/x.yaml")
        }
        #expect(throws: TerminalError.themeUnreadable(path: "/", reason: "Is a directory")) {
            try Theme.load(path: "/")
        }
        #expect(throws: TerminalError.themeUnreadable(path: "/dev/zero", reason: "it is over 64 KB, so no theme")) {
            try Theme.load(path: "/dev/zero")
        }
    }
}

@Suite struct ThemeCatalogueTests {
    @Test func `dark and light need no file`() throws {
        let catalogue = ThemeCatalogue(environment: [:])
        #expect(catalogue.names.prefix(2) == ["dark", "light"])
        #expect(try catalogue.theme(named: "dark").name == "dark")
        #expect(catalogue.name(after: "dark") == "light")
        #expect(catalogue.name(after: catalogue.names.last ?? "") == "dark")
        #expect(catalogue.name(after: "gone") == "dark")
    }

    @Test func `a name that is not there gets the nearest one`() {
        let error = #expect(throws: TerminalError.self) { try ThemeCatalogue(environment: [:]).theme(named: "ligth") }
        guard case .themeNotFound(_, let nearest, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(nearest == "light")
    }

    @Test func `a file of the user's own comes before the built-in one`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("themes-\(UUID())")
        let themes = folder.appendingPathComponent("normscope/themes")
        try FileManager.default.createDirectory(at: themes, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let mine = BuiltInThemes.texts[0].text.replacingOccurrences(of: "'#d7dde8'", with: "'#010203'")
        try mine.write(to: themes.appendingPathComponent("dark.yaml"), atomically: true, encoding: .utf8)
        try "{".write(to: themes.appendingPathComponent("own.yaml"), atomically: true, encoding: .utf8)
        let catalogue = ThemeCatalogue(environment: ["XDG_CONFIG_HOME": folder.path])
        #expect(try catalogue.theme(named: "dark").colour(.role(.text)) == RGB(1, 2, 3))
        #expect(catalogue.names.contains("own"))
        #expect(throws: TerminalError.self) { try catalogue.theme(named: "own") }
    }
}
