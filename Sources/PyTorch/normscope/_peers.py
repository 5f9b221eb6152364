"""Looking after the processes of other ranks: one that is gone without a word is told at once, and by name."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import threading
from collections.abc import Callable
from typing import Any

from normscope import _directory
from normscope._ranks import Ranks


def introduce(ranks: Ranks, *, step: int) -> list[dict[str, Any]]:
    """Which process each rank is and the step that it goes on from; called by all ranks."""
    own = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "start": _directory.start_ticks(os.getpid()),
        "step": step,
    }
    return [json.loads(part) for part in ranks.all_gather(json.dumps(own).encode())]


class Peers(threading.Thread):
    """Waits for the ends of the other ranks' processes on this machine.

    A rank says in the program's store how it left; one that has not said so was killed.
    """

    def __init__(self, ranks: Ranks, processes: list[dict[str, Any]], tell: Callable[[str], None]) -> None:
        super().__init__(name="normscope-peers", daemon=True)
        self._ranks = ranks
        self._tell = tell
        self._ends, self._end = os.pipe()
        self._watched: dict[int, tuple[int, int]] = {}  # descriptor: rank, pid
        self._has_told = threading.Event()
        for rank, process in enumerate(processes):
            if rank != ranks.rank and process["host"] == socket.gethostname() and hasattr(os, "pidfd_open"):
                with contextlib.suppress(OSError):
                    descriptor = os.pidfd_open(process["pid"])
                    if _directory.start_ticks(process["pid"]) == process["start"]:
                        self._watched[descriptor] = (rank, process["pid"])
                    else:
                        os.close(descriptor)

    def run(self) -> None:
        """Waits until ``finish``."""
        poll = select.poll()
        for descriptor in (*self._watched, self._ends):
            poll.register(descriptor, select.POLLIN)
        while self._watched:
            for descriptor, _ in poll.poll():
                if descriptor == self._ends:
                    return
                poll.unregister(descriptor)
                rank, pid = self._watched.pop(descriptor)
                os.close(descriptor)
                self._report(rank, pid)

    def _report(self, rank: int, pid: int) -> None:
        words = self._ranks.farewell_of(rank)
        if words is None:
            self._tell(f"rank {rank} (pid {pid}) is gone without a word: it was killed, or its memory ran out")
            self._has_told.set()
        elif words:
            self._tell(f"rank {rank} (pid {pid}) failed: {words}")
            self._has_told.set()

    def wait_for_word(self, seconds: float) -> None:
        """Waits until the end of a rank has been told: the kernel closes its connections a little before."""
        if self._watched:
            self._has_told.wait(seconds)

    def finish(self) -> None:
        """Ends the waiting."""
        with contextlib.suppress(OSError):
            os.write(self._end, b"x")
