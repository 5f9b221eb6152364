"""A run directory: the folder through which a program that trains and the dashboard talk.

The protocol is written down in the DocC article RunDirectory of the target Runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

_CHECKPOINT = re.compile(r"step-(\d+)(?:-epoch-(\d+))?\.pth")


def create(folder: Path, name: str) -> Path:
    """Makes the directory of a new run under ``name``, or ``name-2``, ``name-3``, … where that is taken.

    Two programs that want the same name at once do not get the same directory.

    Raises:
        OSError: if it can't be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = folder / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
            continue
        (path / "checkpoints").mkdir()
        return path


def run_name(text: str) -> str:
    """A run's name made of ``text``: letters, digits and ``. _ - +``, a letter or digit first, at most 100 bytes."""
    name = re.sub(r"[^\w.+-]+", "-", text).lstrip("._-+")
    while len(name.encode()) > 100:
        name = name[:-1]
    return name or "run"


def newest_checkpoint(run: Path) -> Path | None:
    """The checkpoint of the highest step in a run, if there is one."""
    found = [
        (int(match[1]), entry.name)
        for entry in _entries(run / "checkpoints")
        if (match := _CHECKPOINT.fullmatch(entry.name))
    ]
    return run / "checkpoints" / max(found)[1] if found else None


def checkpoint_name(step: int) -> str:
    """The file name of a checkpoint that someone asked for; such ones are never deleted."""
    return f"step-{step:08d}.pth"


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[IO[bytes]]:
    """Opens a file that takes the place of ``path`` once it is whole; if writing fails, ``path`` stays as it was.

    Args:
        path: what is replaced; one thread of one process at a time.
        durable: whether the file and its folder are forced to the disk before and after the replacement.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    if durable:
        with contextlib.suppress(OSError):
            _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def process_identity() -> dict[str, Any]:
    """Which process this is: its number, the moment it started and the boot that the number belongs to."""
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "processStart": start_ticks(os.getpid()),
        "boot": _first_line("/proc/sys/kernel/random/boot_id"),
    }


def start_ticks(pid: int) -> int:
    """Clock ticks from the boot to a process's start (field 22 of ``/proc/PID/stat``); 0 where that is not known."""
    words = _first_line(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return int(words[19]) if len(words) > 19 else 0


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""


class Status:
    """``status.json``: what a run is doing, in one object that is replaced as a whole.

    Any thread may change and write it.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time, **fields: Any) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._fields: dict[str, Any] = {
            "state": "starting",
            **process_identity(),
            "step": 0,
            "epoch": 0,
            "epochs": 0,
            "stepsPerEpoch": 0,
            "pace": None,
            "lastCommand": None,
            "lastAnswer": None,
            "lastCommandFailed": False,
            "error": None,
            **fields,
        }

    def __getitem__(self, key: str) -> Any:
        return self._fields[key]

    def set(self, **fields: Any) -> None:
        """Changes keys, to be written next time."""
        with self._lock:
            self._fields.update(fields)

    def write(self, **fields: Any) -> None:
        """Changes keys and writes the file; raises OSError if that can't be done."""
        with self._lock:
            self._fields.update(fields, updated=self._now())
            data = json.dumps(self._fields, sort_keys=True).encode() + b"\n"
            with replacing(self._path) as file:
                file.write(data)


def read_status(run: Path) -> dict[str, Any]:
    """What ``status.json`` of a run says; nothing where there is none, or it makes no sense."""
    try:
        found = json.loads((run / "status.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class EngineLog:
    """``engine.log``: what there is to say of a run in words, a line each with the time in front.

    A log that can't be written stops nobody.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, words: str) -> None:
        """Appends a line."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        line = f"{stamp}  {' '.join(words.splitlines())}\n".encode("utf-8", "replace")
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(descriptor, line)
            finally:
                os.close(descriptor)
