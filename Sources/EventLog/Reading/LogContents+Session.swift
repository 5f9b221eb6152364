/// Reading the metadata of three tags in which TensorBoard's HParams plugin keeps settings (its plugin_data.proto and
/// api.proto).
extension LogContents {
    /// HParamsPluginData: field 3 is the session's start, with the hyperparameters; field 4 its end, with a status.
    mutating func takeSession(_ message: UnsafeRawBufferPointer) -> Bool {
        guard let (start, end) = Self.lastFields(message, 3, 4) else { return false }
        if let start {
            guard let values = Self.hyperparameters(start) else { return false }
            snapshot.hyperparameters = values
        }
        if let end {
            guard let status = WireReader.number(1, in: end) else { return false }  // SessionEndInfo: field 1
            snapshot.sessionEnd = SessionEnd(rawValue: Int(clamping: status)) ?? .unknown
        }
        return true
    }

    /// SessionStartInfo: field 1 is a map, each entry a message with a name (1) and a google.protobuf.Value (2).
    private static func hyperparameters(_ message: UnsafeRawBufferPointer) -> [Hyperparameter]? {
        var reader = WireReader(message)
        var found: [Hyperparameter] = []
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return nil }
            guard key == 1 << 3 | 2 else {
                guard reader.skip(key) else { return nil }
                continue
            }
            guard let entry = reader.bytes(), let (name, value) = lastFields(entry, 1, 2) else { return nil }
            guard let name, let value, let known = hyperparameterValue(value) else { continue }
            found.append(Hyperparameter(String(repairing: name), known))
        }
        return found
    }

    /// google.protobuf.Value: 2 a number, 3 a string, 4 a flag. The others (null, structures) aren't hyperparameters.
    private static func hyperparameterValue(_ message: UnsafeRawBufferPointer) -> Hyperparameter.Value? {
        var reader = WireReader(message)
        guard let key = reader.varint() else { return nil }
        switch key {
        case 2 << 3 | 1: return reader.double().map { .number($0) }
        case 3 << 3 | 2: return reader.bytes().map { .text(String(repairing: $0)) }
        case 4 << 3: return reader.varint().map { .flag($0 != 0) }
        default: return nil
        }
    }
}
