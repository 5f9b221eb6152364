import Dashboard
import Files
import Foundation
import Terminal

/// What the dashboard remembers from one session to the next, by the folders that are watched; and the command line's
/// history, which is the same everywhere.
///
/// It is a convenience: a file that is broken, strange or can't be written is passed over without a word.
struct MemoryFile {
    private struct Entry: Codable {
        var places: [String]
        var screen: ScreenMemory
    }

    private struct Content: Codable {
        var screens: [Entry]
        var history: [String]

        init() { (screens, history) = ([], []) }

        /// A part that makes no sense does not spoil the others.
        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            screens = (try? values.decodeIfPresent([Entry].self, forKey: .screens)) ?? []
            history = (try? values.decodeIfPresent([String].self, forKey: .history)) ?? []
        }
    }

    private static let mostBytes = 1 << 20
    private static let mostScreens = 50

    private let folder: String?
    private let places: [String]

    /// - Parameter places: the folders that are watched.
    init(places: [String], environment: [String: String]) {
        folder = UserFolders(environment: environment).state
        self.places = places.map { FilePath.absolute($0) }
    }

    private var path: String? { folder.map { $0 + "/memory.json" } }

    func read() -> (screen: ScreenMemory?, history: [String]) {
        let content = content()
        return (content.screens.first { $0.places == places }?.screen, content.history)
    }

    private func content() -> Content {
        guard let path, let bytes = try? WholeFile.read(path, limit: Self.mostBytes) else { return Content() }
        return (try? JSONDecoder().decode(Content.self, from: Data(bytes))) ?? Content()
    }

    /// Puts a new file in the place of the old one, with what other folders have in it.
    func write(_ screen: ScreenMemory, history: CommandHistory) {
        guard let folder, let path else { return }
        var content = content()
        content.screens.removeAll { $0.places == places }
        content.screens.insert(Entry(places: places, screen: screen), at: 0)
        content.screens = Array(content.screens.prefix(Self.mostScreens))
        // What another dashboard added meanwhile stays, behind what was typed here.
        content.history = CommandHistory(history.lines + content.history).lines
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(content), data.count <= Self.mostBytes else { return }
        // For the user's eyes alone, as the specification wants it.
        try? Folder.make(folder, mode: 0o700)
        try? AtomicFile.replace(path, with: Array(data))
    }
}
