/// A table of series of one kind by tag, in the order in which the tags first appeared.
///
/// A copy shares everything; a tag's place in the order never changes while a log only grows.
package struct SeriesTable<Series: Sendable>: Sendable {
    package private(set) var tags: [String] = []
    package internal(set) var series: [Series] = []
    private var places: [String: Int] = [:]

    package init() {}

    package subscript(tag: String) -> Series? {
        places[tag].map { series[$0] }
    }

    package func index(of tag: String) -> Int? { places[tag] }

    /// The place of a tag's series, made with `new` if there is none yet.
    mutating func place(of tag: String, new: @autoclosure () -> Series) -> Int {
        if let place = places[tag] { return place }
        places[tag] = tags.count
        tags.append(tag)
        series.append(new())
        return tags.count - 1
    }
}

extension SeriesTable: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { tags.count }
    package subscript(position: Int) -> (tag: String, series: Series) { (tags[position], series[position]) }
}
