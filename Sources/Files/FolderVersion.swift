import Glibc

/// The version of a folder at the moment before its names were read, so that they are read again only when they may
/// differ.
///
/// Clocks of file systems tick in milliseconds, or in whole seconds: what comes within the tick of the reading leaves
/// the folder's time as it is. So a version is only good for comparison if the folder had been left alone for a while
/// by then.
package struct FolderVersion: Sendable {
    /// Seconds: longer than the tick of any file system (FAT's are two).
    private static let quietTime = 3.0

    private let version: FileVersion
    private let wasQuiet: Bool

    /// - Parameters:
    ///   - version: the folder's, taken before its names are read.
    ///   - now: seconds since 1970 at which it was taken.
    package init(_ version: FileVersion, at now: Double = FolderVersion.now) {
        self.version = version
        // A folder may come from a machine whose clock is ahead.
        wasQuiet = abs(now - version.modified) >= Self.quietTime
    }

    /// Whether the names that were read then are those of a folder of this version.
    package func isCurrent(_ version: FileVersion) -> Bool {
        wasQuiet && self.version == version
    }

    package static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
