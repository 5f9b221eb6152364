import Tensors
import Testing

@Suite struct DenseTensorTests {
    @Test func aScalarHasNoDimensionsAndOneElement() {
        let tracked = DenseTensor(scalar: 938)
        #expect(tracked.shape.isEmpty)
        #expect(tracked.count == 1)
        #expect(tracked.floats == [938])
    }

    @Test func buffersStartAtACacheLineAndAtZero() {
        for count in [1, 3, 17, 1000] {
            let buffer = AlignedBuffer<Float>(count: count)
            #expect(UInt(bitPattern: buffer.base) % 64 == 0)
            #expect(buffer.elements.allSatisfy { $0 == 0 })
        }
    }

    @Test func aBatchCountsOnlyWhatWasFilled() {
        let batch = Batch(capacity: 4, channels: 3, height: 2, width: 2)
        batch.count = 3
        #expect(batch.count == 3)
        #expect(batch.images.count == 4 * batch.imageSize)
    }
}
