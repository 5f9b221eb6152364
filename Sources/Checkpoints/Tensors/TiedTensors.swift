extension CheckpointFile {
    /// For every tensor that shares elements with one before it in the table: that one's name. So are tied weights kept, and
    /// views of one tensor that were saved side by side.
    package var tied: [String: String] {
        var byStorage: [String: [Int]] = [:]
        for (index, entry) in tensors.enumerated() where entry.count > 0 {
            byStorage[entry.storage, default: []].append(index)
        }
        var tied: [String: String] = [:]
        for indices in byStorage.values where indices.count > 1 {
            for group in overlapping(indices) {
                for index in group.dropFirst() { tied[tensors[index].name] = tensors[group[0]].name }
            }
        }
        return tied
    }

    /// Tensors of one storage in groups that reach into each other, each in the table's order.
    private func overlapping(_ indices: [Int]) -> [[Int]] {
        let bySpan = indices.sorted { bytes(of: $0).lowerBound < bytes(of: $1).lowerBound }
        var groups: [[Int]] = []
        var end = -1
        for index in bySpan {
            let bytes = bytes(of: index)
            if bytes.lowerBound < end { groups[groups.count - 1].append(index) } else { groups.append([index]) }
            end = max(end, bytes.upperBound)
        }
        return groups.map { $0.sorted() }
    }

    private func bytes(of index: Int) -> Range<Int> {
        let stored = tensors[index].stored
        return stored.span.lowerBound * stored.type.byteCount..<stored.span.upperBound * stored.type.byteCount
    }
}
