import Foundation

/// A workspace for a test: the built program and an empty folder of its own.
struct TestWorkspace {
    let directory: String

    /// A fresh folder under the system's temporary directory, with nothing in it.
    init() throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("normscope-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
        directory = base.path
    }

    /// The folder that XDG_CONFIG_HOME names in a terminal.
    var configuration: String { path(".config") }

    func path(_ name: String) -> String { directory + "/" + name }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    func write(_ text: String, to name: String) throws {
        let folder = URL(fileURLWithPath: path(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
    }

    func files(in name: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path(name))) ?? []).sorted()
    }

    /// Ends every engine that a test started here and removes the folder.
    func close() {
        for run in files(in: "runs") {
            if let pid = enginePid(of: run) { kill(pid, SIGKILL) }
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    func status(of run: String) -> [String: Any] {
        guard let data = FileManager.default.contents(atPath: path("runs/\(run)/status.json")),
            let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return [:] }
        return object
    }

    func state(of run: String) -> String { status(of: run)["state"] as? String ?? "" }
    func step(of run: String) -> Int { status(of: run)["step"] as? Int ?? -1 }

    func enginePid(of run: String) -> Int32? {
        guard let pid = status(of: run)["pid"] as? Int, pid > 1 else { return nil }
        return Int32(pid)
    }

    /// The normscope that was built together with these tests.
    static let program: String = {
        let products = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: products).deletingLastPathComponent().appendingPathComponent("normscope").path
    }()

    /// The folder with Package.swift in it.
    static let repository = #filePath.components(separatedBy: "/Tests/")[0]
}

/// The output and the exit status of a finished command.
struct Outcome {
    let status: Int32
    let output: String
    let errors: String
}

/// Runs a command to its end, without a terminal.
///
/// Foundation's Process would wait for every process that the command leaves behind, a tmux server or an engine among them.
@discardableResult
func run(_ program: String, _ arguments: [String], in directory: String, environment: [String: String] = [:]) throws
    -> Outcome
{
    let scratch = FileManager.default.temporaryDirectory.path + "/normscope-" + UUID().uuidString
    let captured = ["out", "err"].map { scratch + "." + $0 }
    defer { for path in captured { unlink(path) } }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for (descriptor, path) in zip([STDOUT_FILENO, STDERR_FILENO], captured) {
        posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    let settings = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let status = try spawn(
        ["/usr/bin/env", "--chdir=" + directory, program] + arguments, settings.map { "\($0)=\($1)" }, &actions)
    let texts = captured.map { String(decoding: FileManager.default.contents(atPath: $0) ?? Data(), as: UTF8.self) }
    return Outcome(status: status, output: texts[0], errors: texts[1])
}

/// The exit status of a process, or 128 and the number of the signal that ended it, as shells say it.
private func spawn(
    _ arguments: [String], _ environment: [String], _ actions: inout posix_spawn_file_actions_t
) throws -> Int32 {
    let strings = arguments.map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for string in strings + variables { free(string) } }
    // A thread of the test runner blocks signals, and a child would inherit that: a tmux server could not be ended.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    guard posix_spawn(&pid, arguments[0], &actions, &attributes, strings, variables) == 0 else {
        throw NeverHappened(what: "start \(arguments)", last: String(cString: strerror(errno)))
    }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
}

/// An error: what a test waited for and never saw.
struct NeverHappened: Error, CustomStringConvertible {
    let what: String
    let last: String
    var description: String { "waited for: \(what); what was there:\n\(last)" }
}

/// Polls until `condition` holds; the deadline only bounds a test that has failed.
func wait(for what: String, seconds: Double = 60, showing last: () -> String = { "" }, _ condition: () -> Bool) throws {
    let deadline = Date().addingTimeInterval(seconds)
    while !condition() {
        guard Date() < deadline else { throw NeverHappened(what: what, last: last()) }
        usleep(10_000)
    }
}

extension TestWorkspace {
    /// The experiment that everything starts from.
    static let example = repository + "/sample-data/experiments/batchnorm-cnn.yaml"
}
