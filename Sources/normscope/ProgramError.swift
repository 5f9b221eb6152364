import Glibc

/// An error of a command, in one line: what, where, what to do.
struct ProgramError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
