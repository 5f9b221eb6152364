/// The role of a colour on the screen; themes assign the colours.
package enum Role: String, CaseIterable, Sendable {
    case text, dim, title, border, accent
    case key
    case good, warning, error
    case selection, selectionText = "selection_text"
    case background, panel
    case series1, series2, series3, series4, series5, series6, series7, series8
    /// γ and β, and the two statistics: the same colours in every view.
    case gamma, beta, mean, variance
}

/// The source of a colour; it is resolved only when a frame meets a theme and a terminal.
package enum Ink: Hashable, Sendable {
    case role(Role)
    /// A position on the theme's colour ramp for quantities, 0 the lowest and 255 the highest.
    case ramp(UInt8)
    /// A colour of its own: a pixel of an image.
    case rgb(RGB)
}

package struct RGB: Hashable, Sendable {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// A colour from `#rrggbb`, the format of theme files.
    package init?(hex: String) {
        guard hex.utf8.count == 7, hex.utf8.first == UInt8(ascii: "#"), let value = UInt32(hex.dropFirst(), radix: 16)
        else {
            return nil
        }
        self.init(UInt8(value >> 16), UInt8(value >> 8 & 255), UInt8(value & 255))
    }

    package var hex: String {
        let digits = String(UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue), radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }
}

/// The style of a cell: two inks and attributes.
package struct Style: Hashable, Sendable {
    package struct Attributes: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let bold = Attributes(rawValue: 1)
        package static let underline = Attributes(rawValue: 2)
        package static let reverse = Attributes(rawValue: 4)
    }

    package var ink: Ink
    package var paper: Ink
    package var attributes: Attributes

    package init(_ ink: Ink = .role(.text), on paper: Ink = .role(.background), _ attributes: Attributes = []) {
        self.ink = ink
        self.paper = paper
        self.attributes = attributes
    }

    package init(_ role: Role, _ attributes: Attributes = []) {
        self.init(.role(role), attributes)
    }

    package static let text = Style()
    package static let dim = Style(.dim)
    package static let title = Style(.title, .bold)
    package static let border = Style(.border)
    package static let key = Style(.key, .bold)
    package static let good = Style(.good)
    package static let warning = Style(.warning)
    package static let error = Style(.error, .bold)
    package static let selection = Style(.role(.selectionText), on: .role(.selection))
}

/// A theme: a name, a colour for every role, and a ramp of at least two colours for quantities, lowest first.
package struct Theme: Equatable, Sendable {
    package let name: String
    package let colours: [Role: RGB]
    package let ramp: [RGB]

    /// - Precondition: every role has a colour and the ramp has two or more.
    package init(name: String, colours: [Role: RGB], ramp: [RGB]) {
        precondition(Role.allCases.allSatisfy { colours[$0] != nil } && ramp.count >= 2, "theme \(name) is incomplete")
        self.name = name
        self.colours = colours
        self.ramp = ramp
    }

    package func colour(_ ink: Ink) -> RGB {
        switch ink {
        case .role(let role): colours[role]!
        case .rgb(let rgb): rgb
        case .ramp(let level): rampColour(level)
        }
    }

    private func rampColour(_ level: UInt8) -> RGB {
        let place = Double(level) / 255 * Double(ramp.count - 1)
        let index = min(Int(place), ramp.count - 2)
        let fraction = place - Double(index)
        func mix(_ channel: KeyPath<RGB, UInt8>) -> UInt8 {
            let low = Double(ramp[index][keyPath: channel])
            let high = Double(ramp[index + 1][keyPath: channel])
            return UInt8((low + (high - low) * fraction).rounded())
        }
        return RGB(mix(\.red), mix(\.green), mix(\.blue))
    }
}
