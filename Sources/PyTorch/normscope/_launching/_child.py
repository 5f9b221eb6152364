"""Watching in a process and in those that it starts with multiprocessing: whichever of them trains is watched."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing.process
import multiprocessing.spawn
import multiprocessing.util
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from normscope._run import Run


@dataclasses.dataclass
class Watching:
    """The watching of one process, from before torch is imported to the program's end.

    ``marker`` is a file that a child process makes when it begins to train, for its parent to know.
    """

    runs: str
    name: str
    every: float | None
    program: str
    marker: str = ""

    def __post_init__(self) -> None:
        self._run: Run | None = None
        self._problem = ""
        self._signal = ""
        self._is_child = bool(self.marker)

    def begin(self) -> None:
        """Watches this process as soon as it has imported torch, and the processes that it starts."""
        from normscope._launching._launch import after_import

        after_import("torch", self._watch)
        _watch_children(self)

    def _watch(self) -> None:
        try:
            from normscope._training import _watch

            self._problem = _watch.version_problem()
            if self._problem:
                print(f"normscope: {self._problem}; the program runs unwatched", file=sys.stderr)
                return
            from normscope._files._place import Options
            from normscope._run import Run

            options = Options(runs=Path(self.runs), name=self.name, every=self.every, program=self.program)
            self._run = Run(options, on_start=self._started)
            if self._signal:
                self._run.signalled(self._signal)
            _watch.install()
            _watch.observe(self._run)
        except Exception as error:
            self._problem = f"{type(error).__name__}: {error}"
            print(f"normscope: the program runs unwatched ({self._problem})", file=sys.stderr)

    def _started(self) -> None:
        if self._is_child:
            Path(self.marker).touch()

    def _current(self) -> Run | None:
        """The run that watches now: the program may have attached one of its own."""
        if self._run is None:
            return None
        from normscope._run import Run
        from normscope._training import _watch

        current = _watch.last()
        return current if isinstance(current, Run) else self._run

    def signalled(self, number: int, frame: Any) -> None:
        """A signal of ``--checkpoint-on`` came."""
        import signal

        self._signal = signal.Signals(number).name
        run = self._current()
        if run is not None:
            run.signalled(self._signal)

    def has_stopped(self) -> bool:
        """Whether the command ``stop`` ended the run."""
        run = self._current()
        return run is not None and run.has_stopped

    def end(self, error: BaseException | None) -> None:
        """The program is at its end."""
        run = self._current()
        if run is not None:
            run.close(error)
        if self._is_child or self._problem or error is not None or os.environ.get("RANK", "0") != "0":
            return
        has_trained = run is not None and run.has_trained
        if self.marker and os.path.exists(self.marker):
            has_trained = True
            os.unlink(self.marker)
        if not has_trained and os.environ.get("RANK", "0") == "0":
            print(f"normscope: nothing was trained in {self.name}, so there is no run", file=sys.stderr)

    def for_child(self) -> str:
        """What a child process is told, as JSON."""
        if not self.marker:
            self.marker = os.path.join(tempfile.gettempdir(), f"normscope-{os.getpid()}-{os.urandom(4).hex()}")
        return json.dumps(dataclasses.asdict(self))


_watching: Watching | None = None


def _watch_children(watching: Watching) -> None:
    """Spawned processes begin as this one did; forked ones only say how they ended, for they have our memory."""
    global _watching
    if _watching is None:
        _prepare_spawning()
        _prepare_ending()
        os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
    _watching = watching


def _before_fork() -> None:
    """Both processes have to know the marker by which the child tells that it trains."""
    if _watching is not None:
        _watching.for_child()


def _after_fork() -> None:
    watching = _watching
    if watching is not None:
        watching._is_child = True
        if watching._run is not None:
            watching._watch()


def _prepare_spawning() -> None:
    original = multiprocessing.spawn.get_command_line

    def get_command_line(**keywords: Any) -> list[str]:
        command = original(**keywords)
        if _watching is not None and "-c" in command:
            place = command.index("-c") + 1
            told = _watching.for_child()
            command[place] = _child_program(told, command[place])
        return command

    multiprocessing.spawn.get_command_line = get_command_line
    _prepare_fork_server()


def _prepare_fork_server() -> None:
    """The server that forks children (Python 3.14's usual way) begins as a spawned process does, and trains nothing."""
    original = multiprocessing.util.spawnv_passfds

    def spawnv_passfds(path: Any, arguments: Sequence[Any], descriptors: Any) -> Any:
        program = [*arguments]
        if _watching is not None and "-c" in program:
            place = program.index("-c") + 1
            if "multiprocessing.forkserver" in program[place]:
                program[place] = _child_program(_watching.for_child(), program[place])
        return original(path, program, descriptors)

    multiprocessing.util.spawnv_passfds = spawnv_passfds  # type: ignore[assignment]


def _child_program(told: str, program: str) -> str:
    begin = f"try:\n from normscope._launching import _child\n _child.prepare({told!r})\nexcept Exception:\n pass\n"
    return f"exec({begin!r}); {program}"


def prepare(told: str) -> None:
    """In a spawned process: watches it as its parent is watched."""
    Watching(**json.loads(told)).begin()


def _prepare_ending() -> None:
    original = multiprocessing.process.BaseProcess._bootstrap  # type: ignore[attr-defined]

    def bootstrap(self: Any, *args: Any, **keywords: Any) -> Any:
        status = original(self, *args, **keywords)
        if _watching is not None:
            _watching.end(SystemExit(status) if status else None)
        return status

    multiprocessing.process.BaseProcess._bootstrap = bootstrap  # type: ignore[attr-defined]
