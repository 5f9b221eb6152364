import Files
import Glibc
import Runs

/// The installation: the program's own path and the files beside it.
enum Installation {
    /// The path of this program's file.
    static var programPath: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return CommandLine.arguments[0] }
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of `name` below the current folder, or below one of the folders that contain the program: usually a
    /// checkout, since a build lands in its `.build`.
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
