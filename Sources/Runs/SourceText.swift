/// A text of the experiment that another module reads, and where it stands, so that errors can say so.
///
/// Two are equal if their texts are: an experiment that is written and read again is the same, on other lines.
package struct SourceText: Hashable, Sendable {
    package let text: String
    package let place: Place

    package init(_ text: String, at place: Place) {
        self.text = text
        self.place = place
    }

    package static func == (a: SourceText, b: SourceText) -> Bool { a.text == b.text }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }
}
