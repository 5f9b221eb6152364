/// The description of one tensor in a checkpoint's table: everything but its values.
package struct TensorEntry: Sendable {
    package let name: String
    let stored: StoredTensor

    package var type: ElementType { stored.type }
    package var shape: [Int] { stored.shape }
    /// The strides in elements, as PyTorch's `stride()`.
    package var strides: [Int] { stored.strides }
    package var offset: Int { stored.offset }
    /// The key of the storage; tensors with the same one share its bytes.
    package var storage: String { stored.storage.key }
    package var isParameter: Bool { stored.isParameter }
    package var count: Int { stored.count }
    /// The size of the values, whether or not they are shared.
    package var byteCount: Int { count.multipliedReportingOverflow(by: type.byteCount).partialValue }
}
