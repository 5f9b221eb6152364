"""The thread that writes a run's files and reads its commands, so that the training thread waits for no disk."""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from normscope._files import _events
from normscope._files._commands import Command, CommandReader
from normscope._files._directory import EngineLog, Status
from normscope._files._events import EventFile
from normscope._recording._system import SystemMetrics
from normscope._training._progress import Progress

_LOOK = 0.02  # seconds between two looks at the command file
_HEARTBEAT = 1.0  # seconds between two looks at the machine, and between two statuses while nothing happens
_STATUS_INTERVAL = 0.5  # seconds between two statuses that only tell of more steps
_LONGEST_END = 10.0  # seconds for what was handed over at the end

Work = Callable[[], Iterable[bytes]]


class Recorder(threading.Thread):
    """Writes what it is handed, in order: events, status, words."""

    def __init__(
        self, file: EventFile, status: Status, log: EngineLog, reader: CommandReader, progress: Progress
    ) -> None:
        super().__init__(name="normscope", daemon=True)
        self.commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self.has_commands = False  # asked at each step: cheaper than the queue
        self.step = 0
        self.cost = 0.0  # seconds of the CPU that the last record took here, some of which the training waits for
        self.status = status
        self._file = file
        self._log = log
        self._reader = reader
        self._progress = progress
        self._work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._system = SystemMetrics()
        self._heartbeat_due = 0.0
        self._look_due = 0.0
        self._status_due = 0.0
        self._problem = ""

    def submit(self, work: Work) -> None:
        """Hands over something that makes event records; it is called on this thread."""
        self._work.put(work)

    def say(self, words: str) -> None:
        """Adds a line to engine.log; from any thread."""
        self._log.add(words)

    def say_traceback(self, error: Exception) -> None:
        """Adds where something went wrong on our side to engine.log."""
        for text in traceback.format_exception(type(error), error, error.__traceback__):
            for line in text.splitlines():
                self.say(line)

    def run(self) -> None:
        """Works until ``finish``."""
        while True:
            try:
                work = self._work.get(timeout=_LOOK)
            except queue.Empty:
                self._look_around()
                continue
            if work is None:
                return
            start = time.thread_time()
            self._write(work)
            self.cost = time.thread_time() - start
            self._look_around()

    def finish(self, **status: Any) -> None:
        """Writes what was handed over and a last ``status``, ends the thread and closes the file."""
        self._work.put(None)
        if self.is_alive():
            self.join(_LONGEST_END)
        try:
            self._file.close()
            self.status.write(**status)
        except OSError as error:
            self._complain(error)
        if self._file.dropped:
            self.say(f"{self._file.dropped} records were given up: the disk took nothing")

    def _write(self, work: Work) -> None:
        try:
            for record in work():
                self._file.add(record)
            self._file.flush()
            self._write_status()
        except OSError as error:
            self._complain(error)
        except Exception as error:
            self._complain_once(f"a record is missing: {type(error).__name__}: {error}")

    def _write_status(self) -> None:
        now = time.monotonic()
        if now >= self._status_due:
            self._status_due = now + _STATUS_INTERVAL
            self.status.write(**self._progress.status())
            self._problem = ""  # both files took what they were given

    def _look_around(self) -> None:
        now = time.monotonic()
        if now >= self._look_due:
            self._look_due = now + _LOOK
            self._look_for_commands()
        if now >= self._heartbeat_due:
            self._heartbeat_due = now + _HEARTBEAT
            self._write(self._system_metrics)

    def _look_for_commands(self) -> None:
        commands, problems = self._reader.poll()
        for problem in problems:
            self.say(problem)
        for command in commands:
            self.commands.put(command)
            self.has_commands = True

    def _system_metrics(self) -> Iterable[bytes]:
        values = [_events.scalar(tag, value) for tag, value in self._system.read().items()]
        return [_events.event(values, self.step, time.time())] if values else []

    def _complain(self, error: OSError) -> None:
        self._complain_once(f"the run can't be written ({error.strerror or error}); trying again")

    def _complain_once(self, words: str) -> None:
        if words != self._problem:
            self._problem = words
            self.say(words)
