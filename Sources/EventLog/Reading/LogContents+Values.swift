extension LogContents {
    /// The step and the time at which a value was logged.
    struct Moment {
        var step: Int64 = 0
        var wallTime = 0.0
    }

    @inline(__always)
    mutating func addScalar(_ value: Float, _ slot: Int, _ tag: UnsafeRawBufferPointer, _ moment: Moment) {
        var place = slots[slot].scalar
        if place < 0 {
            place = snapshot.scalars.place(of: String(repairing: tag), new: ScalarSeries())
            slots[slot].scalar = place
        }
        snapshot.scalars.series[place].append(step: moment.step, wallTime: moment.wallTime, value: value)
    }

    mutating func addTensor(_ values: [Float], _ slot: Int, _ tag: UnsafeRawBufferPointer, _ moment: Moment) {
        if slots[slot].tensor < 0 {
            slots[slot].tensor = snapshot.tensors.place(of: String(repairing: tag), new: TensorSeries())
        }
        snapshot.tensors.series[slots[slot].tensor].append(step: moment.step, wallTime: moment.wallTime, value: values)
    }

    mutating func addMatrix(_ rows: [[Float]], _ slot: Int, _ tag: UnsafeRawBufferPointer, _ moment: Moment) {
        if slots[slot].matrix < 0 {
            slots[slot].matrix = snapshot.matrices.place(of: String(repairing: tag), new: MatrixSeries())
        }
        snapshot.matrices.series[slots[slot].matrix].append(step: moment.step, wallTime: moment.wallTime, rows: rows)
    }

    /// A histogram often has the limits of the one before it; the two then share them, which halves what they take.
    mutating func addHistogram(_ histogram: Histogram, _ slot: Int, _ tag: UnsafeRawBufferPointer, _ moment: Moment) {
        if slots[slot].histogram < 0 {
            slots[slot].histogram = snapshot.histograms.place(of: String(repairing: tag), new: HistogramSeries())
        }
        let place = slots[slot].histogram
        let shared = snapshot.histograms.series[place].last.map { histogram.sharingLimits(with: $0.value) }
        snapshot.histograms.series[place].append(
            step: moment.step, wallTime: moment.wallTime, value: shared ?? histogram)
    }

    mutating func addText(_ text: String, _ slot: Int, _ tag: UnsafeRawBufferPointer, _ moment: Moment) {
        if slots[slot].text < 0 {
            slots[slot].text = snapshot.texts.place(of: String(repairing: tag), new: TextSeries())
        }
        snapshot.texts.series[slots[slot].text].append(step: moment.step, wallTime: moment.wallTime, value: text)
    }

    mutating func addUnkept(_ kind: UnkeptKind, _ slot: Int, _ tag: UnsafeRawBufferPointer, _ moment: Moment) {
        if slots[slot].other < 0 {
            slots[slot].other = snapshot.others.place(of: String(repairing: tag), new: ValueSeries())
        }
        snapshot.others.series[slots[slot].other].append(step: moment.step, wallTime: moment.wallTime, value: kind)
    }
}

extension Histogram {
    func sharingLimits(with other: Histogram) -> Histogram {
        guard limits == other.limits else { return self }
        return Histogram(
            min: min, max: max, count: count, sum: sum, sumOfSquares: sumOfSquares, limits: other.limits, counts: counts
        )
    }
}
