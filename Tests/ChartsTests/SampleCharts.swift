import Canvas

@testable import Charts

/// Charts of invented training data, the same in every run: no clock, no random source but this one.
enum SampleCharts {
    /// Pseudorandom numbers in 0..<1 that never change (a linear congruential generator).
    static func noise(_ count: Int, seed: UInt64 = 1) -> [Double] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24)
        }
    }

    static func falling(_ count: Int, seed: UInt64 = 1, noise amount: Double = 0.35) -> [(x: Double, y: Double)] {
        noise(count, seed: seed).enumerated().map { index, noise in
            let x = Double(index)
            return (x, 0.28 + 2.1 / (1 + x / Double(count) * 18) + amount * (noise - 0.5))
        }
    }

    static func smooth(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        var value = points.first?.y ?? 0
        return points.map { point in
            value = 0.95 * value + 0.05 * point.y
            return (point.x, value)
        }
    }

    static func loss(_ count: Int = 2000) -> LineChart {
        let raw = falling(count)
        let validation = stride(from: 93, to: count, by: 94).map { (x: Double($0), y: 0.35 + raw[$0].y * 0.9) }
        return LineChart(
            title: "loss",
            curves: [
                .init(label: "", style: .dim, points: raw),
                .init(label: "train", style: Style(.series1), points: smooth(raw)),
                .init(label: "val", style: Style(.series2), points: validation),
            ], xRange: 0...Double(max(1, count - 1)))
    }

    static func trouble() -> LineChart {
        var points = falling(300)
        points[100].y = .nan
        points[160].y = .infinity
        points[220].y = -.infinity
        points[260].y = -0.5
        return LineChart(
            title: "loss", curves: [.init(label: "train", style: Style(.series1), points: points)], xRange: 0...299,
            yScale: .logarithmic, marks: [.init(x: 60, letter: "L")], cursor: 80)
    }

    static func mean(_ channels: Int = 16) -> ChannelChart {
        let values = noise(channels, seed: 3).map { $0 - 0.4 }
        let batch = zip(values, noise(channels, seed: 5)).map { $0 + 0.2 * ($1 - 0.5) }
        return ChannelChart(title: "running mean", values: values, batch: batch, label: "running")
    }

    static func variance(_ channels: Int = 16) -> ChannelChart {
        var values = noise(channels, seed: 7).map { 0.002 + $0 * $0 * 3 }
        if channels > 5 { values[5] = .nan }
        return ChannelChart(
            title: "running variance", values: values, batch: values.map { $0 * 1.3 }, style: Style(.variance),
            yScale: .logarithmic, label: "running")
    }

    static func histogram(_ bins: Int = 30) -> HistogramChart {
        let edges = (0...bins).map { -0.6 + 1.5 * Double($0) / Double(bins) }
        let counts = (0..<bins).map { bin in
            let x = Double(bin) / Double(bins) - 0.45
            return (400 / (1 + 60 * x * x)).rounded() - 12
        }
        return HistogramChart(
            title: "γ", edges: edges, counts: counts.map { max(0, $0) }, mean: 0.08, standardDeviation: 0.21)
    }

    static func strip(_ channels: Int = 16) -> HeatStrip {
        let times = (0..<80).map { Double($0 * 25) }
        let values = times.indices.map { moment in
            (0..<channels).map { channel in
                Double(channel % 5) * 0.2 + Double(moment) / 80 * Double(channel % 3)
            }
        }
        return HeatStrip(title: "running mean", times: times, values: values, xRange: 0...2000)
    }
}

extension SampleCharts {
    static func history() -> HistogramHistory {
        let moments = (0..<25).map { (number: Int) -> HistogramHistory.Moment in
            let centre = 1 - Double(number) * 0.03
            let width = 0.03 + Double(number) * 0.008
            let edges = (0...20).map { (edge: Int) -> Double in centre + width * Double(edge - 10) / 4 }
            let counts = (0..<20).map { (bin: Int) -> Double in
                let distance = Double(bin) - 9.5
                return (100 / (1 + distance * distance)).rounded()
            }
            return HistogramHistory.Moment(time: Double(number * 40), edges: edges, counts: counts)
        }
        return HistogramHistory(title: "γ", moments: moments, xRange: 0...1000)
    }

    static func band(_ channels: Int = 16) -> VarianceBand {
        var mean = noise(channels, seed: 11).map { $0 - 0.5 }
        if channels > 5 { mean[5] = .nan }
        let variance = noise(channels, seed: 12).map { 0.01 + $0 * 0.2 }
        return VarianceBand(
            title: "mean", running: .init(mean: mean, variance: variance),
            batch: .init(mean: mean.map { $0 + 0.1 }, variance: variance.map { $0 * 0.7 }), selected: 3)
    }

    static func confusion(_ classes: Int = 10) -> ConfusionMatrix {
        let names = [
            "T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ]
        let counts = (0..<classes).map { (row: Int) -> [Int] in
            (0..<classes).map { (answer: Int) -> Int in
                if answer == row { return 80 + row }
                return (answer * 7 + row * 3) % 11 == 0 ? 14 : 0
            }
        }
        return ConfusionMatrix(title: "confusion", classes: (0..<classes).map { names[$0 % 10] }, counts: counts)
    }

    static func image(_ side: Int = 8) -> PixelImage {
        let plane = (0..<side * side).map { (place: Int) -> Float in
            Float(place % side + place / side) / Float(2 * side - 2)
        }
        return PixelImage(planes: [plane, plane.reversed(), plane], rows: side, columns: side, range: 0...1)
    }
}
