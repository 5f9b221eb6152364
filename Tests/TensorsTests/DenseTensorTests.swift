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
        let layout = PlanarLayout(channels: 3, extent: Extent(1, 2, 2), halo: .zero)
        let batch = Batch(capacity: 4, layout: layout)
        batch.count = 3
        #expect(batch.count == 3)
        #expect(batch.images.count == 4 * layout.imageStride)
    }

    @Test func aBatchKeepsItsImagesInsideTheirHalos() {
        let layout = PlanarLayout(channels: 2, extent: Extent(3, 4, 5), halo: Extent(1, 2, 3))
        let batch = Batch(capacity: 2, layout: layout)
        #expect(layout.imageSize == 120)
        for image in 0..<2 {
            for index in 0..<120 { batch[image, index] = Float(1 + image * 120 + index) }
        }
        for image in 0..<2 {
            for index in 0..<120 {
                let (channel, z, y, x) = (index / 60, index / 20 % 3, index / 5 % 4, index % 5)
                let place = ((channel * 5 + z + 1) * 8 + y + 2) * 11 + x + 3
                #expect(batch.images[image * layout.imageStride + place] == batch[image, index])
            }
        }
        #expect(batch.images.elements.filter { $0 != 0 } == (1...240).map(Float.init))
    }
}
