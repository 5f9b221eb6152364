/// The layout of PyTorch's `print(net)`: a class with its arguments, and its children indented below it.
package enum PrintedModule {
    /// - Parameter children: their lines, each child's first one labelled with its name.
    package static func lines(_ className: String, arguments: [String] = [], children: [String]) -> [String] {
        if children.isEmpty, arguments.count <= 1 { return [PythonLiteral.call(className, arguments)] }
        return [className + "("] + (arguments + children).map { "  " + $0 } + [")"]
    }

    /// A child's lines behind its name: `(fc): Linear(…)`.
    package static func child(_ name: String, _ lines: [String]) -> [String] { labelled("(\(name)): ", lines) }

    package static func labelled(_ label: String, _ lines: [String]) -> [String] {
        [label + lines[0]] + lines.dropFirst()
    }
}
