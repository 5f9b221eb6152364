import Syntax

/// The modules of a network to be written as a whole object: a tree of named layers, each a constructor of PyTorch's.
package indirect enum ModuleOutline: Equatable, Sendable {
    /// A layer of torch.nn's own, such as `Conv2d(3, 16, kernel_size=3, padding=1)`.
    case layer(ConstructorCall)
    /// A Sequential: modules that are applied one after another.
    case sequential([Child])

    package struct Child: Equatable, Sendable {
        package let name: String
        package let module: ModuleOutline

        package init(_ name: String, _ module: ModuleOutline) {
            self.name = name
            self.module = module
        }
    }
}
