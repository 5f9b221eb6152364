import Canvas
import Foundation
import Terminal

/// A program for tests of the terminal: shows a frame with the last input, until `q` or a signal.
@main
struct ScreenProbe {
    static func main() {
        let environment = ProcessInfo.processInfo.environment
        do throws(TerminalError) {
            let theme = try ThemeCatalogue(environment: environment).theme(named: "dark")
            let screen = try Screen(theme: theme, mouse: true, environment: environment)
            let last = run(screen)
            screen.close()
            print("closed after \(last)")
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    /// Shows the input until the end, and returns the last event.
    private static func run(_ screen: Screen) -> String {
        var (last, count) = ("nothing", 0)
        while true {
            screen.show(picture(of: "event \(count): \(last)", for: screen))
            switch screen.next(timeoutMilliseconds: 1000) {
            case .nothing: continue
            case .interrupted(let why): return "\(why)"
            case .input(.key(.character("q"))): return "q"
            case .input(.key(.control("z"))): screen.suspend()
            case .input(.key(.control("l"))): screen.redraw()
            case .input(let input): last = "\(input)"
            }
            count += 1
        }
    }

    private static func picture(of words: String, for screen: Screen) -> Frame {
        var frame = Frame(size: screen.size, glyphs: screen.glyphs)
        let inside = frame.box(frame.bounds, title: "probe 日本 \(screen.depth)")
        frame.write("<" + words + ">", row: 0, in: inside)
        return frame
    }
}
