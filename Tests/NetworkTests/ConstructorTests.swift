import Network
import Syntax
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
        (
            "BatchNorm2d(16)",
            "BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"
        ),
        (
            "BatchNorm1d(num_features=8, momentum=None, affine=False)",
            "BatchNorm1d(8, eps=1e-05, momentum=None, affine=False, bias=False, track_running_stats=True)"
        ),
        (
            "BatchNorm3d(4, 1e-3, 0.01)",
            "BatchNorm3d(4, eps=0.001, momentum=0.01, affine=True, bias=True, track_running_stats=True)"
        ),
        ("Linear(16*32*32, 10)", "Linear(in_features=16384, out_features=10, bias=True)"),
        ("ReLU", "ReLU()"), ("ReLU(inplace=True)", "ReLU(inplace=True)"),
        (" Flatten( ) ", "Flatten(start_dim=1, end_dim=-1)"),
        ("LeakyReLU(0.2)", "LeakyReLU(negative_slope=0.2)"), ("Dropout()", "Dropout(p=0.5, inplace=False)"),
        ("MaxPool2d(2)", "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"),
        (
            "MaxPool2d((3, 2), 2, padding=(1, 0))",
            "MaxPool2d(kernel_size=(3, 2), stride=2, padding=(1, 0), dilation=1, ceil_mode=False)"
        ),
        ("AvgPool2d(3, 2, 1)", "AvgPool2d(kernel_size=3, stride=2, padding=1)"),
        ("AdaptiveAvgPool2d(1)", "AdaptiveAvgPool2d(output_size=1)"),
        ("AdaptiveAvgPool2d((5, None))", "AdaptiveAvgPool2d(output_size=(5, None))"),
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
        let error = #expect(throws: ConstructorError.self) { try Layer(parsing: text) }
        #expect(error?.description == message)
    }

    @Test func networksPrintAsPyTorchDoes() throws {
        #expect(
            try Architecture.example().printed() == """
                Net(
                  (layer1): Sequential(
                    (0): Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
                    (1): BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
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
        ("Adam()", "Adam(lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.0)"),
        ("AdamW(1e-4)", "AdamW(lr=0.0001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01)"),
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
        let error = #expect(throws: ConstructorError.self) { try OptimizerDefinition(parsing: text) }
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

    /// PyTorch's schedulers on a base rate of 0.1: ten epochs of four steps; the index is what the scheduler counts.
    @Test(arguments: [
        ("StepLR(step_size=3, gamma=0.5)", false, [0: 0.1, 2: 0.1, 3: 0.05, 7: 0.025]),
        ("LinearLR(start_factor=0.25, total_iters=4)", false, [0: 0.025, 1: 0.04375, 3: 0.08125, 4: 0.1, 7: 0.1]),
        ("CosineAnnealingLR(T_max=10, eta_min=0.01)", false, [0: 0.1, 3: 0.08145033635316129, 10: 0.01]),
        (
            "OneCycleLR(cycle_momentum=False)", true,
            [0: 0.004, 5: 0.04516888776288231, 11: 0.1, 12: 0.09968561175222017, 25: 0.0500002, 39: 4e-07]
        ),
        (
            "OneCycleLR(0.1, 0.25, 'linear', False, 10, 100)", true,
            [0: 0.01, 5: 0.06, 9: 0.1, 10: 0.09667, 25: 0.04672, 39: 0.0001]
        ),
    ])
    func schedulesGivePyTorchsRates(_ text: String, _ countsSteps: Bool, _ rates: [Int: Double]) throws {
        let schedule = try ScheduleDefinition(parsing: text)
        for (index, rate) in rates {
            let step = countsSteps ? index : index * 4
            let ours = schedule.learningRate(base: 0.1, epoch: step / 4, epochs: 10, step: step, stepsPerEpoch: 4)
            #expect(abs(ours - rate) < 1e-12, "\(text) at \(index): \(ours), not \(rate)")
        }
    }

    @Test(arguments: [
        "constant", "CosineAnnealingLR(eta_min=0.0)", "CosineAnnealingLR(T_max=30, eta_min=1e-05)",
        "StepLR(step_size=3, gamma=0.5)", "LinearLR(start_factor=0.25, end_factor=1.0, total_iters=4)",
        "OneCycleLR(max_lr=0.1, pct_start=0.3, anneal_strategy='cos', cycle_momentum=False, div_factor=25.0, "
            + "final_div_factor=10000.0)",
    ])
    func schedulesReadBackWhatTheyWrite(_ text: String) throws {
        #expect(try ScheduleDefinition(parsing: text).description == text)
    }

    @Test func aOneCycleThatWouldMoveTheMomentumIsRefused() {
        let error = #expect(throws: ConstructorError.self) { try ScheduleDefinition(parsing: "OneCycleLR(max_lr=0.1)") }
        #expect(
            error?.description == "argument 'cycle_momentum' of OneCycleLR is missing: it must be False: the momentum "
                + "stays as it is")
    }
}
