// swift-tools-version: 6.2
import Foundation
import PackageDescription

let environment = ProcessInfo.processInfo.environment

/// The instruction set that kernels are built for: this machine's own, unless the environment names another
/// (`NORMSCOPE_CPU=x86-64-v3 swift build`, for a binary that travels). Baseline x86-64 has no fused multiply-add, and
/// Swift would then call the C library for each one.
let cpu = environment["NORMSCOPE_CPU"] ?? "native"

#if arch(x86_64)
    let instructionSet: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=\(cpu)"])]
#else
    let instructionSet: [SwiftSetting] = []
#endif

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

/// Optimised in debug builds too: tests draw every view at every size.
let quick = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Number crunching too: SIMD code under test is a hundred times slower otherwise, and still ten times where its operators
/// are compiled file by file, for then they are called, not inlined. With threads the compiler writes an object for each file,
/// as the package manager expects.
let whole = ["-whole-module-optimization", "-disable-batch-mode", "-num-threads", "2"]
let numeric = quick + instructionSet + [.unsafeFlags(whole, .when(configuration: .debug))]

/// A target, in the order in which imports may point: each names only what stands above it.
func target(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
        resources: resources,
        swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let sources: [Target] = [
    .systemLibrary(name: "CNcurses"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CEventLog"),
    .systemLibrary(name: "CInstructionSet"),
    .target(name: "CFilePages"),
    target("Canvas", settings: quick),
    target("Syntax", [yams]),
    target("Files", ["CFilePages", "CZlib"], settings: numeric),
    target("Tensors", settings: numeric),
    target("Threads", ["CInstructionSet"], settings: numeric),
    target("Kernels", ["CInstructionSet", "Tensors"], settings: numeric),
    target("EventLog", ["CEventLog", "Files"], settings: numeric),
    target(
        "Checkpoints", ["Files", "Syntax", "Tensors", "Threads", "CInstructionSet", "CZlib"],
        settings: numeric),
    target("Charts", ["Canvas"], settings: quick),
    target("Network", ["Kernels", "Syntax", "Tensors", "Threads"], settings: numeric),
    target("Datasets", ["Files", "Tensors"], settings: numeric),
    target("Runs", ["EventLog", "Files", "Syntax"]),
    target("Diagnosis", settings: numeric),
    target("Training", ["Checkpoints", "Datasets", "EventLog", "Files", "Network", "Runs", "Syntax", "Tensors"]),
    target("Terminal", ["Canvas", "Files", "CNcurses", "Syntax", yams]),
    target("Dashboard", ["Canvas", "Charts", "Checkpoints", "Diagnosis", "EventLog", "Runs", "Syntax"]),
    .executableTarget(
        name: "normscope",
        dependencies: [
            "Canvas", "Charts", "Checkpoints", "Dashboard", "Datasets", "EventLog", "Files", "Kernels", "Network",
            "Runs", "Tensors", "Terminal", "Training", argumentParser,
        ],
        resources: [.embedInCode("VERSION")], swiftSettings: strict),
]

let testing: [Target] = [
    .target(name: "FrameTesting", dependencies: ["Canvas"], path: "Tests/FrameTesting", swiftSettings: strict),
    // Folders and hostile text for the tests of what reads and writes files.
    .target(name: "FileTesting", path: "Tests/FileTesting", swiftSettings: strict),
    .target(name: "TerminalTesting", path: "Tests/TerminalTesting", swiftSettings: strict),
    tests("Canvas", ["FrameTesting"]),
    tests("Syntax"),
    tests("Files", ["CZlib", "FileTesting"]),
    tests("Tensors"),
    tests("Threads", ["Tensors"]),
    tests("Kernels", ["Tensors"]),
    tests("EventLog", resources: [.copy("Fixtures")]),
    tests("Checkpoints", ["Files", "Syntax", "Tensors", "CZlib"], resources: [.copy("Fixtures")]),
    tests("Charts", ["FrameTesting", "Canvas"], exclude: ["Frames"]),
    tests("Network", ["Kernels", "Syntax", "Tensors", "Threads"], resources: [.copy("Fixtures")]),
    tests("Datasets", ["Tensors", "CZlib"], resources: [.copy("Fixtures")]),
    tests("Runs", ["EventLog", "Files", "FileTesting"]),
    tests("Diagnosis"),
    tests("Training", ["Checkpoints", "EventLog", "Files", "FileTesting", "Runs", "Syntax"]),
    .executableTarget(
        name: "ScreenProbe", dependencies: ["Canvas", "Terminal"], path: "Tests/ScreenProbe", swiftSettings: strict),
    // Writes the logs that .ci/measure-logs reads.
    .executableTarget(
        name: "LogWorkload", dependencies: ["EventLog"], path: "Tests/LogWorkload", swiftSettings: strict),
    tests("Terminal", ["Canvas", "CNcurses", "ScreenProbe", "TerminalTesting"]),
    tests(
        "Dashboard", ["Canvas", "Checkpoints", "EventLog", "FrameTesting", "Runs", "Tensors"],
        exclude: ["Frames"]),
    .testTarget(
        name: "EndToEndTests", dependencies: ["normscope", "EventLog", "TerminalTesting"], exclude: ["Peers"],
        swiftSettings: strict),
]

/// A program for libFuzzer made of a few files of a test target, which therefore isn't there at the same time; `.ci/fuzz`
/// builds it, with `NORMSCOPE_FUZZ=1` in the environment.
func fuzzer(_ name: String, of folder: String, _ files: [String], _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Tests/\(folder)", sources: files,
        swiftSettings: strict + [.define("FUZZING"), .unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
}

let fuzzers = [
    fuzzer(
        "FuzzCheckpoints", of: "CheckpointsTests/Hostile", ["Exploration.swift", "Fuzzing.swift", "ZipBuilder.swift"],
        ["Checkpoints", "CZlib"]),
    fuzzer("FuzzEventLog", of: "EventLogTests", ["Fuzzing.swift"], ["EventLog"]),
]

let package = Package(
    name: "normscope",
    products: [.executable(name: "normscope", targets: ["normscope"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: sources + (environment["NORMSCOPE_FUZZ"] == nil ? testing : fuzzers)
)
