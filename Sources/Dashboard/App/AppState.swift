import Canvas
import Runs

/// What all views share: the files as they were last read, how charts are drawn, what is asked and what is said.
///
/// Views change it in their `update`; what a view alone remembers (a cursor, a page) stays in the view.
package struct AppState: Sendable {
    /// The folders that are watched, as the user named them.
    package let watchedFolders: String
    /// A folder (or a file) whose checkpoints are shown instead of those of the open run; nil for none.
    let browsedFolder: String?
    /// Which key does what.
    package let keys: Keymap
    /// The names of the themes that there are.
    let themes: [String]
    package internal(set) var workspace: Workspace?
    package internal(set) var view = ViewKind.overview {
        didSet { if oldValue != .images { origin = oldValue } }
    }
    /// The view before, where a page leads back to.
    private(set) var origin = ViewKind.overview
    package internal(set) var settings = ChartSettings()
    /// What lies over the view, the uppermost last.
    var layers: [Layer] = []
    var pending = PendingCommands()
    /// Seconds since 1970.
    var now = 0.0
    /// Seconds by which the clock on the wall is ahead of UTC.
    let utcOffset: Int
    /// The runs that are marked, by their paths, in the order in which they were: what charts overlay.
    var marks: [String] = []
    /// The window's size, as far as it is known.
    var window = Size(rows: 24, columns: 80)

    init(watchedFolders: String, browsedFolder: String?, keys: Keymap, themes: [String], utcOffset: Int) {
        self.watchedFolders = watchedFolders
        self.browsedFolder = browsedFolder
        self.keys = keys
        self.themes = themes
        self.utcOffset = utcOffset
    }

    package var run: RunSnapshot? { workspace?.open }

    var isBrowsing: Bool { browsedFolder != nil }

    /// Goes back from a view: from the images to the view before them, from all others to the Overview.
    mutating func leaveView() { view = view == .images ? origin : .overview }

    /// The newest step of the open run.
    var lastStep: Double { Double(run?.lastStep ?? 0) }

    /// Says that something was done, for a few seconds.
    mutating func note(_ text: String) { pending.note(text, at: now) }
    mutating func refuse(_ text: String) { pending.refuse(text, at: now) }

    /// Header, view, the line of messages and the footer of a window.
    static func layout(_ rect: Rect) -> (header: Rect, body: Rect, messages: Rect, footer: Rect) {
        let (header, below) = rect.split(top: RunHeader.rows)
        let (body, bottom) = below.split(top: below.rows - 2)
        let (messages, footer) = bottom.split(top: 1)
        return (header, body, messages, footer)
    }

    /// The room of a view in the window.
    var body: Rect { Self.layout(Rect(rows: window.rows, columns: window.columns)).body }
}
