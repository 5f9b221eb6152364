import Glibc
import Synchronization

/// A file's bytes as memory: a page comes from the disk when it is first touched, and nothing is copied.
///
/// A file that someone cuts short while it is mapped would end the process with SIGBUS. Here zeros appear in the place of
/// the bytes that are gone, and `withBytes` throws instead of letting anybody believe in them.
final class FileMapping: Sendable {
    private let path: String
    private let descriptor: Int32
    /// Where the memory starts; a number, since pointers are not Sendable. Nobody writes there.
    private let address: UInt
    private let byteCount: Int

    /// Nil where the file system can't map files; reading must do then.
    ///
    /// - Parameter descriptor: stays the caller's, open at least as long as the mapping lives.
    init?(_ descriptor: Int32, byteCount: Int, path: String) {
        LostPages.install()
        guard byteCount > 0, let start = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED
        else { return nil }
        self.path = path
        self.descriptor = descriptor
        self.byteCount = byteCount
        address = UInt(bitPattern: start)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(bitPattern: address), byteCount)
    }

    /// Gives the bytes of a range.
    ///
    /// - Precondition: the range lies inside the file as it was when it was mapped.
    /// - Throws: what `body` does; or that the file became shorter, whatever `body` made of it.
    func withBytes(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "a range outside of the file")
        let lost = LostPages.count
        let whole = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: byteCount)
        try body(UnsafeRawBufferPointer(rebasing: whole[range]))
        guard LostPages.count != lost else { return }
        try requireWhole()
    }

    /// A page was lost somewhere; whether it was one of ours shows in the file's size.
    private func requireWhole() throws(CheckpointError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int(status.st_size) >= byteCount else {
            throw .damaged(
                path: path, place: "byte \(status.st_size)", problem: "the file became shorter while it was read")
        }
    }
}

/// What SIGBUS reports: pages of mapped files that are not there any more.
private enum LostPages {
    private static let total = Atomic(0)
    private static let isInstalled = Atomic(false)

    static var count: Int { total.load(ordering: .sequentiallyConsistent) }

    static func install() {
        guard !isInstalled.exchange(true, ordering: .relaxed) else { return }
        var action = sigaction()
        action.sa_flags = SA_SIGINFO
        action.__sigaction_handler.sa_sigaction = { _, information, _ in LostPages.replace(information) }
        sigaction(SIGBUS, &action, nil)
    }

    /// Puts a page of zeros where the fault was, so that the read goes on. Any other SIGBUS ends the process as ever: the
    /// fault happens again, without a handler.
    private static func replace(_ information: UnsafeMutablePointer<siginfo_t>?) {
        let isBeyondTheEnd = 2  // BUS_ADRERR
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        guard let information, Int(information.pointee.si_code) == isBeyondTheEnd,
            let fault = information.pointee._sifields._sigfault.si_addr,
            let start = UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: fault) / page * page),
            mmap(start, Int(page), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED
        else {
            signal(SIGBUS, SIG_DFL)
            return
        }
        total.add(1, ordering: .sequentiallyConsistent)
    }
}
