import Syntax
import Testing

/// What a constructor call is made of, and where a wrong one goes wrong.
@Suite struct ConstructorCallTests {
    @Test func aCallHasItsNameAndItsArgumentsInOrder() throws {
        let call = try ConstructorCall(parsing: " torch.nn.Conv2d(3, 16*2, kernel_size=(3, 5), bias=False, p=5e-1) ")
        #expect(call.name == "Conv2d")
        #expect(call.positional == [.integer(3), .integer(32)])
        #expect(call.keywords.map(\.name) == ["kernel_size", "bias", "p"])
        #expect(call[keyword: "kernel_size"] == .tuple([.integer(3), .integer(5)]))
        #expect(call[keyword: "p"] == .number(0.5))
        #expect(call[keyword: "stride"] == nil)
    }

    /// Right: as Python's `repr` has it.
    @Test(arguments: [
        ("f", "f()"), ("f(1,)", "f(1)"), ("f((1))", "f(1)"), ("f((1,), [], ())", "f((1,), [], ())"),
        ("f([1, 2.50], x = None)", "f([1, 2.5], x=None)"), ("f(\"a b\", -1_000, +1E-5)", "f('a b', -1000, 1e-05)"),
        ("f([g, h(1)], g(x=[True]))", "f([g(), h(1)], g(x=[True]))"),
    ])
    func aCallPrintsAsPythonWouldAndReadsBack(_ text: String, _ printed: String) throws {
        let call = try ConstructorCall(parsing: text)
        #expect(call.description == printed)
        #expect(try ConstructorCall(parsing: printed) == call)
    }

    @Test func aCallInsideKeepsItsOwnText() throws {
        let call = try ConstructorCall(parsing: "Residual([ Conv2d( 1,2, 3 ) ])")
        guard case .list(let items)? = call.positional.first, case .call(let inner)? = items.first else {
            Issue.record("no list of one call: \(call)")
            return
        }
        #expect(inner.source == "Conv2d( 1,2, 3 )")
    }

    @Test(arguments: [
        ("f(x)", "expected a value (a number, True, False, None or a tuple) at 'x)' in 'f(x)'"),
        ("f((x,))", "expected a value (a number, True, False, None or a tuple) at 'x,))' in 'f((x,))'"),
        ("f([1)", "brackets do not match at ')' in 'f([1)'"), ("f([1", "brackets do not match at the end in 'f([1'"),
        ("f(1]", "brackets do not match at ']' in 'f(1]'"), ("f(1 2)", "expected ',' or ')' at '2)' in 'f(1 2)'"),
        ("f('a)", "a quote is not closed at ''a)' in 'f('a)'"), ("f(2*2.5)", "only integers are multiplied at '2.5)'"),
        ("f(a=1, a=2)", "argument 'a' of f is given twice"),
    ])
    func aMistakeIsNamedWithItsPlace(_ text: String, _ message: String) {
        let error = #expect(throws: ConstructorError.self) { try ConstructorCall(parsing: text) }
        #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test(arguments: ["f(", "f([", "f(g("]) func nestingWithoutEndIsRefused(_ piece: String) {
        #expect(throws: ConstructorError.self) { try ConstructorCall(parsing: String(repeating: piece, count: 10_000)) }
    }

    @Test func aNameIsAValueWhereThatIsAsked() throws {
        let call = try ConstructorCall(parsing: "SGD(net.parameters(), lr=rate, nesterov=True)", namesAreValues: true)
        #expect(call.positional == [.call(ConstructorCall("parameters"))])
        #expect(call[keyword: "lr"] == .call(ConstructorCall("rate")))
    }
}
