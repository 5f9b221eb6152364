import CZlib

extension CheckpointFile {
    /// Throws if an entry's bytes don't have the checksum that the archive's directory lists.
    ///
    /// Not part of opening: it reads every byte, and PyTorch itself does not check either
    /// (`torch.serialization.set_crc32_options(False)` even leaves the checksums out).
    package func verifyChecksums() throws(CheckpointError) {
        guard format == .zip || format == .torchScript else { return }
        let archive = try ZipArchive(contents.source)
        for entry in archive.entries {
            guard try checksum(of: entry, in: archive) == entry.crc else {
                throw archive.damaged(entry, "its bytes don't match their checksum")
            }
        }
    }

    private func checksum(of entry: ZipArchive.Entry, in archive: ZipArchive) throws(CheckpointError) -> UInt32 {
        let location = FileContents.Location(
            range: try archive.range(of: entry), inflatedByteCount: entry.isDeflated ? entry.byteCount : nil)
        let name = StorageReference(key: entry.name, type: nil, elementCount: entry.byteCount)
        var crc: UInt32 = 0
        try contents.stream(location, name) { bytes throws(CheckpointError) in
            crc = normscope_crc32(crc, bytes.baseAddress, bytes.count)
        }
        return crc
    }
}
