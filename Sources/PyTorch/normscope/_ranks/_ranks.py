"""The ranks of a distributed run: how they agree, between two steps, on what to do together.

A Gloo group of its own carries a few integers on the CPU, so that no GPU waits and no group of the program's is
touched. The sum is asked for after one step and read some steps later, when it has long arrived: every rank reads it at
the same step, and so all act at the same one.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import json
import os
import socket
import time
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor

_MEETING = 10.0  # seconds in which all ranks must have taken their first step
_PATIENCE = float(os.environ.get("NORMSCOPE_RANK_TIMEOUT", "120"))  # seconds for ranks to reach the same step
_LONGEST = 3600.0  # seconds that one rank may take to carry out a command, such as to write a large checkpoint
_FIRST_SLICE = 0.1  # seconds of waiting until something seems amiss
_CLOSING = 0.05  # seconds in which the kernel closes all that a killed process had open
_SLICE = 0.5  # seconds between two chances for Python's signal handlers

_meetings = itertools.count()  # of this process: a program may train several times, and keys of a store stay


class RanksError(Exception):
    """The ranks can't agree any more; the message says why."""


def environment_rank() -> int:
    """The rank that a launcher gave this process; 0 where there is none."""
    try:
        return int(os.environ.get("RANK", "0"))
    except ValueError:
        return 0


def current_rank() -> int:
    """This process's rank in the program's process group; before that is made, what a launcher says."""
    import torch.distributed as dist

    return dist.get_rank() if dist.is_available() and dist.is_initialized() else environment_rank()


class PendingGather:
    """Vectors of all ranks on their way to rank 0."""

    def __init__(self, work: Any, own: Tensor, gathered: list[Tensor]) -> None:
        self._work = work
        self._own = own  # has to live until the others have it
        self._gathered = gathered

    @property
    def has_ended(self) -> bool:
        """Whether the vectors are there, or never will be."""
        return bool(self._work.is_completed())

    def take(self) -> list[Tensor]:
        """On rank 0 all vectors by rank; nothing on others, and where a rank is gone. Asked for once it has ended."""
        try:
            self._work.wait()
        except RuntimeError:
            return []
        return self._gathered


