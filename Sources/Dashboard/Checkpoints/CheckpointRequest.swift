/// A request of the Checkpoints view. Files are read in the background, one request after another; a newer request for
/// what is shown replaces an older one that is still being read.
package enum CheckpointRequest: Equatable, Sendable {
    /// Look for checkpoints in a folder and below.
    case list(folder: String)
    /// Read the list of a file's tensors.
    case open(path: String)
    /// Compute the statistics of some tensors, and histograms if they are wanted; and read the channels of a layer.
    case examine(path: String, tensors: [String], histogram: Bool, layer: String?)
    case compare(first: String, second: String)
    /// Stop reading whatever is being read.
    case stopReading
    /// Compute loss and accuracy on the validation images of the run.
    case evaluate(path: String)
    /// - Parameter asModule: as a whole object that needs no class, instead of a state dictionary.
    case convert(path: String, to: String, asModule: Bool)
    case delete(path: String)
    /// Start an engine that continues the run from this checkpoint.
    case resume(path: String, run: String)

    /// Whether this request reads everything that `other` would read.
    func covers(_ other: CheckpointRequest) -> Bool {
        guard case .examine(let path, let tensors, let histogram, let layer) = self,
            case .examine(let otherPath, let wanted, let wantsHistogram, let otherLayer) = other
        else { return self == other }
        return path == otherPath && (otherLayer == nil || layer == otherLayer) && (histogram || !wantsHistogram)
            && Set(wanted).isSubset(of: tensors)
    }
}
