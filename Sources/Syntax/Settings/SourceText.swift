/// A value's text with its location, for whoever reads it later, so that errors can say where it stands.
///
/// Two are equal if their texts are: settings that are written and read again are the same, on other lines.
package struct SourceText: Hashable, Sendable {
    package let text: String
    package let place: SourceLocation

    package init(_ text: String, at place: SourceLocation) {
        self.text = text
        self.place = place
    }

    package static func == (a: SourceText, b: SourceText) -> Bool { a.text == b.text }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }
}
