/// The location of a value in what the user wrote: a line of a file, or an option of the command line.
///
/// `description` is how errors begin: `batchnorm-cnn.yaml:12` or `--set epochs=3`.
package enum SourceLocation: Hashable, Sendable, CustomStringConvertible {
    case line(file: String, Int)
    case option(String)

    package var description: String {
        switch self {
        case .line(let file, let line): "\(file):\(line)"
        case .option(let text): text
        }
    }
}
