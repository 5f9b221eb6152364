"""TensorBoard's event files: the messages that are written here, as bytes, and the file that they go to.

The field numbers are those of tensorboard/compat/proto (event.proto, summary.proto, tensor.proto, types.proto) and of
the hparams plugin. One event may hold many values, so that a record of a whole network is one event.
"""

from __future__ import annotations

import functools
import math
import os
import socket
import struct
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from normscope._files._crc32c import masked

_DT_FLOAT, _DT_STRING = 1, 7
_START = 1  # SessionLog.SessionStatus
_PENDING_LIMIT = 16 << 20  # bytes that wait for a disk that takes nothing

Setting = str | float | bool


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _nested(field: int, payload: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(payload)) + payload


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _doubles(field: int, values: Sequence[float]) -> bytes:
    return _nested(field, struct.pack(f"<{len(values)}d", *values))


def _plugin(name: str, content: bytes = b"") -> bytes:
    plugin = _nested(1, name.encode()) + (_nested(2, content) if content else b"")
    return _nested(9, _nested(1, plugin))


def _value(body: bytes) -> bytes:
    return _nested(1, body)


class _Tags:
    """The bytes that a tag's values begin with, made once for each tag."""

    def __init__(self) -> None:
        self._scalars: dict[str, bytes] = {}
        self._tensors: dict[tuple[str, tuple[int, ...]], bytes] = {}

    def scalar(self, tag: str) -> bytes:
        prefix = self._scalars.get(tag)
        if prefix is None:
            body = _nested(1, tag.encode()) + b"\x15"
            prefix = b"\x0a" + _varint(len(body) + 4) + body
            self._scalars[tag] = prefix
        return prefix

    def tensor(self, tag: str, shape: tuple[int, ...]) -> bytes:
        prefix = self._tensors.get((tag, shape))
        if prefix is None:
            size = 4 * math.prod(shape)
            sizes = b"".join(_nested(2, _integer(1, side)) for side in shape)
            head = _integer(1, _DT_FLOAT) + _nested(2, sizes) + b"\x22" + _varint(size)
            tensor = b"\x42" + _varint(len(head) + size) + head
            body = _nested(1, tag.encode()) + _plugin("tensor") + tensor
            prefix = b"\x0a" + _varint(len(body) + size) + body
            self._tensors[tag, shape] = prefix
        return prefix


_tags = _Tags()


def scalar(tag: str, value: float) -> bytes:
    """A summary value: one number, kept as float32 as TensorBoard does."""
    return _tags.scalar(tag) + struct.pack("<f", _float32(value))


def tensor(tag: str, content: bytes, shape: tuple[int, ...]) -> bytes:
    """A summary value: float32 numbers of a shape, as little-endian bytes in row-major order."""
    return _tags.tensor(tag, shape) + content


def text(tag: str, words: str) -> bytes:
    """A summary value: a text."""
    message = _integer(1, _DT_STRING) + _nested(2, _nested(2, _integer(1, 1))) + _nested(8, words.encode())
    return _value(_nested(1, tag.encode()) + _plugin("text") + _nested(8, message))


class HistogramData(NamedTuple):
    """A distribution: how many finite values there are, and how many lie at or below each limit."""

    least: float
    greatest: float
    size: float
    total: float
    squares: float
    limits: Sequence[float]
    counts: Sequence[float]


def histogram(tag: str, data: HistogramData) -> bytes:
    """A summary value: a histogram."""
    body = (
        _double(1, data.least)
        + _double(2, data.greatest)
        + _double(3, data.size)
        + _double(4, data.total)
        + _double(5, data.squares)
        + _doubles(6, data.limits)
        + _doubles(7, data.counts)
    )
    return _value(_nested(1, tag.encode()) + _nested(5, body))


def _float32(value: float) -> float:
    """A number that float32 can hold: one beyond its range is infinite there."""
    if abs(value) > 3.4028235677973366e38 and not math.isnan(value):
        return math.copysign(math.inf, value)
    return value


