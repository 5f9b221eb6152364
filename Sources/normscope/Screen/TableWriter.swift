import Dashboard
import Dispatch
import Files
import Glibc
import Runs
import Synchronization

/// A background writer of CSV files, one after another.
final class TableWriter: Sendable {
    private let queue = DispatchQueue(label: "tables")
    private let messages = Mutex<[Message]>([])

    /// Writes the table to `path`, or into the current folder under an unused name.
    func write(_ table: CSVTable, to path: String? = nil) {
        queue.async { [self] in
            let result: Message
            do {
                let path = path ?? Self.freeName(table.name)
                try AtomicFile.replace(path, table.write)
                result = .done("wrote \(table.contents) to \(FilePath.absolute(path))")
            } catch {
                result = .refused("\(error)")
            }
            messages.withLock { $0.append(result) }
        }
    }

    /// The messages about finished files since the last call.
    func drain() -> [Message] {
        messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }

    /// Waits until all tables are written.
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
