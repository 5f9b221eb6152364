import Network
import Testing

/// Networks that don't fit together say which layer, what came and what was expected.
@Suite struct ShapeTests {
    @Test(arguments: [
        (
            ["Conv2d(1, 16, 3)", "Flatten()", "Linear(16*6*6, 10)"],
            "0: Conv2d(1, 16, kernel_size=(3, 3), stride=(1, 1)) expects 1 channels and 2 spatial dimensions, "
                + "but gets (3, 8, 8)"
        ),
        (
            ["Conv2d(3, 16, 9)"],
            "0: the kernel of Conv2d(3, 16, kernel_size=(9, 9), stride=(1, 1)) does not fit into "
                + "(3, 8, 8)"
        ),
        (
            ["Conv2d(3, 16, 3)", "BatchNorm2d(8)"],
            "1: BatchNorm2d(8) expects 8 channels and 2 spatial dimensions, but gets (16, 6, 6)"
        ),
        (["BatchNorm1d(3)"], "0: BatchNorm1d(3) expects 3 channels and 0 or 1 spatial dimensions, but gets (3, 8, 8)"),
        (
            ["Conv2d(3, 16, 3)", "Linear(16*6*6, 10)"],
            "1: Linear(in_features=576, out_features=10, bias=True) expects 576 features, but gets (16, 6, 6): "
                + "put Flatten() before it"
        ),
        (
            ["Flatten()", "Linear(192, 10)", "Linear(20, 10)"],
            "2: Linear(in_features=20, out_features=10, bias=True) expects 20 features, but gets (10)"
        ),
        (
            ["Conv2d(3, 10, 3)"],
            "the network ends with (10, 6, 6) for one image: it must end with one number a class, "
                + "such as a Linear layer gives"
        ),
    ])
    func whatDoesNotFitIsNamed(_ layers: [String], _ message: String) throws {
        let children = try layers.enumerated().map {
            Architecture.Child("\($0.offset)", try Layer(parsing: $0.element))
        }
        let error = #expect(throws: NetworkError.self) { try TrainingTests.network(children) }
        #expect(error?.description == message)
    }
}
