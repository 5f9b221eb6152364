"""Commands: what a person or a script asks a run to do, one JSON object a line of ``commands.jsonl``."""

from __future__ import annotations

import json
import math
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LONGEST_LINE = 16 * 1024
_BLOCK = 64 * 1024
_PLAIN = ("pause", "resume", "checkpoint", "evaluate", "stop", "kill")


class CommandError(Exception):
    """A command that makes no sense or can't be carried out; the message is the answer to who asked."""


@dataclass(frozen=True)
class Command:
    """Something that a run is asked to do.

    ``word`` is the command, ``key`` and ``value`` what a ``set`` sets; ``identifier`` names it in the answer.
    """

    identifier: str
    word: str
    key: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"set {self.key}={self.value}" if self.word == "set" else self.word

    @classmethod
    def parse(cls, line: bytes) -> Command:
        """The command on a line of the file.

        Raises:
            CommandError: if it is none.
        """
        try:
            fields = json.loads(line)
        except ValueError:
            fields = None
        if not isinstance(fields, dict) or not isinstance(fields.get("command"), str):
            raise CommandError('not a JSON object with the texts "id" and "command"')
        identifier = fields.get("id")
        if not isinstance(identifier, str) or not 1 <= len(identifier) <= 64 or not _is_visible(identifier):
            raise CommandError("its id must be 1 to 64 visible ASCII characters")
        word = fields["command"]
        if word in _PLAIN:
            return cls(identifier, word)
        if word != "set":
            raise CommandError(f"unknown command {word[:40]!r}: expected one of {', '.join(_PLAIN)}, set")
        return cls(identifier, word, str(fields.get("key", "")), _text(fields.get("value", "")))


def _is_visible(text: str) -> bool:
    return all("!" <= character <= "~" for character in text)


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Amount:
    """A number, or a factor for the number in force: ``0.01``, ``*0.5``."""

    number: float
    is_factor: bool = False

    @classmethod
    def parse(cls, text: str, what: str) -> Amount:
        """Reads a number; ``*``, ``×`` and ``x`` before it stand for "times".

        Raises:
            CommandError: if it is none, or not finite, or below 0.
        """
        is_factor = text[:1] in ("*", "×", "x")
        try:
            number = float(text[1:] if is_factor else text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or number < 0 or (is_factor and number == 0):
            raise CommandError(f"expected {what}, not {text[:40]!r}")
        return cls(number, is_factor)

    def of(self, current: float) -> float:
        """The new number where ``current`` is in force."""
        return current * self.number if self.is_factor else self.number


class CommandReader:
    """The new complete lines of ``commands.jsonl``, each once, in their order.

    While nothing was appended, a look costs one system call. A file that belongs to somebody else, or that anybody may
    write to, is not obeyed.
    """

    def __init__(self, path: Path, *, from_end: bool = False) -> None:
        """``from_end``: only what is appended from now on counts, as for a run that goes on."""
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._offset = 0
        self._line = b""
        self._skips = False
        self._refused = ""
        if from_end and (info := self._look()) is not None:
            self._seen = (info.st_dev, info.st_ino)
            self._offset = info.st_size

    def poll(self) -> tuple[list[Command], list[str]]:
        """The commands that were appended since the last look, and what there is to say of lines that are none."""
        info = self._look()
        if info is None:
            return [], []
        identity = (info.st_dev, info.st_ino)
        if self._seen is not None and (self._seen != identity or info.st_size < self._offset):
            self._seen, self._offset, self._line, self._skips = identity, info.st_size, b"", False
            return [], ["commands.jsonl was replaced or cut: only what is appended from now on is obeyed"]
        self._seen = identity
        if info.st_size <= self._offset:
            return [], []
        return self._read(info.st_size)

    def _look(self) -> os.stat_result | None:
        try:
            return os.stat(self._path, follow_symlinks=False)
        except OSError:
            return None

    def _read(self, size: int) -> tuple[list[Command], list[str]]:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            return [], self._refuse(f"commands.jsonl can't be read: {error.strerror}")
        try:
            problem = _problem(os.fstat(descriptor))
            if problem:
                self._offset = size
                return [], self._refuse(f"commands.jsonl is not obeyed: {problem}")
            data = os.pread(descriptor, _BLOCK, self._offset)
        except OSError as error:
            return [], self._refuse(f"commands.jsonl can't be read: {error.strerror}")
        finally:
            os.close(descriptor)
        self._refused = ""
        self._offset += len(data)
        return self._commands(data)

    def _refuse(self, words: str) -> list[str]:
        """What there is to say, once."""
        if words == self._refused:
            return []
        self._refused = words
        return [words]

    def _commands(self, data: bytes) -> tuple[list[Command], list[str]]:
        commands: list[Command] = []
        problems: list[str] = []
        *lines, rest = (self._line + data).split(b"\n")
        for line in lines:
            skipped, self._skips = self._skips, False
            if skipped or not line.strip():
                continue
            try:
                commands.append(Command.parse(line))
            except CommandError as error:
                problems.append(f"a command was not understood: {error}")
        if len(rest) > _LONGEST_LINE:
            problems.append(f"a command was not understood: a line of more than {_LONGEST_LINE} bytes")
            rest, self._skips = b"", True
        self._line = b"" if self._skips else rest
        return commands, problems


def _problem(info: os.stat_result) -> str:
    if not stat.S_ISREG(info.st_mode):
        return "it is not a file"
    if info.st_uid != os.geteuid():
        return f"it belongs to user {info.st_uid}, and only user {os.geteuid()}, who trains, may give commands"
    if info.st_mode & stat.S_IWOTH:
        return "anybody may write to it: chmod o-w it"
    return ""
