import Charts

extension Int {
    /// A file's size in decimal units, as `ls --si` counts: `660 kB`, `1.9 MB`.
    var asBytes: String {
        let units: [(Double, String)] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        guard let unit = units.first(where: { Double(self) >= $0.0 }) else { return "\(self) B" }
        let value = Double(self) / unit.0
        return NumberFormat.fixed(value, decimals: value < 10 ? 1 : 0) + " " + unit.1
    }
}
