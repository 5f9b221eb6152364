"""Looking after the processes of other ranks: one that is gone without a word is told at once, and by name."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from normscope._files import _directory
from normscope._ranks._ranks import Ranks


def introduce(ranks: Ranks, *, step: int) -> list[dict[str, Any]]:
    """Which process each rank is and the step that it goes on from; called by all ranks."""
    own = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "start": _directory.start_ticks(os.getpid()),
        "step": step,
    }
    return [json.loads(part) for part in ranks.all_gather(json.dumps(own).encode())]


_MOMENT = 0.02  # seconds between two looks while somebody waits
_LOOK = 1.0  # seconds between two looks at what other hosts have told


class Peers(threading.Thread):
    """Waits for the ends of the other ranks' processes on this machine.

    A rank says in the program's store how it left; one that has not said so was killed. The first rank of each other
    host watches over that host's, and tells rank 0 through the store.
    """

    def __init__(
        self, ranks: Ranks, processes: list[dict[str, Any]], tell: Callable[[str], None] | None = None
    ) -> None:
        """``tell`` is what rank 0 does with the news."""
        super().__init__(name="normscope-peers", daemon=True)
        self._ranks = ranks
        self._tell = tell if tell is not None else ranks.report
        self._hears = tell is not None and any(one["host"] != socket.gethostname() for one in processes)
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

    @staticmethod
    def is_needed(ranks: Ranks, processes: list[dict[str, Any]]) -> bool:
        """Whether this is the first rank of its host."""
        hosts = [process["host"] for process in processes]
        return hosts.index(hosts[ranks.rank]) == ranks.rank

    def run(self) -> None:
        """Waits until ``finish``."""
        poll = select.poll()
        for descriptor in (*self._watched, self._ends):
            poll.register(descriptor, select.POLLIN)
        while self._watched or self._hears:
            found = poll.poll(1000 * _LOOK if self._hears else None)
            if not found:
                self._listen()
            for descriptor, _ in found:
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

    def _listen(self) -> None:
        """What another host has told."""
        words = self._ranks.reported()
        if words is not None and self._hears:
            self._hears = False
            self._tell(words)
            self._has_told.set()

    def wait_for_word(self, seconds: float) -> None:
        """Waits until the end of a rank has been told: the kernel closes its connections a little before."""
        deadline = time.monotonic() + seconds
        while (self._watched or self._hears) and time.monotonic() < deadline:
            if self._has_told.wait(_MOMENT):
                return
            if self._hears:
                self._listen()

    def finish(self) -> None:
        """Ends the waiting."""
        with contextlib.suppress(OSError):
            os.write(self._end, b"x")
        if self.is_alive():
            self.join(_LOOK)  # within a call of PyTorch's it must not be when Python ends
