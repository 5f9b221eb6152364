import Runs
import Testing

/// The tags are a protocol: other programs write and read them too.
@Suite struct TagTests {
    @Test func tagsAreThoseOfTheProtocol() {
        #expect(
            [Tag.trainLoss, Tag.trainAccuracy, Tag.validationLoss, Tag.validationAccuracy, Tag.learningRate]
                == ["train/loss", "train/accuracy", "val/loss", "val/accuracy", "lr"])
        #expect([Tag.imagesPerSecond, Tag.control] == ["throughput/images_per_second", "control"])
        #expect(
            LoggedLayer.Quantity.allCases.map { Tag.normalization("layer1.1", $0) } == [
                "batchnorm/layer1.1/running_mean", "batchnorm/layer1.1/running_var", "batchnorm/layer1.1/batch_mean",
                "batchnorm/layer1.1/batch_var", "batchnorm/layer1.1/weight", "batchnorm/layer1.1/bias",
            ])
        #expect(Tag.normalization("bn", .batchesTracked) == "batchnorm/bn/num_batches_tracked")
        #expect(Tag.System.gpu(0, "power_watts") == "system/gpu.0.power_watts")
    }
}
