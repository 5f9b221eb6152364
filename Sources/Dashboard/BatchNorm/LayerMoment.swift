import EventLog
import Runs

/// A layer's channels at one moment: the newest record, or the newest at a step or before it.
struct LayerMoment {
    private let layer: LoggedLayer
    private let log: LogSnapshot
    /// The step; nil for the newest record.
    let step: Int64?

    init(_ layer: LoggedLayer, in log: LogSnapshot, at step: Int64?) {
        self.layer = layer
        self.log = log
        self.step = step
    }

    /// One value a channel; empty where the log has none.
    func values(_ quantity: LoggedLayer.Quantity) -> [Double] {
        let series = layer.vectors(of: quantity, in: log)
        let entry = step.map { series?.newest(at: $0) } ?? series?.last
        return entry?.value.map(Double.init) ?? []
    }

    /// The series whose records are a layer's moments.
    static func clock(of layer: LoggedLayer, in log: LogSnapshot) -> TensorSeries? {
        LoggedLayer.Quantity.allCases.lazy.compactMap { layer.vectors(of: $0, in: log) }.first
    }
}
