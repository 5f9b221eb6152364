/// Names of runs, which are names of folders.
package enum RunName {
    private static let longest = 100

    /// Why a name cannot be used, or `nil` if it can: letters, digits and `. _ - +`, the first a letter or a digit, at
    /// most 100 bytes. So a name is never a path, hidden, an option of a command, or in need of quotes.
    package static func problem(with name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.utf8.count > longest { return "it has more than \(longest) bytes" }
        let isWord = { (letter: Character) in letter.isLetter || letter.isNumber }
        if let first = name.first, !isWord(first) { return "it must start with a letter or a digit" }
        if name.allSatisfy({ isWord($0) || "._-+".contains($0) }) { return nil }
        return "use letters, digits and . _ - + only"
    }

    /// `name-2`, `name-3`, …: the first that `isTaken` says is free.
    static func free(after name: String, isTaken: (String) -> Bool) -> String {
        var number = 2
        while isTaken("\(name)-\(number)") {
            number += 1
        }
        return "\(name)-\(number)"
    }
}
