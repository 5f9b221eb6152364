import Foundation
import Testing

/// A newcomer without the README: every key that is pressed here is read off the screen.
@Suite(.serialized) struct NewcomerTests {
    /// The key that the last line of the screen offers for something, once it does: `p pause` gives `p`.
    private func key(for label: String, offeredBy terminal: TerminalSession) throws -> String {
        let screen = try terminal.wait(for: "the offer of \(label)") { Self.offer(of: label, in: $0) != nil }
        return try #require(Self.offer(of: label, in: screen))
    }

    private static func offer(of label: String, in screen: String) -> String? {
        let footer = screen.split(separator: "\n").last.map(String.init) ?? ""
        let offers = footer.components(separatedBy: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
        guard let offer = offers.first(where: { $0.hasSuffix(" " + label) }) else { return nil }
        return String(offer.dropLast(label.count + 1)).components(separatedBy: " ")[0]
    }

    /// The key in front of some words in a window or in the help.
    private func key(before words: String, on screen: String) throws -> String {
        let line = try #require(screen.split(separator: "\n").first { $0.contains(words) }, "\(words) in \(screen)")
        let before = line[..<(line.range(of: words)?.lowerBound ?? line.startIndex)]
        return try #require(before.split { " │╭".contains($0) }.last { !$0.hasPrefix(":") }.map(String.init))
    }

    /// The digit of a view among the tabs.
    private func digit(of view: String, on screen: String) throws -> String {
        let tab = try #require(try Regex("([0-9]) \(view)").firstMatch(in: screen), "\(screen)")
        return String(tab.output[1].substring ?? "")
    }

    @Test(arguments: [(80, 24), (120, 36)])
    func theScreenAloneLeadsToEverything(columns: Int, rows: Int) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let run = "batchnorm-cnn"
        let terminal = try TerminalSession(in: workspace, columns: columns, rows: rows)
        try terminal.command("\(TestWorkspace.program) train \(TestWorkspace.example)")
        try terminal.wait(forText: "running")

        try terminal.press(try key(for: "pause", offeredBy: terminal))
        try terminal.wait(for: "the offer to go on") { $0.contains("paused") && $0.contains(" resume") }

        // The help knows what the footer has no word for.
        try terminal.press(try key(for: "help", offeredBy: terminal))
        var screen = try terminal.wait(forText: "search")
        try terminal.type(try key(before: "search", on: screen))
        try terminal.type("learning rate")
        screen = try terminal.wait(forText: "set the learning rate")
        let rateKey = try key(before: "set the learning rate", on: screen)
        try terminal.press("Enter")
        screen = try terminal.wait(forText: "everything")
        try terminal.press("Escape")
        try terminal.wait(forText: "Esc close")
        try terminal.press("Escape")
        try terminal.wait(for: "the help's end") { !$0.contains("set the learning rate") }
        try terminal.type(rateKey)
        screen = try terminal.wait(forText: "set it")
        try terminal.type("0.002")
        try terminal.press(try key(before: "set it", on: screen))
        try terminal.press(try key(for: "resume", offeredBy: terminal))
        try terminal.wait(forText: "lr 0.002")

        for number in 1...2 {
            try terminal.type(try key(for: "checkpoint", offeredBy: terminal))
            try wait(for: "checkpoint \(number)") {
                workspace.files(in: "runs/\(run)/checkpoints").count(where: { !$0.contains("epoch") }) >= number
            }
        }

        screen = try terminal.wait(for: "the tabs") { $0.contains("Checkpoints ") }
        try terminal.press(try digit(of: "Checkpoints", on: screen))
        let mark = try key(for: "mark", offeredBy: terminal)
        try terminal.press(mark, mark)
        screen = try terminal.wait(forText: "compares A and B")
        try terminal.type(try key(before: "compares A and B", on: screen))
        try terminal.wait(for: "the comparison") {
            $0.contains("A  ") && $0.contains("B  ") && $0.contains("fc.weight")
        }

        try terminal.type(try key(for: "quit", offeredBy: terminal))
        screen = try terminal.wait(forText: "it goes on without this screen")
        try terminal.type(try key(before: "detach: it goes on", on: screen))
        try terminal.wait(forText: "goes on training")
        let step = workspace.step(of: run)
        try wait(for: "steps without a screen") { workspace.step(of: run) > step }
        #expect(workspace.state(of: run) == "running")
    }
}
