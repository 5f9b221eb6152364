import ArgumentParser
import Charts
import Checkpoints

/// The report of a comparison.
struct ComparisonReport {
    let first: String
    let second: String
    let comparison: CheckpointComparison

    func show() {
        print("A: \(first.onOneLine)\nB: \(second.onOneLine)")
        showNames()
        showNormalization()
        showTensors()
        print("\n" + comparison.verdict)
    }

    private func showNames() {
        for (side, prefix) in [("A", comparison.prefixes.first), ("B", comparison.prefixes.second)]
        where !prefix.isEmpty {
            print("the names in \(side) begin with '\(prefix.onOneLine)', which is left out")
        }
        for (side, missing) in [("A", comparison.onlyInFirst), ("B", comparison.onlyInSecond)] {
            for tensor in missing { print("only in \(side): \(tensor.name.onOneLine): \(tensor.effect.words)") }
        }
        for shape in comparison.shapes {
            print("\(shape.name.onOneLine): the shape is \(shape.first.asTuple) in A, \(shape.second.asTuple) in B")
        }
    }

    private func showNormalization() {
        guard !comparison.normalization.isEmpty else { return }
        print("")
        TextTable.print(
            ["normalization", "Δμ/σ", "Δ log σ²", "Δγ", "Δβ", "batches tracked"],
            comparison.normalization.map { layer in
                let shifts = [layer.meanShift, layer.logVarianceShift, layer.weightShift, layer.biasShift]
                return [layer.layer] + shifts.map { $0.map(NumberFormat.compact) ?? "none" }
                    + [layer.batchesTracked.map { $0.map(String.init) ?? "none" }.joined(separator: " → ")]
            })
    }

    private func showTensors() {
        guard !comparison.tensors.isEmpty else { return }
        print("")
        TextTable.print(
            ["tensor", "dtype", "shape", "largest", "mean", "non-finite"],
            comparison.tensors.map { tensor in
                [
                    tensor.name,
                    Set(tensor.types).count == 1
                        ? tensor.types[0].rawValue : tensor.types.map(\.rawValue).joined(separator: " / "),
                    tensor.shape.asTuple, NumberFormat.compact(tensor.largest), NumberFormat.compact(tensor.mean),
                    "\(tensor.nonFinite)",
                ]
            })
    }
}

extension ComparisonReport {
    /// The JSON document.
    struct Document: Encodable {
        struct Missing: Encodable {
            let name: String
            let effect: String
        }

        struct Shapes: Encodable {
            let name: String
            let first: [Int]
            let second: [Int]
        }

        struct Tensor: Encodable {
            let name: String
            let shape: [Int]
            let dtypes: [String]
            let largest: Double
            let mean: Double
            let nonfinite: Int
        }

        struct Layer: Encodable {
            let layer: String
            let meanShift: Double?
            let logVarianceShift: Double?
            let weightShift: Double?
            let biasShift: Double?
            let batchesTracked: [Int?]
        }

        let identical: Bool
        let prefixes: [String]
        let onlyInFirst: [Missing]
        let onlyInSecond: [Missing]
        let shapes: [Shapes]
        let normalization: [Layer]
        let tensors: [Tensor]
    }

    var document: Document {
        let missing = { (tensor: CheckpointComparison.Missing) in
            Document.Missing(name: tensor.name, effect: tensor.effect.words)
        }
        return Document(
            identical: comparison.isIdentical, prefixes: [comparison.prefixes.first, comparison.prefixes.second],
            onlyInFirst: comparison.onlyInFirst.map(missing), onlyInSecond: comparison.onlyInSecond.map(missing),
            shapes: comparison.shapes.map { Document.Shapes(name: $0.name, first: $0.first, second: $0.second) },
            normalization: comparison.normalization.map { layer in
                Document.Layer(
                    layer: layer.layer, meanShift: layer.meanShift?.encodable,
                    logVarianceShift: layer.logVarianceShift?.encodable, weightShift: layer.weightShift?.encodable,
                    biasShift: layer.biasShift?.encodable, batchesTracked: layer.batchesTracked)
            },
            tensors: comparison.tensors.map { tensor in
                Document.Tensor(
                    name: tensor.name, shape: tensor.shape, dtypes: tensor.types.map(\.rawValue),
                    largest: tensor.largest, mean: tensor.mean, nonfinite: tensor.nonFinite)
            })
    }
}

extension Double {
    /// The number, or nil if JSON can't express it.
    fileprivate var encodable: Double? { isFinite ? self : nil }
}
