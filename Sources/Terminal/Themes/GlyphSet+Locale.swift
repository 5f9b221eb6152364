import CNcurses
import Canvas
import Glibc

extension GlyphSet {
    /// The finest set for a terminal: the one that NORMSCOPE_GLYPHS names, or else by the locale's charset. The Linux
    /// console's usual fonts (512 characters) have neither braille nor quadrants nor half blocks.
    package static func chosen(environment: [String: String], charset: String) -> GlyphSet {
        if let wanted = environment["NORMSCOPE_GLYPHS"].flatMap(GlyphSet.init(rawValue:)) { return wanted }
        return isUTF8(charset) && environment["TERM"] != "linux" ? .braille : .ascii
    }

    static func isUTF8(_ charset: String) -> Bool {
        let name = charset.lowercased()
        return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
    }

    /// Sets the environment's locale for characters only (numbers keep their decimal point); returns its charset.
    ///
    /// A locale that is named but not installed, which is common on machines reached from elsewhere, still tells what the
    /// terminal shows: if its name says UTF-8, or the glyphs asked for need it, C.UTF-8 stands in.
    static func takeLocale(environment: [String: String]) -> String {
        let known = setlocale(LC_CTYPE, "") != nil
        let charset = String(cString: normscope_charset())
        let named = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let wanted = environment["NORMSCOPE_GLYPHS"].flatMap(GlyphSet.init(rawValue:))?.isUnicode == true
        guard !isUTF8(charset), wanted || (!known && isUTF8(named)) else { return charset }
        guard setlocale(LC_CTYPE, "C.UTF-8") != nil || setlocale(LC_CTYPE, "C.utf8") != nil else { return charset }
        return String(cString: normscope_charset())
    }
}
