import CFilePages

/// A memory mapping of a whole file, for reading.
///
/// A program that shortens the file meanwhile (`torch.save` truncates in place) does not end this one: from there on the
/// mapping reads as zeros, and `isBroken` tells. Whoever reads asks for it after reading and before believing.
package final class FileMapping: Sendable {
    private let start: UInt
    private let byteCount: Int

    /// Nil if the system can't map the file: it can be read all the same.
    package init?(descriptor: Int32, byteCount: Int) {
        guard let start = normscope_map_file(descriptor, byteCount) else { return nil }
        self.start = UInt(bitPattern: start)
        self.byteCount = byteCount
    }

    deinit {
        normscope_unmap_file(UnsafeRawPointer(bitPattern: start))
    }

    package var isBroken: Bool { normscope_mapping_is_broken(UnsafeRawPointer(bitPattern: start)) }

    /// Calls `body` with a range of the file; the bytes are valid until it returns.
    ///
    /// - Precondition: the range lies inside the file.
    package func withBytes<Failure: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "\(range) of \(byteCount) bytes")
        let first = UnsafeRawPointer(bitPattern: start + UInt(range.lowerBound))
        try body(UnsafeRawBufferPointer(start: first, count: range.count))
        withExtendedLifetime(self) {}
    }

    /// Brings a range of the file into memory, which costs less than a fault for each of its pages.
    package func prepare(_ range: Range<Int>) {
        normscope_mapping_prepare(UnsafeRawPointer(bitPattern: start + UInt(range.lowerBound)), range.count)
    }
}