class Ranks:
    """This process's place among those that train together."""

    def __init__(self, group: Any, store: Any, rank: int, size: int, keeper: tuple[str, int] | None = None) -> None:
        """``keeper`` is where another process keeps the store that may end before this one."""
        self._group = group
        self._store = store
        self._keeper = keeper
        self._keeper_is_gone = False
        self.rank = rank
        self.size = size
        self._has_left = False
        self._recent: deque[Any] = deque(maxlen=16)  # works that may be on their way still
        self._sum: tuple[Any, Tensor] | None = None

    @classmethod
    def meet(cls) -> Ranks | None:
        """All ranks of the program's default process group; None where this process trains alone.

        Called by every rank right after its first step.

        Raises:
            RanksError: if they don't all come, or can't be connected.
        """
        import torch.distributed as dist

        if not dist.is_available() or not dist.is_initialized() or dist.get_world_size() < 2:
            return None
        if dist.get_backend() == "fake":  # one process that plays all ranks
            return None
        rank, size = dist.get_rank(), dist.get_world_size()
        try:
            store = dist.PrefixStore(f"normscope.{next(_meetings)}", _default_store())
            _gather_at(store, rank, size, _meeting_time())
            store, keeper = _lasting(store, rank)
            group = dist.ProcessGroupGloo(
                dist.PrefixStore("gloo", store), rank, size, timeout=timedelta(seconds=_LONGEST)
            )
        except RanksError:
            raise
        except Exception as error:
            first_line = (str(error).splitlines() or [type(error).__name__])[0]
            raise RanksError(
                f"the ranks can't be connected by Gloo ({first_line}); GLOO_SOCKET_IFNAME names the network to take"
            ) from error
        ranks = cls(group, store, rank, size, keeper)
        # It is never freed. The group's destructor waits for sums that another rank may never answer; and a work that
        # ends while Python does must not be freed by Gloo's thread, which would ask Python for its lock and be aborted.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(ranks))
        return ranks

    def start(self, numbers: Sequence[int]) -> None:
        """Begins to add up ``numbers`` over all ranks."""
        tensor = torch.tensor(numbers, dtype=torch.int64)
        self._sum = (self._group.allreduce([tensor]), tensor)

    def finish(self) -> list[int]:
        """The sums that ``start`` began.

        Raises:
            RanksError: if a rank is gone, or does not come within two minutes.
        """
        if self._sum is None:
            raise RanksError("no sum was begun")
        work, tensor = self._sum
        self._wait(work, _PATIENCE)
        self._sum = None
        return tensor.tolist()

    def broadcast(self, data: bytes) -> bytes:
        """Rank 0's ``data``, on every rank."""
        size = torch.tensor([len(data)], dtype=torch.int64)
        self._broadcast(size)
        content = torch.zeros(int(size), dtype=torch.uint8)
        if self.rank == 0 and data:
            content.copy_(torch.frombuffer(bytearray(data), dtype=torch.uint8))
        if len(content):
            self._broadcast(content)
        return bytes(content.tolist())

    def all_gather(self, data: bytes) -> list[bytes]:
        """Every rank's ``data``, by rank, on every rank."""
        sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(self.size)]
        self._wait(self._group.allgather([sizes], [torch.tensor([len(data)], dtype=torch.int64)]))
        longest = max(int(size) for size in sizes)
        own = torch.zeros(max(longest, 1), dtype=torch.uint8)
        if data:
            own[: len(data)] = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        parts = [torch.zeros_like(own) for _ in range(self.size)]
        self._wait(self._group.allgather([parts], [own]))
        return [bytes(part[: int(size)].tolist()) for part, size in zip(parts, sizes, strict=True)]

    def gather(self, vector: Tensor) -> PendingGather:
        """Begins to collect one CPU vector a rank, all of the same length, on rank 0."""
        import torch.distributed as dist

        options = dist.GatherOptions()
        options.rootRank = 0
        gathered = [torch.empty_like(vector) for _ in range(self.size)] if self.rank == 0 else []
        work = self._group.gather([gathered] if self.rank == 0 else [], [vector], options)
        self._recent.append(work)
        return PendingGather(work, vector, gathered)

    def part(self, why: str) -> None:
        """Gives the acting together up, so that no other rank waits for this one, and tells the others why."""
        self._tell("parted", why)

    def leave(self, problem: str = "") -> None:
        """Says that this process's training has ended, and why where that is a fault."""
        if not self._has_left:
            self._has_left = True
            if problem and self._keeper is not None:
                time.sleep(_CLOSING)
            self._tell("left", problem)

    def farewell_of(self, rank: int) -> str | None:
        """How a rank's training ended: empty for a good end, else the fault; None if it said nothing."""
        return self._words("left", rank)

    def report(self, words: str) -> None:
        """Tells rank 0 of the end of another rank's process."""
        with contextlib.suppress(Exception):
            self._check_store()
            self._store.set("reported", words)

    def reported(self) -> str | None:
        """What a rank of another host has reported last."""
        with contextlib.suppress(Exception):
            self._check_store()
            if self._store.check(["reported"]):
                return str(self._store.get("reported").decode("utf-8", "replace"))
        return None

    def why_lost(self, words: str) -> tuple[str, bool]:
        """What is behind a lost connection, and whether it is a fault: what another rank said of it, else ``words``."""
        others = [rank for rank in range(self.size) if rank != self.rank]
        for key, is_fault in (("parted", True), ("left", False)):
            for rank in others:
                said = self._words(key, rank)
                if said:
                    return f"rank {rank}: {said}", True
                if said is not None and not is_fault:
                    return f"rank {rank} has ended its training", False
        return words, True

    def _tell(self, key: str, words: str) -> None:
        with contextlib.suppress(Exception):
            self._check_store()
            self._store.set(f"{key}.{self.rank}", words or "-")

    def _words(self, key: str, rank: int) -> str | None:
        try:
            self._check_store()
            if not self._store.check([f"{key}.{rank}"]):
                return None
            words = self._store.get(f"{key}.{rank}").decode("utf-8", "replace")
        except Exception:
            return None
        return "" if words == "-" else words

    def _check_store(self) -> None:
        """Raises OSError if the store is gone: PyTorch's own attempt prints a page on standard error."""
        if self._keeper is None:
            return
        if self._keeper_is_gone:
            raise OSError(f"{self._keeper} is gone")
        self._keeper_is_gone = True
        socket.create_connection(self._keeper, timeout=1).close()
        self._keeper_is_gone = False

    def _broadcast(self, tensor: Tensor) -> None:
        import torch.distributed as dist

        options = dist.BroadcastOptions()
        options.rootRank = 0
        options.rootTensor = 0
        self._wait(self._group.broadcast([tensor], options))

    def _wait(self, work: Any, patience: float = _LONGEST) -> None:
        """Waits in slices, so that signals are handled, and looks between them for ranks that are there no more."""
        self._recent.append(work)
        deadline = time.monotonic() + patience
        slice_ = _FIRST_SLICE
        while True:
            rest = deadline - time.monotonic()
            try:
                work.wait(timedelta(seconds=max(0.001, min(rest, slice_))))
                return
            except RuntimeError as error:
                if work.is_completed():
                    time.sleep(_CLOSING)
                    words = (str(error).splitlines() or [""])[0].partition(". This is typically")[0]
                    raise RanksError(f"the connection to another rank is lost ({words[:200]})") from error
                if rest <= 0 or self._has_absent:
                    raise RanksError(f"a rank did not reach the same step within {patience:g} s") from error
            slice_ = _SLICE

    @property
    def _has_absent(self) -> bool:
        """Whether another rank has said that it acts together no more."""
        others = [rank for rank in range(self.size) if rank != self.rank]
        return any(self._words(key, rank) is not None for key in ("parted", "left") for rank in others)


