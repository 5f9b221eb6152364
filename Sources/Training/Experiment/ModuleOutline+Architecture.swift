import Checkpoints
import Network
import Syntax

extension ModuleOutline {
    /// An experiment's network as modules of torch.nn, for a file that PyTorch opens without any other class.
    package init(_ architecture: Architecture) {
        self = .sequential(architecture.children.map(Self.child))
    }

    private static func child(_ child: Architecture.Child) -> Child {
        switch child.module {
        case .layer(let layer): Child(child.name, .layer(layer.call))
        case .sequential(let children): Child(child.name, .sequential(children.map(Self.child)))
        // torch.nn has no such layer; writing it is refused by name.
        case .residual: Child(child.name, .layer(ConstructorCall("Residual")))
        }
    }
}
