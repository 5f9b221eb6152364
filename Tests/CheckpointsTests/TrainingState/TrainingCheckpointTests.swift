import Files
import Glibc
import Synchronization
import Tensors
import Testing

@testable import Checkpoints

@Suite struct TrainingCheckpointTests {
    /// The small example network, after some steps.
    static let sample = TrainingCheckpoint(
        modelState: [
            NamedTensor("layer1.0.weight", DenseTensor(shape: [4, 3, 3, 3], (0..<108).map { Float($0) / 8 })),
            NamedTensor("layer1.0.bias", DenseTensor(shape: [4], [0.5, -1, .infinity, 3])),
            NamedTensor("layer1.1.weight", DenseTensor(shape: [4], [1, 1, 1, 1])),
            NamedTensor("layer1.1.bias", DenseTensor(shape: [4], [0, 0, 0, 0])),
            NamedTensor("layer1.1.running_mean", DenseTensor(shape: [4], [0.25, 0.5, 0.75, 1])),
            NamedTensor("layer1.1.running_var", DenseTensor(shape: [4], [1, 2, 3, 4])),
            NamedTensor("layer1.1.num_batches_tracked", DenseTensor(scalar: 5_000_000_000)),
            NamedTensor("fc.weight", DenseTensor(shape: [3, 64], (0..<192).map { Float($0) - 96 })),
            NamedTensor("fc.bias", DenseTensor(shape: [3], [1e-30, -0.0, 3.4e38])),
        ],
        optimizerState: .sgd(
            learningRate: 0.0498, momentum: 0.9, dampening: 0, weightDecay: 5e-4, nesterov: false,
            initialLearningRate: 0.05, parameterCount: 6,
            momentumBuffers: [[4, 3, 3, 3], [4], [4], [4], [3, 64], [3]].map { shape in
                DenseTensor(shape: shape, (0..<shape.reduce(1, *)).map { Float($0) / 16 })
            }),
        epoch: 7, globalStep: 938,
        resume: [
            "seed": 1, "position": 12, "scale": 0.5, "note": "größer", "far": .int(.min), "shuffled": true,
            "nothing": nil,
        ])

    @Test func whatWasWrittenIsRead() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/step-00000938.pth"
        try Self.sample.write(to: path)
        #expect(try TrainingCheckpoint(readingFrom: path) == Self.sample)
        #expect(try folder.contents == ["step-00000938.pth"])
    }

    @Test func aCheckpointBeforeTheFirstStepHasNoMomentum() throws {
        var checkpoint = Self.sample
        checkpoint.optimizerState = .sgd(
            learningRate: 0.05, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: true, parameterCount: 6)
        let folder = try TemporaryFolder()
        try checkpoint.write(to: folder.path + "/a.pth")
        #expect(try TrainingCheckpoint(readingFrom: folder.path + "/a.pth") == checkpoint)
    }

    @Test func pyTorchsOwnTrainingCheckpointIsRead() throws {
        let checkpoint = try TrainingCheckpoint(readingFrom: Fixture("torch-2.15/training.pth").path)
        #expect(checkpoint.epoch == 7)
        #expect(checkpoint.globalStep == 938)
        #expect(checkpoint.resume == ["seed": 1, "position": 12, "scale": 0.5, "note": "größer"])
        #expect(checkpoint.optimizerState.groups[0].parameters == [0, 1, 2, 3, 4, 5])
        #expect(checkpoint.optimizerState.groups[0]["initial_lr"] == 0.05)
        #expect(checkpoint.optimizerState.slots.allSatisfy { $0.map(\.name) == ["momentum_buffer"] })
        #expect(checkpoint.optimizerState.slots[5][0].tensor.shape == [3])
    }

    @Test func oneFlippedByteOfATensorIsNoticed() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.pth"
        try Self.sample.write(to: path)
        var bytes = try folder.bytes("a.pth")
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: [0, 0, 0xC0, 0x40]) })
        bytes[place] ^= 1
        let broken = try folder.file("b.pth", bytes)
        let error = #expect(throws: CheckpointError.self) { try TrainingCheckpoint(readingFrom: broken) }
        #expect(try #require(error).description.contains("its bytes don't match their checksum"))
    }

    @Test func aBareStateDictionaryCannotBeResumed() throws {
        let error = #expect(throws: CheckpointError.self) {
            try TrainingCheckpoint(readingFrom: Fixture("torch-2.15/state_dict.pth").path)
        }
        #expect(
            try #require(error).description.contains("has no 'model_state_dict'; only a checkpoint made for training"))
    }

    // MARK: - Whole or not at all

    @Test(arguments: [0, 1, 1000])
    func aFullDiskLeavesTheOldFileAndNothingElse(_ room: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a.pth", [1, 2, 3])
        var operations = FileOperations.system
        operations.write = { descriptor, bytes in
            let position = lseek(descriptor, 0, SEEK_CUR)
            let count = min(bytes.count, room - position)
            guard count > 0 else {
                errno = ENOSPC
                return -1
            }
            return write(descriptor, bytes.baseAddress, count)
        }
        let error = #expect(throws: CheckpointError.self) { try Self.sample.write(to: path, operations: operations) }
        #expect(
            try #require(error).description
                == "\(path): cannot write: No space left on device; make room on the disk and try again; "
                + "what was there before is untouched")
        #expect(try folder.bytes("a.pth") == [1, 2, 3])
        #expect(try folder.contents == ["a.pth"])
    }

    /// What the disk is told to begin with is written by then, from the file's start on, without a gap.
    @Test func theDiskBeginsBeforeTheEnd() throws {
        let folder = try TemporaryFolder()
        let begun = Mutex<[Range<Int>]>([])
        let written = Mutex(0)
        var operations = FileOperations.system
        operations.write = { descriptor, bytes in
            written.withLock { $0 += bytes.count }
            return FileOperations.system.write(descriptor, bytes)
        }
        operations.beginSynchronizing = { _, range in
            #expect(range.upperBound <= written.withLock { $0 })
            begun.withLock { $0.append(range) }
        }
        let tensors = (0..<9).map {
            NamedTensor("t\($0)", DenseTensor(shape: [1 << 20], [Float](repeating: Float($0), count: 1 << 20)))
        }
        try CheckpointWriter.write(StateDictionary.value(tensors), to: folder.path + "/a.pth", operations: operations)
        let ranges = begun.withLock { $0 }
        #expect(ranges.count > 1)
        #expect(ranges.map(\.lowerBound) == [0] + ranges.dropLast().map(\.upperBound))
    }

    @Test func aFailingSynchronizationLeavesTheOldFileAndNothingElse() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a.pth", [1, 2, 3])
        var operations = FileOperations.system
        operations.synchronize = { _ in
            errno = EIO
            return -1
        }
        #expect(throws: CheckpointError.system(path: path, operation: "write", code: EIO)) {
            try Self.sample.write(to: path, operations: operations)
        }
        #expect(try folder.bytes("a.pth") == [1, 2, 3])
        #expect(try folder.contents == ["a.pth"])
    }

    @Test func aMissingFolderIsAnError() throws {
        #expect(throws: CheckpointError.system(path: "/nowhere/a.pth", operation: "write", code: ENOENT)) {
            try Self.sample.write(to: "/nowhere/a.pth")
        }
    }
}
