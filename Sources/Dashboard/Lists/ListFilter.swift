/// A filter for lists, as the user types it:
///
///     resnet                 the name contains it, whatever the case
///     !old                   the name doesn't
///     sgd|adam               one or the other
///     /lr-0\\.[13]$/          a regular expression
///     lr>=1e-3  state=running   a column compared with a number or a word
///
/// Parts with spaces between them must all hold. A part that makes no sense (yet) is taken as text.
struct ListFilter: Sendable {
    /// An item as a filter sees it: a name and columns.
    struct Item {
        let name: String
        /// The content of a column; nil if there is none.
        var column: (String) -> Content? = { _ in nil }
    }

    enum Content {
        case number(Double)
        case text(String)
    }

    private enum Part {
        case text([String], isWanted: Bool)
        case pattern(LinearPattern)
        case comparison(column: String, Relation, value: String)
    }

    enum Relation: String, CaseIterable {
        case notLess = ">=", notMore = "<=", different = "!=", more = ">", less = "<", equal = "="
    }

    private let parts: [Part]
    /// A warning about a part of the filter that is not understood as meant; nil for none.
    let problem: String?

    init(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        parts = words.map(Self.part)
        problem = words.first { Self.expression(in: $0).map { LinearPattern($0) == nil } ?? false }
            .map { "\($0) is no regular expression here: taken as text" }
    }

    func matches(_ item: Item) -> Bool { parts.allSatisfy { Self.holds($0, item) } }

    private static func part(_ word: String) -> Part {
        if let pattern = expression(in: word).flatMap({ LinearPattern($0) }) { return .pattern(pattern) }
        if let comparison = comparison(word) { return comparison }
        let isWanted = !word.hasPrefix("!")
        let words = (isWanted ? word : String(word.dropFirst())).lowercased().split(separator: "|").map(String.init)
        return .text(words, isWanted: isWanted)
    }

    /// The expression between the slashes of `/…/`.
    private static func expression(in word: String) -> String? {
        word.count > 2 && word.hasPrefix("/") && word.hasSuffix("/") ? String(word.dropFirst().dropLast()) : nil
    }

    private static func comparison(_ word: String) -> Part? {
        guard let start = word.firstIndex(where: { "<>=!".contains($0) }), start != word.startIndex else { return nil }
        let rest = word[start...]
        guard let relation = Relation.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else { return nil }
        let value = rest.dropFirst(relation.rawValue.count)
        guard !value.isEmpty else { return nil }
        return .comparison(column: word[..<start].lowercased(), relation, value: value.lowercased())
    }

    private static func holds(_ part: Part, _ item: Item) -> Bool {
        switch part {
        case .text(let words, let isWanted):
            let name = item.name.lowercased()
            return words.isEmpty || words.contains { name.contains($0) } == isWanted
        case .pattern(let pattern):
            return pattern.isFound(in: String(item.name.prefix(longestName)))
        case .comparison(let column, let relation, let value):
            return item.column(column).map { holds($0, relation, value) } ?? (relation == .different)
        }
    }

    /// Only so many characters of a long name are searched.
    private static let longestName = 1000

    private static func holds(_ content: Content, _ relation: Relation, _ value: String) -> Bool {
        if case .number(let number) = content, let wanted = Double(value) { return compare(number, relation, wanted) }
        let text: String
        switch content {
        case .number(let number): text = "\(number)"
        case .text(let words): text = words.lowercased()
        }
        switch relation {
        case .equal: return text == value || text.hasPrefix(value)
        case .different: return text != value
        default: return compare(text, relation, value)
        }
    }

    private static func compare<Value: Comparable>(_ value: Value, _ relation: Relation, _ wanted: Value) -> Bool {
        switch relation {
        case .notLess: value >= wanted
        case .notMore: value <= wanted
        case .different: value != wanted
        case .more: value > wanted
        case .less: value < wanted
        case .equal: value == wanted
        }
    }
}
