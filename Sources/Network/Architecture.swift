import Syntax

/// What a network is before it has weights: a tree of named modules, run in order.
package struct Architecture: Equatable, Sendable {
    package indirect enum Module: Equatable, Sendable {
        case layer(Layer)
        case sequential([Child])
        /// `body(x) + shortcut(x)`; an empty shortcut is x itself. A ReLU behind the sum is a module of its own.
        case residual(body: [Child], shortcut: [Child])
    }

    /// A module and its name within its parent; names joined by dots are the keys of the state dictionary.
    package struct Child: Equatable, Sendable {
        package let name: String
        package let module: Module

        package init(_ name: String, _ module: Module) {
            self.name = name
            self.module = module
        }

        package init(_ name: String, _ layer: Layer) { self.init(name, .layer(layer)) }
    }

    package let children: [Child]

    package init(_ children: [Child]) { self.children = children }

    /// Exactly what PyTorch's `print(net)` writes for a module of class `className` with these children.
    package func printed(className: String = "Net") -> String {
        Self.lines(className, children).joined(separator: "\n")
    }

    fileprivate static func lines(_ name: String, _ children: [Child]) -> [String] {
        PrintedModule.lines(name, children: children.flatMap { PrintedModule.child($0.name, $0.module.lines) })
    }
}

extension Architecture.Module {
    /// A Sequential numbers its modules from 0.
    package static func sequential(_ modules: [Architecture.Module]) -> Self {
        .sequential(modules.enumerated().map { Architecture.Child("\($0.offset)", $0.element) })
    }

    /// A residual sum of two numbered sequences.
    package static func residual(body: [Architecture.Module], shortcut: [Architecture.Module] = []) -> Self {
        func numbered(_ modules: [Architecture.Module]) -> [Architecture.Child] {
            modules.enumerated().map { Architecture.Child("\($0.offset)", $0.element) }
        }
        return .residual(body: numbered(body), shortcut: numbered(shortcut))
    }

    fileprivate var lines: [String] {
        switch self {
        case .layer(let layer): [layer.description]
        case .sequential(let children): Architecture.lines("Sequential", children)
        case .residual(let body, let shortcut):
            Architecture.lines(
                "Residual",
                [Architecture.Child("body", .sequential(body)), Architecture.Child("shortcut", .sequential(shortcut))])
        }
    }
}
