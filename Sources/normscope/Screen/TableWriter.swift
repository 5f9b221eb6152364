import Dashboard
import Dispatch
import Glibc
import Runs
import Synchronization

/// Puts tables on the disk beside the screen, one after another.
final class TableWriter: Sendable {
    private let queue = DispatchQueue(label: "tables")
    private let news = Mutex<[Message]>([])

    /// Writes the table to `path`, or into the current folder under a name that nothing has yet.
    func write(_ table: CSVTable, to path: String? = nil) {
        queue.async { [self] in
            let result: Message
            do {
                let path = path ?? Self.freeName(table.name)
                try TextFile.write(to: path, table.write)
                result = .done("wrote \(table.contents) to \(FilePath.absolute(path))")
            } catch {
                result = .refused("\(error)")
            }
            news.withLock { $0.append(result) }
        }
    }

    /// What came of it since this was last asked.
    func drain() -> [Message] {
        news.withLock { news in
            defer { news = [] }
            return news
        }
    }

    /// Waits for what is being written.
    func finish() { queue.sync {} }

    private static func freeName(_ stem: String) -> String {
        var name = stem + ".csv"
        var number = 2
        while access(name, F_OK) == 0 {
            name = "\(stem)-\(number).csv"
            number += 1
        }
        return name
    }
}
