/// The saved state of the screen, restored at the next start: plain strings and numbers for a file.
///
/// Whatever such a file says is never trusted: reading takes what makes sense and ignores the rest.
package struct ScreenMemory: Codable, Equatable, Sendable {
    /// The defaults of the configuration when the state was saved. Where they have changed since, they win over the
    /// saved state.
    package struct Defaults: Codable, Equatable, Sendable {
        package var theme: String?
        package var smoothing: Double?
        package var mouse: Bool?

        package init(theme: String? = nil, smoothing: Double? = nil, mouse: Bool? = nil) {
            self.theme = theme
            self.smoothing = smoothing
            self.mouse = mouse
        }
    }

    package var defaults = Defaults()
    package var view: String?
    package var theme: String?
    package var mouse: Bool?
    package var smoothing: Double?
    package var axis: String?
    package var isLogarithmic = true
    /// Paths of the marked runs, in their order.
    package var marks: [String] = []
    /// Filters by the names of views.
    package var filters: [String: String] = [:]
    package var chart: String?
    package var turnedCharts: [String] = []
    package var histogram: String?
    package var isHeatMap = false
    package var sort: String?
    package var isAscending = true

    package init() {}

    private static let longestWord = 1000
    private static let mostWords = 1000

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys) -> Value? {
            (try? values.decodeIfPresent(Value.self, forKey: key)) ?? nil
        }
        func word(_ key: CodingKeys) -> String? {
            (value(key) as String?).flatMap { $0.count <= Self.longestWord ? $0 : nil }
        }
        func words(_ key: CodingKeys) -> [String] {
            (value(key) as [String]? ?? []).prefix(Self.mostWords).filter { $0.count <= Self.longestWord }
        }
        defaults = value(.defaults) ?? Defaults()
        view = word(.view)
        theme = word(.theme)
        mouse = value(.mouse)
        smoothing = value(.smoothing)
        axis = word(.axis)
        isLogarithmic = value(.isLogarithmic) ?? true
        marks = words(.marks)
        filters = (value(.filters) as [String: String]? ?? [:]).filter { $0.value.count <= Self.longestWord }
        chart = word(.chart)
        turnedCharts = words(.turnedCharts)
        histogram = word(.histogram)
        isHeatMap = value(.isHeatMap) ?? false
        sort = word(.sort)
        isAscending = value(.isAscending) ?? true
    }
}

extension ScreenMemory {
    /// The state to restore under a configuration: where that was changed since, its values are not overruled.
    package func at(_ now: Defaults) -> ScreenMemory {
        var memory = self
        if now.theme != defaults.theme { memory.theme = nil }
        if now.smoothing != defaults.smoothing { memory.smoothing = nil }
        if now.mouse != defaults.mouse { memory.mouse = nil }
        memory.defaults = now
        return memory
    }
}
