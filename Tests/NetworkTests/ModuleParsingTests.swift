import Testing

@testable import Network

@Suite struct ModuleParsingTests {
    @Test func aResidualHoldsItsListsOfLayers() throws {
        let module = try Architecture.Module(
            parsing:
                "Residual([Conv2d(16, 32, 3, stride=2, padding=1), BatchNorm2d(32)],\n shortcut=[Conv2d(16, 32, 1, stride=2)])"
        )
        let expected = Architecture.Module.residual(
            body: [
                .layer(try Layer(parsing: "Conv2d(16, 32, 3, stride=2, padding=1)")),
                .layer(try Layer(parsing: "BatchNorm2d(32)")),
            ],
            shortcut: [.layer(try Layer(parsing: "Conv2d(16, 32, 1, stride=2)"))])
        #expect(module == expected)
    }

    @Test func anyOtherTextIsALayer() throws {
        #expect(try Architecture.Module(parsing: "ReLU()") == .layer(try Layer(parsing: "ReLU()")))
    }

    @Test(arguments: [
        ("Residual([Conv2d(1, 1, 1)], shortcat=[ReLU()])", "shortcut"), ("Residual([ReLU()", "brackets"),
        ("Residual([ReLU()]])", "brackets"), ("Residual(ReLU())", "list"), ("Residual()", "body"),
        ("Residual([Relu()])", "ReLU"),
    ])
    func aMistakeIsNamed(text: String, says: String) {
        #expect {
            try Architecture.Module(parsing: text)
        } throws: { "\($0)".contains(says) }
    }
}
