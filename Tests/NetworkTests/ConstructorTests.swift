import Network
import Testing

/// Layers, optimizers and schedules as people write them, and what they are told when they mistype.
@Suite struct ConstructorTests {
    /// Right: what PyTorch 2.15 prints for the module.
    @Test(arguments: [
        (
            "Conv2d(3, 16, kernel_size=3, stride=1, padding=1)",
            "Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))"
        ),
        ("Conv2d(16, 32, (3, 5), 2, bias=False)", "Conv2d(16, 32, kernel_size=(3, 5), stride=(2, 2), bias=False)"),
        (
            "nn.Conv2d(8, 8, 3, 1, 2, 2, 4)",
            "Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(2, 2), dilation=(2, 2), groups=4)"
        ),
        ("Conv1d(4, 8, 3)", "Conv1d(4, 8, kernel_size=(3,), stride=(1,))"),
        (
            "Conv3d(1, 2, 3, padding=(0, 1, 1))",
            "Conv3d(1, 2, kernel_size=(3, 3, 3), stride=(1, 1, 1), padding=(0, 1, 1))"
        ),
        ("BatchNorm2d(16)", "BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"),
        (
            "BatchNorm1d(num_features=8, momentum=None, affine=False)",
            "BatchNorm1d(8, eps=1e-05, momentum=None, affine=False, track_running_stats=True)"
        ),
        (
            "BatchNorm3d(4, 1e-3, 0.01)",
            "BatchNorm3d(4, eps=0.001, momentum=0.01, affine=True, track_running_stats=True)"
        ),
        ("Linear(16*32*32, 10)", "Linear(in_features=16384, out_features=10, bias=True)"),
        ("ReLU", "ReLU()"), ("ReLU(inplace=True)", "ReLU(inplace=True)"),
        (" Flatten( ) ", "Flatten(start_dim=1, end_dim=-1)"),
    ])
    func layersPrintAsPyTorchDoesAndReadThatBack(_ text: String, _ printed: String) throws {
        let layer = try Layer(parsing: text)
        #expect(layer.description == printed)
        #expect(try Layer(parsing: printed) == layer)
    }

    @Test(arguments: [
        ("Conv2d(3, 16, 3, paddin=1)", "unknown argument 'paddin' of Conv2d: did you mean 'padding'?"),
        ("BatchNrom2d(16)", "unknown layer 'BatchNrom2d': did you mean 'BatchNorm2d'?"),
        ("Frobnicate()", "unknown layer 'Frobnicate'"),
        (
            "Conv2d(3, 16)",
            "argument 'kernel_size' of Conv2d is missing: it must be a whole number of at least 1, "
                + "or a tuple of 2"
        ),
        ("Conv2d(3, 16, 3, kernel_size=3)", "argument 'kernel_size' of Conv2d is given twice"),
        (
            "Conv2d(3, 16, 3, stride=0)",
            "argument 'stride' of Conv2d is 0, but must be a whole number of at least 1, "
                + "or a tuple of 2"
        ),
        (
            "Conv2d(3, 16, kernel_size=(3, 3, 3))",
            "argument 'kernel_size' of Conv2d is (3, 3, 3), but must be "
                + "a whole number of at least 1, or a tuple of 2"
        ),
        (
            "Conv2d(6, 8, 3, groups=4)",
            "argument 'groups' of Conv2d is 4, but must be a divisor of in_channels (6) "
                + "and out_channels (8)"
        ),
        ("Conv2d(3, 16, 3", "expected ',' or ')' at the end in 'Conv2d(3, 16, 3'"),
        ("Linear(10, 2) x", "unexpected text after the call at 'x' in 'Linear(10, 2) x'"),
        (
            "Linear(99999999999*99999999999, 2)",
            "a product is too large at '99999999999,' in 'Linear(99999999999*99999999999, 2)'"
        ),
        (
            "Linear(in_features=4, 2)",
            "a positional argument follows a keyword argument at '2)' in "
                + "'Linear(in_features=4, 2)'"
        ),
        ("ReLU(maybe)", "expected a value (a number, True, False, None or a tuple) at 'maybe)' in 'ReLU(maybe)'"),
        ("", "expected a name at the end in ''"),
        ("Linear(((((((((((1", "parentheses are nested too deeply at '((1' in 'Linear(((((((((((1'"),
    ])
    func whatIsWrongIsSaidInOneLine(_ text: String, _ message: String) {
        let error = #expect(throws: NetworkError.self) { try Layer(parsing: text) }
        #expect(error?.description == message)
    }

    @Test func networksPrintAsPyTorchDoes() throws {
        #expect(
            try Architecture.example().printed() == """
                Net(
                  (layer1): Sequential(
                    (0): Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
                    (1): BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
                    (2): ReLU()
                  )
                  (flatten): Flatten(start_dim=1, end_dim=-1)
                  (fc): Linear(in_features=16384, out_features=10, bias=True)
                )
                """)
    }

    @Test(arguments: [
        (
            "SGD(lr=0.05, momentum=0.9, weight_decay=5e-4)",
            "SGD(lr=0.05, momentum=0.9, dampening=0.0, weight_decay=0.0005, nesterov=False)"
        ),
        (
            "SGD(0.1, 0.9, nesterov=True)",
            "SGD(lr=0.1, momentum=0.9, dampening=0.0, weight_decay=0.0, nesterov=True)"
        ),
        ("SGD()", "SGD(lr=0.001, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False)"),
    ])
    func optimizersWriteTheirDefaultsAndReadThemBack(_ text: String, _ complete: String) throws {
        let optimizer = try OptimizerDefinition(parsing: text)
        #expect(optimizer.description == complete)
        #expect(try OptimizerDefinition(parsing: complete) == optimizer)
    }

    @Test(arguments: [
        ("SDG(lr=0.1)", "unknown optimizer 'SDG': did you mean 'SGD'?"),
        ("SGD(lr=-1)", "argument 'lr' of SGD is -1, but must be a number of at least 0"),
        (
            "SGD(lr=0.1, nesterov=True)",
            "argument 'nesterov' of SGD is True, but must be False unless momentum is "
                + "positive and dampening 0"
        ),
        ("SGD(momentun=0.9)", "unknown argument 'momentun' of SGD: did you mean 'momentum'?"),
    ])
    func wrongOptimizersAreRefused(_ text: String, _ message: String) {
        let error = #expect(throws: NetworkError.self) { try OptimizerDefinition(parsing: text) }
        #expect(error?.description == message)
    }

    /// PyTorch: torch.optim.lr_scheduler.CosineAnnealingLR(T_max=30) from 0.05, last_epoch 0, 1, 15, 29.
    @Test(arguments: [(0, 0.05), (1, 0.04986304738420684), (15, 0.025), (29, 0.0001369526157931624)])
    func theCosineFallsFromEpochToEpoch(_ epoch: Int, _ rate: Double) throws {
        let schedule = try ScheduleDefinition(parsing: "CosineAnnealingLR()")
        for step in [0, 99] {
            let ours = schedule.learningRate(
                base: 0.05, epoch: epoch, epochs: 30, step: epoch * 100 + step, stepsPerEpoch: 100)
            #expect(abs(ours - rate) < 1e-12)
        }
    }

    @Test(arguments: ["constant", "CosineAnnealingLR(eta_min=0.0)", "CosineAnnealingLR(T_max=30, eta_min=1e-05)"])
    func schedulesReadBackWhatTheyWrite(_ text: String) throws {
        #expect(try ScheduleDefinition(parsing: text).description == text)
    }
}
