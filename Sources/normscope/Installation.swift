import Files
import Glibc
import Runs

/// Where this program lies, and what lies beside it.
enum Installation {
    /// This program's own file, wherever it was started from.
    static var programPath: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return CommandLine.arguments[0] }
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `name` below the current folder, or below one of the folders that the program lies in: a checkout, as a rule, since
    /// a build lands in its `.build`.
    static func path(of name: String) -> String? {
        var folders = [FilePath.absolute(".")]
        var folder = programPath
        for _ in 0..<5 {
            folder = FilePath.parent(folder)
            folders.append(folder)
        }
        return folders.map { $0 + "/" + name }.first { access($0, R_OK) == 0 }
    }
}