def _meeting_time() -> float:
    """Seconds to wait for all ranks: a good part less than the program's own collectives wait for a rank."""
    import torch.distributed as dist

    with contextlib.suppress(Exception):
        backend = dist.group.WORLD._get_backend(torch.device("cpu"))  # type: ignore[union-attr]
        return min(_MEETING, float(backend.options._timeout.total_seconds()) / 2)
    return _MEETING


def _default_store() -> Any:
    from torch.distributed import distributed_c10d

    return distributed_c10d._get_default_store()


def _lasting(store: Any, rank: int) -> tuple[Any, tuple[str, int] | None]:
    """A store that we may keep: torchrun's own, or else one of ours in rank 0's process, and where that is.

    The program's must go with its group: a group that is made anew in the same place would find the old one's addresses
    in it.
    """
    import torch.distributed as dist

    base = _default_store()
    while hasattr(base, "underlying_store"):
        base = base.underlying_store
    is_tcp = isinstance(base, dist.TCPStore)
    has_agent = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
    if is_tcp and has_agent and str(base.port) == os.environ.get("MASTER_PORT"):
        return store, None
    limit = timedelta(seconds=_MEETING)
    if rank == 0:
        lasting = dist.TCPStore("localhost", 0, is_master=True, wait_for_workers=False, timeout=limit)
        store.set("place", json.dumps([socket.gethostname(), lasting.port]))
        return lasting, None
    host, port = json.loads(store.get("place"))
    if host == socket.gethostname():
        host = "localhost"
    elif is_tcp:
        host = base.host
    return dist.TCPStore(host, port, is_master=False, wait_for_workers=False, timeout=limit), (host, port)


def _gather_at(store: Any, rank: int, size: int, patience: float) -> None:
    """Waits until all ranks are there; rank 0 decides whether they are, so that all come to the same answer."""
    store.add("arrived", 1)
    if rank == 0:
        deadline = time.monotonic() + patience
        while (arrived := store.add("arrived", 0)) < size and time.monotonic() < deadline:
            time.sleep(0.002)
        store.set("decision", "go" if arrived >= size else "no")
    try:
        store.wait(["decision"], timedelta(seconds=2 * patience))
        decision = store.get("decision")
    except RuntimeError:
        decision = b"no"
    if decision != b"go":
        raise RanksError("not all ranks take optimizer steps")
