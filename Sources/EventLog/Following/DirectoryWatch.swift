import Glibc

/// A watch on directories by inotify: the kernel tells which of them change, instead of a look at each.
///
/// It knows nothing of what another machine does on a network file system, and the number of directories it can watch is
/// limited; whoever uses it looks at what it can't watch now and then.
final class DirectoryWatch {
    /// An event in a watched directory.
    struct Event: Equatable {
        let directory: Int32
        let name: String
        /// Something came, went or was renamed; otherwise a file was written to.
        let isStructural: Bool
    }

    /// The result of reading the kernel's queue.
    enum Reading: Equatable {
        case events([Event])
        /// More happened than the kernel's queue holds: look at everything.
        case overflow
    }

    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 14)

    /// Nil where there is no inotify.
    init?() {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        if descriptor < 0 { return nil }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    private static let structural = UInt32(
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)

    /// The number by which events of a directory are known; nil if it can't be watched.
    func add(_ path: String) -> Int32? {
        let number = inotify_add_watch(descriptor, path, Self.structural | UInt32(IN_MODIFY) | UInt32(IN_ONLYDIR))
        return number >= 0 ? number : nil
    }

    func remove(_ number: Int32) {
        _ = inotify_rm_watch(descriptor, number)
    }

    /// Waits until something happens, but not longer than `milliseconds`.
    func wait(milliseconds: Int32) {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = Glibc.poll(&request, 1, milliseconds)
    }

    /// Reads the events since the last call.
    func readEvents() -> Reading {
        var events: [Event] = []
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return .events(events) }
            guard Self.parse(buffer[..<count], into: &events) else { return .overflow }
        }
    }

    /// struct inotify_event: watch (4), mask (4), cookie (4), length of the name (4), name padded with zeros.
    private static func parse(_ bytes: ArraySlice<UInt8>, into events: inout [Event]) -> Bool {
        var start = bytes.startIndex
        while start + 16 <= bytes.endIndex {
            let (watch, mask, length) = bytes.withUnsafeBytes { raw in
                let offset = start - bytes.startIndex
                return (
                    raw.loadUnaligned(fromByteOffset: offset, as: Int32.self),
                    raw.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                    Int(raw.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                )
            }
            if mask & UInt32(IN_Q_OVERFLOW) != 0 { return false }
            let end = min(start + 16 + length, bytes.endIndex)
            let name = String(decoding: bytes[(start + 16)..<end].prefix { $0 != 0 }, as: UTF8.self)
            let isStructural = mask & structural != 0
            // A log that is written to quickly says so again and again; once is enough.
            let event = Event(directory: watch, name: name, isStructural: isStructural)
            if mask & UInt32(IN_IGNORED) == 0 && events.last != event { events.append(event) }
            start = end
        }
        return true
    }
}
