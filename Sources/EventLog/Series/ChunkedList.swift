/// A list that only grows at its end (or is cut off there), whose copies share everything but the last chunk.
///
/// Invariant: every chunk but the tail holds exactly 1,024 elements and is never written again. So a snapshot of a list
/// with a million elements costs two references, and the first append after it copies at most one chunk.
///
/// It is not a general array: nothing can be inserted or replaced.
package struct ChunkedList<Element: Sendable>: Sendable {
    private static var shift: Int { 10 }
    private static var chunkSize: Int { 1 << shift }

    private var chunks: [[Element]] = []
    private var tail: [Element] = []

    package init() {}

    package var count: Int { chunks.count << Self.shift + tail.count }

    @inline(__always)
    package subscript(index: Int) -> Element {
        let chunk = index >> Self.shift
        if chunk < chunks.count { return chunks[chunk][index & (Self.chunkSize - 1)] }
        return tail[index - chunks.count << Self.shift]
    }

    package var last: Element? { tail.last }

    @inline(__always)
    mutating func append(_ element: Element) {
        if tail.count == Self.chunkSize { closeTail() }
        tail.append(element)
    }

    private mutating func closeTail() {
        chunks.append(tail)
        tail = []
        tail.reserveCapacity(Self.chunkSize)
    }

    /// Cuts off everything from `count` on. O(1,024).
    mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "cannot cut a list of \(self.count) to \(count)")
        guard count < self.count else { return }
        if chunks.isEmpty || count > chunks.count << Self.shift {
            tail.removeLast(self.count - count)
            return
        }
        // The tail never stays empty behind a full chunk, so that `last` is always there.
        let kept = count == 0 ? 0 : (count - 1) >> Self.shift
        tail = Array(chunks[kept].prefix(count - kept << Self.shift))
        chunks.removeLast(chunks.count - kept)
    }
}

extension ChunkedList {
    /// The first index whose element is not before the place that is looked for; `isBefore` must be true for a prefix of
    /// the list and false for the rest. O(log n).
    func partition(where isBefore: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
