import Canvas
import Glibc

/// The colour depth of a terminal, and the nearest of its colours to a wanted one.
package enum ColourDepth: Hashable, Sendable {
    /// No colours: bold, underline and reverse replace them.
    case none
    case eight, sixteen
    /// The xterm palette of 256 colours. The first sixteen belong to the user's settings and are not used.
    case palette
    /// Direct colour: a colour number is 0xRRGGBB.
    case direct

    /// - Parameters:
    ///   - colours: what the terminal's description says.
    ///   - noColour: the environment's NO_COLOR; any text but an empty one turns colours off.
    package init(colours: Int, noColour: String?) {
        if let noColour, !noColour.isEmpty {
            self = .none
            return
        }
        switch colours {
        case ..<8: self = .none
        case ..<16: self = .eight
        case ..<256: self = .sixteen
        case ..<0x100_0000: self = .palette
        default: self = .direct
        }
    }

    /// Whether there are enough colours to show quantities by colour alone.
    var showsRamp: Bool { self == .palette || self == .direct }

    /// The terminal's number for the colour nearest to `rgb`.
    func number(_ rgb: RGB) -> Int32 {
        switch self {
        case .none: return 0
        case .direct:
            let value = Int32(rgb.red) << 16 | Int32(rgb.green) << 8 | Int32(rgb.blue)
            // Terminal descriptions keep numbers under eight for the basic colours.
            return value < 8 ? (value < 4 ? 0 : 8) : value
        case .eight: return Self.nearest(rgb, in: XtermPalette.basic, first: 0, count: 8)
        case .sixteen: return Self.nearest(rgb, in: XtermPalette.basic, first: 0, count: 16)
        case .palette: return Self.nearest(rgb, in: XtermPalette.extended, first: 16, count: 240)
        }
    }

    /// The nearest colour of a palette. With sixteen colours or fewer a grey stays a grey: a bluish one would otherwise
    /// become cyan. What is coloured and not dark stays coloured: a pink curve would otherwise be as white as the text.
    private static func nearest(_ rgb: RGB, in palette: [Oklab], first: Int, count: Int) -> Int32 {
        let wanted = Oklab(rgb)
        var best = 0
        var least = Float.infinity
        let isGrey = wanted.squaredChroma < 0.045 * 0.045, isDark = wanted.lightness < 0.4
        for index in 0..<count {
            let hasHue = palette[index].squaredChroma >= 1e-4
            guard count > 16 || (isGrey ? !hasHue : hasHue || isDark) else { continue }
            let distance = wanted.squaredDistance(to: palette[index])
            if distance < least { (best, least) = (index, distance) }
        }
        return Int32(first + best)
    }
}

/// A colour in Oklab (Björn Ottosson, 2020), a space in which distance is about what the eye sees.
struct Oklab: Equatable, Sendable {
    let lightness: Float
    let a: Float
    let b: Float

    init(_ rgb: RGB) {
        let (r, g, b) = (Self.linear(rgb.red), Self.linear(rgb.green), Self.linear(rgb.blue))
        let l = cbrtf(0.412_221_47 * r + 0.536_332_54 * g + 0.051_445_993 * b)
        let m = cbrtf(0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b)
        let s = cbrtf(0.088_302_46 * r + 0.281_718_84 * g + 0.629_978_7 * b)
        lightness = 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s
        a = 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s
        self.b = 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s
    }

    /// The inverse of sRGB's transfer function.
    private static func linear(_ channel: UInt8) -> Float {
        let value = Float(channel) / 255
        return value <= 0.04045 ? value / 12.92 : powf((value + 0.055) / 1.055, 2.4)
    }

    var squaredChroma: Float { a * a + b * b }

    /// The squared distance to another colour. Hue and chroma count twice as much as lightness: with few colours a dark
    /// blue should become another blue rather than a grey of its lightness.
    func squaredDistance(to other: Oklab) -> Float {
        let (dl, da, db) = (lightness - other.lightness, a - other.a, b - other.b)
        return dl * dl + 2 * (da * da + db * db)
    }
}

/// The xterm palette, which terminals follow by convention.
enum XtermPalette {
    /// Colours 0–15 with their default values.
    static let basic: [Oklab] = [
        RGB(0, 0, 0), RGB(205, 0, 0), RGB(0, 205, 0), RGB(205, 205, 0), RGB(0, 0, 238), RGB(205, 0, 205),
        RGB(0, 205, 205), RGB(229, 229, 229), RGB(127, 127, 127), RGB(255, 0, 0), RGB(0, 255, 0), RGB(255, 255, 0),
        RGB(92, 92, 255), RGB(255, 0, 255), RGB(0, 255, 255), RGB(255, 255, 255),
    ].map { Oklab($0) }

    /// Colours 16–255: a cube of 6×6×6 and 24 greys.
    static let extended: [Oklab] = (16..<256).map { Oklab(colour(number: $0)) }

    static func colour(number: Int) -> RGB {
        if number >= 232 {
            let grey = UInt8(8 + 10 * (number - 232))
            return RGB(grey, grey, grey)
        }
        let levels: [UInt8] = [0, 95, 135, 175, 215, 255]
        let place = number - 16
        return RGB(levels[place / 36], levels[place / 6 % 6], levels[place % 6])
    }
}
