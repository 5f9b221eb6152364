/// What a run is asked to do: the content of an experiment file, complete and checked as far as that needs no data and no
/// network.
///
/// `model`, `optimizer` and `schedule` stay texts with their places; the modules that know layers read them.
package struct Experiment: Equatable, Sendable {
    /// The `data` part. `path` is absolute, or as it was given where no folder was known.
    package struct Source: Equatable, Sendable {
        package var format: String
        package var path: String
        package var pad: Int
        package var channels: Int
        package var shuffle: Bool
        /// Empty if nothing is normalized.
        package var mean: [Float]
        package var std: [Float]
        /// Where `data` stands in the file.
        package var place: Place

        package static func == (a: Source, b: Source) -> Bool {
            a.format == b.format && a.path == b.path && a.pad == b.pad && a.channels == b.channels
                && a.shuffle == b.shuffle && a.mean == b.mean && a.std == b.std
        }
    }

    package struct CheckpointPlan: Equatable, Sendable {
        /// 0 writes none by itself.
        package var everyEpochs: Int
        /// How many of the periodic ones stay; `nil` is all.
        package var keep: Int?

        package init(everyEpochs: Int = 1, keep: Int? = 5) {
            self.everyEpochs = everyEpochs
            self.keep = keep
        }
    }

    package var name: String
    package var data: Source
    package var model: [ModelEntry]
    package var optimizer: SourceText
    /// `nil` is a constant learning rate.
    package var schedule: SourceText?
    package var batchSize: Int
    package var epochs: Int
    package var pace: Pace
    package var seed: UInt64
    package var checkpoint: CheckpointPlan
}
