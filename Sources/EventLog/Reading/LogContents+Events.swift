/// Field numbers and wire types as they stand in front of a field: number·8 + type (0 varint, 1 eight bytes, 2 length and
/// bytes, 5 four bytes). From TensorBoard's event.proto and summary.proto.
private enum EventKey {
    static let wallTime: UInt64 = 1 << 3 | 1
    static let step: UInt64 = 2 << 3
    static let graph: UInt64 = 4 << 3 | 2
    static let summary: UInt64 = 5 << 3 | 2
    static let sessionLog: UInt64 = 7 << 3 | 2
    static let metaGraph: UInt64 = 9 << 3 | 2
}

private enum ValueKey {
    static let tag: UInt64 = 1 << 3 | 2
    static let simpleValue: UInt64 = 2 << 3 | 5
    static let image: UInt64 = 4 << 3 | 2
    static let histogram: UInt64 = 5 << 3 | 2
    static let audio: UInt64 = 6 << 3 | 2
    static let nodeName: UInt64 = 7 << 3 | 2
    static let tensor: UInt64 = 8 << 3 | 2
    static let metadata: UInt64 = 9 << 3 | 2
}

extension LogContents {
    /// Takes in one record's data: an Event message. What of it could be understood is kept; the rest is reported.
    @inline(__always)
    mutating func take(_ record: UnsafeRawBufferPointer, _ place: RecordPlace) {
        if !takeEvent(record, place) { report(.malformedEvent, place) }
    }

    private mutating func takeEvent(_ record: UnsafeRawBufferPointer, _ place: RecordPlace) -> Bool {
        var reader = WireReader(record)
        var moment = Moment()
        var summary: UnsafeRawBufferPointer?
        var summaries = 0
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return false }
            switch key {
            case EventKey.wallTime:
                guard let time = reader.double() else { return false }
                moment.wallTime = time
            case EventKey.step:
                guard let step = reader.varint() else { return false }
                moment.step = Int64(bitPattern: step)
            case EventKey.summary:
                guard let bytes = reader.bytes() else { return false }
                summary = bytes
                summaries += 1
            case EventKey.sessionLog:
                guard let bytes = reader.bytes(), takeSessionLog(bytes, moment) else { return false }
            case EventKey.graph, EventKey.metaGraph:
                guard reader.bytes() != nil else { return false }
                noteGraph(moment, place)
            default:
                guard reader.skip(key) else { return false }
            }
        }
        if snapshot.started == nil { snapshot.started = moment.wallTime }
        guard let summary else { return true }
        if summaries > 1 { return takeSummaries(record, moment, place) }
        return takeSummary(summary, moment, place)
    }

    /// An event whose summary comes in several pieces, which means the same as all of their values in one.
    private mutating func takeSummaries(
        _ record: UnsafeRawBufferPointer, _ moment: Moment, _ place: RecordPlace
    ) -> Bool {
        var reader = WireReader(record)
        while let key = reader.varint() {
            if key == EventKey.summary {
                guard let bytes = reader.bytes(), takeSummary(bytes, moment, place) else { return false }
            } else {
                guard reader.skip(key) else { return false }
            }
        }
        return true
    }

    /// SessionLog: its field 1 is the status, of which 1 is START.
    private mutating func takeSessionLog(_ bytes: UnsafeRawBufferPointer, _ moment: Moment) -> Bool {
        guard let status = WireReader.number(1, in: bytes) else { return false }
        if status == 1 { restart(at: moment.step) }
        return true
    }

    private mutating func noteGraph(_ moment: Moment, _ place: RecordPlace) {
        var name = "graph"
        name.withUTF8 { tag in
            guard let slot = slot(of: UnsafeRawBufferPointer(tag), place) else { return }
            addUnkept(.graph, slot, UnsafeRawBufferPointer(tag), moment)
        }
    }
}

extension LogContents {
    /// The parts of a Summary.Value, where they stand in the record.
    private struct ValueParts {
        var tag = UnsafeRawBufferPointer(start: nil, count: 0)
        var scalar: Float?
        var tensor: UnsafeRawBufferPointer?
        var histogram: UnsafeRawBufferPointer?
        var metadata: UnsafeRawBufferPointer?
        var unkept: UnkeptKind?
    }

    private mutating func takeSummary(
        _ bytes: UnsafeRawBufferPointer, _ moment: Moment, _ place: RecordPlace
    ) -> Bool {
        var reader = WireReader(bytes)
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return false }
            if key == 1 << 3 | 2 {
                guard let value = reader.bytes(), takeValue(value, moment, place) else { return false }
            } else {
                guard reader.skip(key) else { return false }
            }
        }
        return true
    }

    @inline(__always)
    private mutating func takeValue(
        _ bytes: UnsafeRawBufferPointer, _ moment: Moment, _ place: RecordPlace
    ) -> Bool {
        guard let parts = Self.parts(of: bytes) else { return false }
        guard let slot = slot(of: parts.tag, place) else { return true }
        if let scalar = parts.scalar {
            addScalar(scalar, slot, parts.tag, moment)
            return true
        }
        return takeRareValue(parts, slot, moment)
    }

    @inline(__always)
    private static func parts(of bytes: UnsafeRawBufferPointer) -> ValueParts? {
        var reader = WireReader(bytes)
        var parts = ValueParts()
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return nil }
            switch key {
            case ValueKey.tag:
                guard let tag = reader.bytes() else { return nil }
                parts.tag = tag
            case ValueKey.simpleValue:
                guard let value = reader.float() else { return nil }
                parts.scalar = value
            default:
                guard takeRarePart(key, &reader, &parts) else { return nil }
            }
        }
        return parts
    }

    private static func takeRarePart(_ key: UInt64, _ reader: inout WireReader, _ parts: inout ValueParts) -> Bool {
        guard key & 7 == 2 else { return reader.skip(key) }
        guard let bytes = reader.bytes() else { return false }
        switch key {
        case ValueKey.tensor: parts.tensor = bytes
        case ValueKey.histogram: parts.histogram = bytes
        case ValueKey.metadata: parts.metadata = bytes
        case ValueKey.image: parts.unkept = .image
        case ValueKey.audio: parts.unkept = .audio
        case ValueKey.nodeName: if parts.tag.isEmpty { parts.tag = bytes }
        default: break
        }
        return true
    }

    private mutating func takeRareValue(_ parts: ValueParts, _ slot: Int, _ moment: Moment) -> Bool {
        if let metadata = parts.metadata {
            guard takeMetadata(metadata, slot) else { return false }
        }
        if let bytes = parts.histogram {
            guard let histogram = Histogram(message: bytes) else { return false }
            addHistogram(histogram, slot, parts.tag, moment)
        } else if let bytes = parts.tensor {
            return takeTensor(bytes, slot, parts.tag, moment)
        } else if let kind = parts.unkept {
            addUnkept(kind, slot, parts.tag, moment)
        }
        return true
    }
}
