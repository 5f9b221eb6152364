"""Running real trainings in processes of their own, and reading what they wrote as TensorBoard does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

PACKAGE = Path(__file__).resolve().parents[2] / "Sources" / "PyTorch"
SCRIPTS = Path(__file__).resolve().parent / "scripts"
LONGEST = 120.0  # seconds that any of these programs may take


class RunDirectory:
    """A run directory, read with TensorBoard's own reader."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def status(self) -> dict[str, Any]:
        return json.loads((self.path / "status.json").read_bytes())

    @property
    def log(self) -> str:
        return (self.path / "engine.log").read_text()

    @property
    def checkpoints(self) -> list[Path]:
        return sorted((self.path / "checkpoints").glob("*.pth"))

    def command(self, identifier: str, command: str, **fields: str) -> None:
        """Appends a command as the dashboard does, with one write."""
        line = json.dumps({"id": identifier, "time": time.time(), "command": command, **fields})
        self.append(line + "\n")

    def append(self, text: str) -> None:
        descriptor = os.open(self.path / "commands.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)

    def answer(self, identifier: str) -> dict[str, Any]:
        """The status that answers a command."""
        wait_for(lambda: self.status["lastCommand"] == identifier, f"an answer to {identifier}; {self.log}")
        return self.status

    @property
    def _events(self) -> EventAccumulator:
        accumulator = EventAccumulator(str(self.path), size_guidance={"scalars": 0, "tensors": 0, "histograms": 0})
        accumulator.Reload()
        return accumulator

    def numbers(self) -> dict[str, dict[int, float]]:
        """Scalars: by tag, by step."""
        events = self._events
        kept = {tag: {one.step: one.value for one in events.Scalars(tag)} for tag in events.Tags()["scalars"]}
        for tag in events.Tags()["tensors"]:
            if events.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
                kept[tag] = {one.step: float(tensor_util.make_ndarray(one.tensor_proto)) for one in events.Tensors(tag)}
        return kept

    def tensors(self) -> dict[str, dict[int, numpy.ndarray]]:
        """Tensors of the normalization layers: by tag, by step."""
        events = self._events
        return {
            tag: {one.step: tensor_util.make_ndarray(one.tensor_proto) for one in events.Tensors(tag)}
            for tag in events.Tags()["tensors"]
            if tag.startswith("batchnorm/")
        }

    def layers(self) -> list[str]:
        """The normalization layers that were recorded, by name."""
        return sorted({tag.split("/")[1] for tag in self._events.Tags()["tensors"] if tag.startswith("batchnorm/")})

    def marks(self) -> list[str]:
        """What stands under ``control``: every command and its answer."""
        events = self._events
        if "control" not in events.Tags()["tensors"]:
            return []
        return [tensor_util.make_ndarray(one.tensor_proto).item().decode() for one in events.Tensors("control")]


@dataclass
class Outcome:
    """How a program ended, and the folder that it ran in."""

    folder: Path
    status: int
    output: str
    errors: str
    truths: list[dict[str, Any]] = field(default_factory=list)

    @property
    def own_lines(self) -> list[str]:
        """What we said on standard error."""
        return [line for line in self.errors.splitlines() if line.startswith("normscope: ")]

    @property
    def other_errors(self) -> str:
        """What stands on standard error beside that."""
        return "".join(line for line in self.errors.splitlines(keepends=True) if not line.startswith("normscope: "))

    def run(self, name: str) -> RunDirectory:
        return RunDirectory(self.folder / "runs" / name)

    @property
    def runs(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "runs").glob("*"))


