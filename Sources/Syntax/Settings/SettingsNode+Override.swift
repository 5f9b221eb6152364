/// `--set key=value`: a value of the command line put in the place of one in the file.
extension SettingsNode {
    /// Puts `text`'s value where its path says: `batch_size=32`, `data.path=/data/mnist`, `model.layer1.0=Conv2d(3, 8, 3)`.
    ///
    /// Groups on the way that do not exist are made, so that what is wrong with a key is said in one place, when the
    /// whole is read.
    package mutating func override(_ text: String) throws(SettingsError) {
        let place = SourceLocation.option("--set \(text)")
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw .badOverride(place: place, problem: "expected KEY=VALUE, as in --set batch_size=32")
        }
        let path = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let value = try SettingsNode(optionValue: String(text[text.index(after: equals)...]), place: place)
        try replace(path[...], with: value)
    }

    private mutating func replace(_ path: ArraySlice<String>, with value: SettingsNode) throws(SettingsError) {
        guard let key = path.first else {
            self = value
            return
        }
        switch content {
        case .mapping(var entries):
            if let index = entries.firstIndex(where: { $0.key == key }) {
                try entries[index].value.replace(path.dropFirst(), with: value)
            } else {
                var made = SettingsNode(place: value.place, content: .mapping([]))
                try made.replace(path.dropFirst(), with: value)
                entries.append(Entry(key: key, place: value.place, value: made))
            }
            content = .mapping(entries)
        case .list(var items):
            guard let index = Int(key), items.indices.contains(index) else {
                throw .badOverride(
                    place: value.place,
                    problem: "'\(key)' is not one of the \(items.count) places of that list (0 is the first)")
            }
            try items[index].replace(path.dropFirst(), with: value)
            content = .list(items)
        case .scalar:
            throw .badOverride(place: value.place, problem: "'\(key)' looks for a part of \(summary), which has none")
        }
    }
}
