import Foundation
import TerminalTesting

/// The probe in a pseudoterminal.
typealias ProbeSession = PseudoTerminal

extension PseudoTerminal {
    convenience init(rows: UInt16 = 24, columns: UInt16 = 80, environment: [String: String] = [:]) throws {
        let runner = URL(fileURLWithPath: CommandLine.arguments[0])
        let program = runner.deletingLastPathComponent().appendingPathComponent("ScreenProbe").path
        try self.init([program], rows: rows, columns: columns, environment: environment)
    }
}
