import Glibc

/// A table that numbers tags: the same bytes always get the same number, and asking for a known tag allocates nothing.
///
/// A hash table with open addressing over one store of bytes. Writers log the same tags in the same order at every
/// step, so the tag that followed last time is tried first; mostly it is the one.
struct TagTable {
    private struct Entry {
        let start: Int
        let length: Int
        let hash: UInt64
        /// The tag that came after this one last time.
        var successor: Int
    }

    private var store: [UInt8] = []
    private var entries: [Entry] = []
    /// Positions in `entries`, or −1; a power of two long and at most half full.
    private var table = [Int](repeating: -1, count: 64)
    private var previous = -1

    var count: Int { entries.count }

    /// The number of a tag that is known.
    @inline(__always)
    mutating func find(_ tag: UnsafeRawBufferPointer) -> Int? {
        if previous >= 0 {
            let guess = entries[previous].successor
            if guess >= 0 && matches(entries[guess], tag) {
                previous = guess
                return guess
            }
        }
        return search(tag)
    }

    private mutating func search(_ tag: UnsafeRawBufferPointer) -> Int? {
        let found = table[place(of: tag, hash: Self.hash(tag))]
        guard found >= 0 else { return nil }
        remember(found)
        return found
    }

    /// Gives a tag that isn't known yet the next number.
    mutating func add(_ tag: UnsafeRawBufferPointer) -> Int {
        if entries.count * 2 >= table.count { grow() }
        let hash = Self.hash(tag)
        let place = place(of: tag, hash: hash)
        precondition(table[place] < 0, "a tag is added once")
        table[place] = entries.count
        entries.append(Entry(start: store.count, length: tag.count, hash: hash, successor: -1))
        store.append(contentsOf: tag)
        remember(entries.count - 1)
        return entries.count - 1
    }

    private mutating func remember(_ number: Int) {
        if previous >= 0 { entries[previous].successor = number }
        previous = number
    }

    /// Where the tag stands in the table, or would.
    private func place(of tag: UnsafeRawBufferPointer, hash: UInt64) -> Int {
        let mask = table.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while table[place] >= 0 {
            let entry = entries[table[place]]
            if entry.hash == hash && matches(entry, tag) { break }
            place = (place + 1) & mask
        }
        return place
    }

    @inline(__always)
    private func matches(_ entry: Entry, _ tag: UnsafeRawBufferPointer) -> Bool {
        guard entry.length == tag.count else { return false }
        guard entry.length > 0, let base = tag.baseAddress else { return true }
        return store.withUnsafeBytes { memcmp($0.baseAddress! + entry.start, base, tag.count) == 0 }
    }

    private mutating func grow() {
        table = [Int](repeating: -1, count: table.count * 2)
        let mask = table.count - 1
        for (number, entry) in entries.enumerated() {
            var place = Int(truncatingIfNeeded: entry.hash) & mask
            while table[place] >= 0 { place = (place + 1) & mask }
            table[place] = number
        }
    }

    /// The key of the hash, new in every process, so that no file can be made whose tags all fall into one place.
    private static let key = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

    private static func hash(_ tag: UnsafeRawBufferPointer) -> UInt64 {
        var state = key.0 ^ UInt64(tag.count)
        var index = 0
        while index < tag.count {
            var word: UInt64 = 0
            withUnsafeMutableBytes(of: &word) {
                $0.copyMemory(from: .init(rebasing: tag[index..<min(index + 8, tag.count)]))
            }
            let (high, low) = (state ^ word).multipliedFullWidth(by: key.1 | 1)
            state = high ^ low ^ word
            index += 8
        }
        let (high, low) = state.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return high ^ low
    }
}
