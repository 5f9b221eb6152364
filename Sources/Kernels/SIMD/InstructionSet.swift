import CInstructionSet

/// The instruction set that this binary was built for, and whether this machine has it.
package enum InstructionSet {
    /// Whether a `Vector16` is one register and a tile may hold more than sixteen of them. Elsewhere a tile holds six at most,
    /// and whoever writes a kernel gives it a tile for each. The optimiser removes the one that doesn't apply.
    @inline(__always)
    static var hasWideRegisters: Bool { normscope_has_wide_registers() != 0 }

    /// False if kernels would stop with an illegal instruction here; a program should say so at its start.
    package static var fitsThisProcessor: Bool { normscope_cpu_fits() != 0 }
}