def event(values: Iterable[bytes], step: int, time: float) -> bytes:
    """An event with all ``values`` of one step; ``time`` in seconds since 1970."""
    summary = b"".join(values)
    return b"".join((struct.pack("<Bd", 9, time), b"\x10", _varint(step), b"\x2a", _varint(len(summary)), summary))


def hyperparameters(settings: Mapping[str, Setting], time: float) -> bytes:
    """An event that tells what a run was asked to do, for the table of runs and TensorBoard's HParams page."""
    entries = b"".join(
        _nested(1, _nested(1, name.encode()) + _nested(2, _protobuf_value(value))) for name, value in settings.items()
    )
    start = _integer(1, 0) + _nested(3, entries + _double(5, time))
    body = _nested(1, b"_hparams_/session_start_info") + _plugin("hparams", start)
    return event([_value(body)], 0, time)


def session_end(status: int, time: float) -> bytes:
    """An event that tells how a run ended: 0 unknown, 1 success, 2 failure, 3 running (hparams' Status)."""
    end = _integer(1, 0) + _nested(4, _integer(1, status) + _double(2, time))
    body = _nested(1, b"_hparams_/session_end_info") + _plugin("hparams", end)
    return event([_value(body)], 0, time)


def _protobuf_value(value: Setting) -> bytes:
    if isinstance(value, bool):
        return _integer(4, int(value))
    if isinstance(value, (int, float)):
        return _double(2, float(value))
    return _nested(3, value.encode("utf-8", "replace"))


def framed(record: bytes) -> bytes:
    """A record as it stands in the file: its length, the length's checksum, itself, its checksum."""
    return b"".join((_head(len(record)), record, struct.pack("<I", masked(record))))


@functools.lru_cache(maxsize=1024)
def _head(length: int) -> bytes:
    """What a record of so many bytes begins with."""
    packed = struct.pack("<Q", length)
    return packed + struct.pack("<I", masked(packed))


class EventFile:
    """An event file that grows by whole records.

    What a full disk does not take is kept, up to 16 MB, and goes out first the next time from the very byte where it
    stopped, so that the file stays readable. Belongs to one thread.
    """

    def __init__(self, folder: Path, started: float, restart_step: int | None = None) -> None:
        """Creates the file.

        Args:
            folder: the run's directory.
            started: seconds since 1970.
            restart_step: tells readers that what earlier files hold from this step on is void.

        Raises:
            OSError: if the file can't be made.
        """
        self.path = folder / _name_after(folder, int(started))
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o666)
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self.dropped = 0
        self.add(_double(1, started) + _nested(3, b"brain.Event:2"))
        if restart_step is not None:
            self.add(_double(1, started) + _integer(2, restart_step) + _nested(7, _integer(1, _START)))

    def add(self, record: bytes) -> None:
        """Takes a record in, to be written at the next flush; drops it if too many wait."""
        if self._waiting_bytes > _PENDING_LIMIT:
            self.dropped += 1
            return
        data = framed(record)
        self._waiting.append(data)
        self._waiting_bytes += len(data)

    def flush(self) -> None:
        """Writes what waits; raises OSError if the disk does not take it, and keeps the rest."""
        if not self._waiting:
            return
        data = b"".join(self._waiting)
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, memoryview(data)[written:])
        finally:
            self._waiting.clear()
            if written < len(data):
                self._waiting.append(data[written:])
            self._waiting_bytes = len(data) - written

    def close(self) -> None:
        """Writes what waits, as far as the disk takes it, and closes the file."""
        if self._descriptor < 0:
            return
        try:
            self.flush()
        finally:
            os.close(self._descriptor)
            self._descriptor = -1


def _name_after(folder: Path, second: int) -> str:
    """A name that sorts after those of all event files there, whatever the clock says: readers go by the names."""
    for name in os.listdir(folder):
        parts = name.split(".")
        if len(parts) > 3 and parts[1:3] == ["out", "tfevents"] and parts[3].isdecimal():
            second = max(second, int(parts[3]) + 1)
    return f"events.out.tfevents.{second:010d}.{socket.gethostname()}.{os.getpid()}.normscope"