class Program:
    """A program that is running; whatever it prints is collected."""

    def __init__(self, folder: Path, command: list[str], environment: Mapping[str, str], **options: Any) -> None:
        self.folder = folder
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("TORCHELASTIC", "RANK"))}
        path = os.pathsep.join(filter(None, [environment.get("PYTHONPATH", ""), str(PACKAGE)]))
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**inherited, "OMP_NUM_THREADS": "1", **environment, "PYTHONPATH": path},
            stdin=options.get("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._guard = threading.Timer(LONGEST, self.process.kill)
        self._guard.start()

    def outcome(self, given: str | None = None) -> Outcome:
        """Waits for the end."""
        output, errors = self.process.communicate(given)
        self._guard.cancel()
        outcome = Outcome(self.folder, self.process.returncode, output, errors)
        truth = self.folder / "truth.json"
        if truth.exists():
            outcome.truths = json.loads(truth.read_text())
        return outcome

    def run(self, name: str) -> RunDirectory:
        """The run directory, once the training is under way."""
        run = RunDirectory(self.folder / "runs" / name)
        wait_for(
            lambda: ((run.path / "status.json").exists() and run.status["step"] > 0) or self.process.poll() is not None,
            f"a first record of {name}",
        )
        return run

    def end(self) -> None:
        self._guard.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def wait_for(is_so: Callable[[], Any], what: str, seconds: float = 60) -> None:
    """Waits until something is so; fails where it does not come to be."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"no {what} within {seconds:g} s")
        time.sleep(0.02)


def program_path(script: str) -> str:
    return str(SCRIPTS / script) if (SCRIPTS / script).exists() else script


class Launcher:
    """Starts programs in folders of their own, with us and without."""

    def __init__(self, folders: Callable[[], Path]) -> None:
        self.folder = folders
        self._started: list[Program] = []

    def start(
        self,
        *arguments: str,
        options: tuple[str, ...] = ("--every", "0"),
        plain: bool = False,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        interpreter: tuple[str, ...] = (),
        **more: Any,
    ) -> Program:
        """Starts ``SCRIPT ARG…`` or ``-m MODULE ARG…``; ``interpreter`` are options of Python's own."""
        words = [program_path(arguments[0]), *arguments[1:]]
        before = [] if plain else ["-m", "normscope", *options]
        command = [sys.executable, *interpreter, *before, *words]
        program = Program(folder or self.folder(), command, environment or {}, **more)
        self._started.append(program)
        return program

    def __call__(self, *arguments: str, given: str | None = None, **options: Any) -> Outcome:
        if given is not None:
            options["stdin"] = subprocess.PIPE
        return self.start(*arguments, **options).outcome(given)

    def both(self, *arguments: str, **options: Any) -> tuple[Outcome, Outcome]:
        """Without us and with us, each in a folder of its own unless one is given."""
        given = options.pop("given", None)
        if given is not None:
            options["stdin"] = subprocess.PIPE
        programs = [self.start(*arguments, plain=plain, **options) for plain in (True, False)]
        without, with_us = (program.outcome(given) for program in programs)
        return without, with_us

    def end_all(self) -> None:
        for program in self._started:
            program.end()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launcher]:
    """Starts programs; whatever still runs after the test is ended."""
    count = 0

    def folder() -> Path:
        nonlocal count
        count += 1
        path = tmp_path / f"place-{count}"
        path.mkdir()
        return path

    launcher = Launcher(folder)
    yield launcher
    launcher.end_all()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "runs(*arguments): what the test asks `watched` for; {name} is a parameter")


@pytest.fixture(scope="session")
def watched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Outcome]]:
    """Runs a script under us to its end, once for all tests that ask for it with the same arguments.

    What tests say with the mark ``runs`` is begun before they ask, two at a time.
    """
    launcher = Launcher(lambda: tmp_path_factory.mktemp("run"))
    known: dict[Any, Future[Outcome]] = {}
    pool = ThreadPoolExecutor(2)

    def begin(*arguments: str, plain: bool = False) -> Future[Outcome]:
        key = (arguments, plain)
        if key not in known:
            known[key] = pool.submit(launcher, *arguments, plain=plain)
        return known[key]

    for item in request.session.items:
        for mark in item.iter_markers("runs"):
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            begin(*(word.format(**parameters) for word in mark.args))
    yield lambda *arguments, **options: begin(*arguments, **options).result()
    pool.shutdown(cancel_futures=True)
    launcher.end_all()


def interrupt(program: Program, number: signal.Signals) -> None:
    """Sends a signal to a program that said ``ready``."""
    assert program.process.stdout is not None
    assert program.process.stdout.readline() == "ready\n"
    program.process.send_signal(number)
