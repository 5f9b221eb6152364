import Files

/// A writer of files that `torch.load` opens.
package enum CheckpointWriter {
    /// Writes `value` as `torch.save(value, path)` would. The file at `path` is replaced in one step and only once the
    /// new one is safely on the disk; after an error it is what it was.
    ///
    /// Tensors are streamed: memory does not grow with their size.
    package static func write(
        _ value: PickleValue, to path: String, operations: FileOperations = .system
    ) throws(CheckpointError) {
        let (pickle, storages) = Pickler.pickle(value)
        let prefix = archiveName(path) + "/"
        var zip = ZipWriter(try CheckpointOutput(replacing: path, operations: operations))
        try zip.add(prefix + "data.pkl", pickle)
        try zip.add(prefix + ".format_version", Array("1".utf8))
        try zip.add(prefix + ".storage_alignment", Array("64".utf8))
        try zip.add(prefix + "byteorder", Array("little".utf8))
        for (number, storage) in storages.enumerated() {
            try zip.add(prefix + "data/\(number)", storage)
        }
        try zip.add(prefix + "version", Array("3\n".utf8))
        let digest = zip.digest
        try zip.add(prefix + ".data/serialization_id", Array((padded(digest.names) + padded(digest.contents)).utf8))
        try zip.finish()
    }

    /// The file's name without its folder and its extension, as PyTorch names the folder inside; "archive" where that
    /// isn't plain ASCII.
    private static func archiveName(_ path: String) -> String {
        let name = path.split(separator: "/", omittingEmptySubsequences: true).last ?? "archive"
        let stem = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : name[..<$0] } ?? name
        let isPlain = !stem.isEmpty && stem.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        return isPlain ? String(stem) : "archive"
    }

    private static func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }
}
