import Glibc

/// `engine.log`: what an engine has to say in words, one line each, the time in front.
struct EngineLog {
    let path: String

    /// Appends a line. A log that can't be written stops nobody: the run's state is in status.json.
    func append(_ text: String, at time: Double) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let line = Array("\(Self.stamp(time))  \(text)\n".utf8)
        _ = write(descriptor, line, line.count)
    }

    /// `2026-11-23 14:05:09`, local time.
    private static func stamp(_ time: Double) -> String {
        var seconds = time_t(time)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &parts)
        return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
