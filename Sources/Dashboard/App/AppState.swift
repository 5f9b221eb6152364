import Canvas
import Runs

/// The state that all views share: the files as last read, chart settings, open layers, messages.
///
/// Views change it in their `update`; what a view alone remembers (a cursor, a page) stays in the view.
package struct AppState: Sendable {
    /// The watched folders, as the user named them.
    package let watchedFolders: String
    /// A folder (or a file) whose checkpoints are shown instead of those of the open run; nil for none.
    let browsedFolder: String?
    /// The key bindings.
    package let keys: Keymap
    /// The names of the available themes.
    let themes: [String]
    package internal(set) var workspace: Workspace?
    package internal(set) var view = ViewKind.overview {
        didSet { if oldValue != .images { origin = oldValue } }
    }
    /// The view that was shown before the images, to which they lead back.
    private(set) var origin = ViewKind.overview
    package internal(set) var settings = ChartSettings()
    /// The open layers over the view, the uppermost last.
    var layers: [Layer] = []
    /// Whether the open dialog was on the terminal while no key was waiting: what is pressed from then on is an answer.
    var dialogWasSeen = false
    var pending = PendingCommands()
    /// Seconds since 1970.
    var now = 0.0
    /// The local time zone's offset from UTC in seconds.
    let utcOffset: Int
    /// Paths of the marked runs, in the order of marking; charts overlay them.
    var marks: [String] = []
    /// The window's last known size.
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

    /// Shows for a few seconds that something was done.
    mutating func note(_ text: String) { pending.note(text, at: now) }
    mutating func refuse(_ text: String) { pending.refuse(text, at: now) }

    /// The parts of a window: header, view, message line and footer.
    static func layout(_ rect: Rect) -> (header: Rect, body: Rect, messages: Rect, footer: Rect) {
        let (header, below) = rect.split(top: RunHeader.rows)
        let (body, bottom) = below.split(top: below.rows - 2)
        let (messages, footer) = bottom.split(top: 1)
        return (header, body, messages, footer)
    }

    /// The part of the window that belongs to the view.
    var body: Rect { Self.layout(Rect(rows: window.rows, columns: window.columns)).body }
}
