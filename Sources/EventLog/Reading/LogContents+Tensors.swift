extension LogContents {
    /// A value in the form of a tensor: what it means is said by the plugin that the tag's first metadata named.
    mutating func takeTensor(
        _ bytes: UnsafeRawBufferPointer, _ slot: Int, _ tag: UnsafeRawBufferPointer, _ moment: Moment
    ) -> Bool {
        guard let tensor = TensorMessage(bytes) else { return false }
        switch slots[slot].plugin {
        case .scalars:
            return takeScalarTensor(tensor, slot, tag, moment)
        case .histograms:
            guard let histogram = Histogram(buckets: tensor) else { return false }
            addHistogram(histogram, slot, tag, moment)
        case .text:
            guard let lines = tensor.strings() else { return false }
            addText(lines.joined(separator: "\n"), slot, tag, moment)
        case .images:
            addUnkept(.image, slot, tag, moment)
        case .hyperparameters:
            break
        case .none, .other:
            return takePlainTensor(tensor, slot, tag, moment)
        }
        return true
    }

    private mutating func takeScalarTensor(
        _ tensor: TensorMessage, _ slot: Int, _ tag: UnsafeRawBufferPointer, _ moment: Moment
    ) -> Bool {
        guard tensor.elementCount == 1, let value = tensor.floats()?.first else { return false }
        addScalar(value, slot, tag, moment)
        return true
    }

    /// Vectors of numbers are kept; a single number is a vector of one; of matrices those that ranks write. Strings
    /// without a plugin are text.
    private mutating func takePlainTensor(
        _ tensor: TensorMessage, _ slot: Int, _ tag: UnsafeRawBufferPointer, _ moment: Moment
    ) -> Bool {
        if tensor.type == .string && slots[slot].plugin == .none {
            guard let lines = tensor.strings() else { return false }
            addText(lines.joined(separator: "\n"), slot, tag, moment)
        } else if tensor.shape.count <= 1 && tensor.type.isReal {
            guard let values = tensor.floats() else { return false }
            addTensor(values, slot, tag, moment)
        } else if let rows = Self.rows(of: tensor, under: tag) {
            addMatrix(rows, slot, tag, moment)
        } else {
            addUnkept(.tensor, slot, tag, moment)
        }
        return true
    }

    /// The rows of a matrix that is held; nil for any other tensor.
    private static func rows(of tensor: TensorMessage, under tag: UnsafeRawBufferPointer) -> [[Float]]? {
        guard tensor.shape.count == 2, tensor.type.isReal, MatrixSeries.isHeld(under: tag),
            (1...MatrixSeries.elementLimit).contains(tensor.elementCount), let values = tensor.floats()
        else { return nil }
        let columns = tensor.shape[1]
        return (0..<tensor.shape[0]).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
    }

    /// SummaryMetadata: its field 1 is PluginData, whose field 1 is the plugin's name and field 2 the plugin's own
    /// content. Only the first metadata says what a tag is, since writers may leave it out later; a run that is resumed
    /// may have other hyperparameters than before.
    mutating func takeMetadata(_ bytes: UnsafeRawBufferPointer, _ slot: Int) -> Bool {
        guard slots[slot].plugin == .none || slots[slot].plugin == .hyperparameters else { return true }
        guard let (name, content) = Self.pluginData(bytes) else { return false }
        switch String(repairing: name) {
        case "": break
        case "scalars": slots[slot].plugin = .scalars
        case "histograms": slots[slot].plugin = .histograms
        case "text": slots[slot].plugin = .text
        case "images": slots[slot].plugin = .images
        case "hparams":
            slots[slot].plugin = .hyperparameters
            return takeSession(content)
        default: slots[slot].plugin = .other
        }
        return true
    }

    private static func pluginData(
        _ metadata: UnsafeRawBufferPointer
    ) -> (name: UnsafeRawBufferPointer, content: UnsafeRawBufferPointer)? {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        guard let (plugin, _) = lastFields(metadata, 1, 2) else { return nil }
        return lastFields(plugin ?? nothing, 1, 2).map { ($0 ?? nothing, $1 ?? nothing) }
    }

    /// The last occurrence of two fields of bytes in a message; nil if it is malformed.
    static func lastFields(
        _ message: UnsafeRawBufferPointer, _ first: UInt64, _ second: UInt64
    ) -> (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?)? {
        var reader = WireReader(message)
        var found: (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?) = (nil, nil)
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return nil }
            guard key & 7 == 2 else {
                guard reader.skip(key) else { return nil }
                continue
            }
            guard let bytes = reader.bytes() else { return nil }
            if key >> 3 == first { found.0 = bytes }
            if key >> 3 == second { found.1 = bytes }
        }
        return found
    }
}
