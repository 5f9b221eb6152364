"""How a run ends, and what is said of it to whoever looks at the terminal."""

from __future__ import annotations

import contextlib
import sys

from normscope._ranks._ranks import current_rank


class Stop(SystemExit, KeyboardInterrupt):
    """Raised in the training by the command ``stop``: caught like Ctrl-C, and uncaught an end with status 0."""


def outcome(error: BaseException | None) -> tuple[str, str | None]:
    """How a run ended, and the reason in one line where that is a fault."""
    if error is None:
        return "finished", None
    if isinstance(error, (KeyboardInterrupt, Stop)):
        return "stopped", None
    if isinstance(error, SystemExit):
        if not error.code:
            return "finished", None
        words = f"with status {error.code}" if isinstance(error.code, int) else f"with {error.code!r}"
        return "failed", f"the program ended {words}"
    lines = str(error).splitlines()
    return "failed", f"{type(error).__name__}{': ' + lines[0] if lines else ''}"


def raise_stop() -> None:
    raise Stop(0)


def complain(words: str) -> None:
    """One line on standard error; of several ranks rank 0 speaks."""
    if current_rank() != 0:
        return
    with contextlib.suppress(OSError, ValueError):
        print(f"normscope: {words}", file=sys.stderr)
