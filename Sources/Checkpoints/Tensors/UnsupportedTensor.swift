/// A tensor of a kind whose values can't be read here.
package struct UnsupportedTensor: Equatable, Sendable {
    package let name: String
    /// The kind, such as `quantized tensor (QInt8)`.
    package let kind: String

    private static let kinds: [String: String] = [
        "torch._utils._rebuild_qtensor": "quantized tensor", "torch._utils._rebuild_sparse_tensor": "sparse tensor",
        "torch._utils._rebuild_sparse_csr_tensor": "sparse tensor",
        "torch._utils._rebuild_nested_tensor": "nested tensor",
        "torch._utils._rebuild_meta_tensor_no_storage": "tensor without data (meta device)",
        "torch._utils._rebuild_wrapper_subclass": "tensor of a wrapper class",
        "torch._utils._rebuild_device_tensor_from_numpy": "tensor of another device, kept as a NumPy array",
        "torch._utils._rebuild_device_tensor_from_cpu_tensor": "tensor of another device",
        "torch._tensor._rebuild_from_type_v2": "tensor of a class of its own",
        "torch._utils._rebuild_parameter": "parameter of a kind of its own",
        "numpy.core.multiarray._reconstruct": "NumPy array", "numpy._core.multiarray._reconstruct": "NumPy array",
    ]

    static func kind(_ instance: PickleGraph.Instance, _ graph: PickleGraph) -> String? {
        guard let constructor = instance.constructor, let kind = kinds[constructor.description] else { return nil }
        guard let first = instance.arguments.first else { return kind }
        if let storage = graph.instance(first)?.constructor, storage.name.hasSuffix("Storage") {
            return kind + " (" + storage.name.dropLast("Storage".count) + ")"
        }
        if let layout = graph.instance(first)?.arguments.first.flatMap(graph.text) { return kind + " (" + layout + ")" }
        return kind
    }
}
