/// The wide-character curses of the system, and small functions for what Swift can't import: macros, variadic functions
/// and global variables. `WINDOW` never appears in Swift, because curses may hide what it is.
#pragma once
#define NCURSES_WIDECHAR 1
#if __has_include(<ncursesw/curses.h>)
#include <ncursesw/curses.h>
#include <ncursesw/term.h>
#else
#include <curses.h>
#include <term.h>
#endif
#include <locale.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

// term.h names capabilities with short macros that would otherwise shadow ordinary words.
#undef lines
#undef columns
#undef tab
#undef bell
#undef newline

/// Columns that the C library, and so curses, gives a character. Its header hides this without a feature macro.
extern int wcwidth(wchar_t character);
static inline int normscope_width(wchar_t character) { return wcwidth(character); }

static inline const char *normscope_charset(void) { return nl_langinfo(CODESET); }

/// `newterm` on standard output and input: the two FILE variables can't be named in Swift 6.
static inline SCREEN *normscope_newterm(const char *terminal) {
    return newterm(terminal, stdout, stdin);
}

/// Raw mode, no echo, no translation of Return, function keys and mouse as codes, and reads that never wait: waiting is
/// done outside of curses, where a signal can end it.
static inline void normscope_take_keys(void) {
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    wtimeout(stdscr, 0);
    meta(stdscr, TRUE);
    curs_set(0);
    leaveok(stdscr, TRUE);
    idlok(stdscr, TRUE);
    scrollok(stdscr, FALSE);
}

static inline int normscope_rows(void) { return getmaxy(stdscr); }
static inline int normscope_columns(void) { return getmaxx(stdscr); }
/// How many colours the description of the terminal names, known before colours are started.
static inline int normscope_colours(void) { return tigetnum("colors"); }

/// Whether the terminal can place its cursor; without that there is no screen to draw.
static inline int normscope_places_cursor(void) {
    char *capability = tigetstr("cup");
    return capability != NULL && capability != (char *)-1;
}

/// The size that the kernel knows, for a resize that was not signalled (while stopped); 0 if it knows none.
static inline void normscope_kernel_size(int *rows, int *columns) {
    struct winsize size = {0};
    if (ioctl(1, TIOCGWINSZ, &size) != 0) size.ws_row = size.ws_col = 0;
    *rows = size.ws_row;
    *columns = size.ws_col;
}

/// Bytes that wait to be read on a descriptor; -1 on an error.
static inline int normscope_waiting_bytes(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) == 0 ? count : -1;
}

/// Fills a curses cell; `text` is a base character and up to four that combine with it, ended by 0. A text that curses
/// refuses becomes a question mark.
static inline void normscope_set_cell(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair) {
    if (setcchar(cell, text, attributes, 0, &pair) == ERR) setcchar(cell, L"?", attributes, 0, &pair);
}

/// A whole row, left to right. A wide character has one entry.
static inline void normscope_put_row(int row, const cchar_t *cells, int count) {
    mvwadd_wchnstr(stdscr, row, 0, cells, count);
}

static inline void normscope_set_background(attr_t attributes, int pair) {
    cchar_t blank;
    normscope_set_cell(&blank, L" ", attributes, pair);
    wbkgrndset(stdscr, &blank);
}

static inline void normscope_erase(void) { werase(stdscr); }
static inline void normscope_flush(void) {
    wnoutrefresh(stdscr);
    doupdate();
}
/// The next `normscope_flush` draws everything anew, whatever the terminal shows.
static inline void normscope_redraw(void) {
    clearok(curscr, TRUE);
}

/// 0 nothing, 1 a character, 2 a key code; the value in `*value`.
static inline int normscope_read_key(unsigned *value) {
    wint_t read = 0;
    int kind = wget_wch(stdscr, &read);
    *value = (unsigned)read;
    return kind == ERR ? 0 : kind == KEY_CODE_YES ? 2 : 1;
}

enum {
    NORMSCOPE_PRESS = 1,
    NORMSCOPE_WHEEL_UP = 2,
    NORMSCOPE_WHEEL_DOWN = 3,
};

static inline void normscope_take_mouse(int wanted) {
    mmask_t events = BUTTON1_PRESSED | BUTTON4_PRESSED;
#if NCURSES_MOUSE_VERSION > 1
    events |= BUTTON5_PRESSED;
#endif
    mmask_t taken = mousemask(wanted ? events : 0, NULL);
    mouseinterval(0);
    // Where the description knows only the form that ends at column 223, the newer one is asked for; what comes then is
    // read by MouseReport.
    const char *form = tigetstr("kmous");
    int is_older = form != NULL && form != (char *)-1 && strcmp(form, "\033[<") != 0;
    if (is_older && (taken != 0 || !wanted)) {
        putp(wanted ? "\033[?1006h" : "\033[?1006l");
        fflush(stdout);
    }
}

/// Codes, beyond those of curses, that the terminal's marks around pasted text are read as.
enum {
    NORMSCOPE_PASTE_BEGINS = 2000,
    NORMSCOPE_PASTE_ENDS = 2001,
};

/// Asks the terminal to mark pasted text ("bracketed paste"), or no longer to. Nearly every terminal knows the mode, and
/// no terminal description has it.
static inline void normscope_mark_pastes(int wanted) {
    putp(wanted ? "\033[?2004h" : "\033[?2004l");
    fflush(stdout);
}

/// What the mouse did after KEY_MOUSE, one of the constants above; 0 if nothing that is wanted.
static inline int normscope_read_mouse(int *row, int *column) {
    MEVENT event;
    if (getmouse(&event) == ERR) return 0;
    *row = event.y;
    *column = event.x;
    if (event.bstate & BUTTON4_PRESSED) return NORMSCOPE_WHEEL_UP;
#if NCURSES_MOUSE_VERSION > 1
    if (event.bstate & BUTTON5_PRESSED) return NORMSCOPE_WHEEL_DOWN;
#endif
    return event.bstate & BUTTON1_PRESSED ? NORMSCOPE_PRESS : 0;
}

static inline attr_t normscope_bold(void) { return A_BOLD; }
static inline attr_t normscope_underline(void) { return A_UNDERLINE; }
static inline attr_t normscope_reverse(void) { return A_REVERSE; }
static inline attr_t normscope_dim(void) { return A_DIM; }

/// The function key of number n, as a code.
static inline unsigned normscope_function_key(int number) { return (unsigned)KEY_F(number); }
