"""Where a run goes: a new directory, or that of the run which it continues."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from normscope._files import _directory
from normscope._files._commands import CommandReader
from normscope._files._directory import EngineLog, Status
from normscope._files._events import EventFile
from normscope._recording._recorder import Recorder
from normscope._training._training import Training


@dataclass
class Options:
    """Where a run goes, and how it is watched."""

    runs: Path = Path("runs")
    name: str = ""
    every: float | None = None  # seconds between two records; None: fitted to the run's age and cost
    program: str = ""  # what was started, in words


@dataclass
class Place:
    """A run directory that is open for writing."""

    directory: Path
    recorder: Recorder
    is_restart: bool


def open_place(options: Options, training: Training, *, resumed: Path | None) -> Place:
    """Makes a run's directory, or takes up that of the run which it continues.

    Args:
        options: the folder of runs and the name.
        training: what trains; a run that torchrun started again gets its step here.
        resumed: the directory of the run whose checkpoint was taken up, if one was.

    Raises:
        OSError: if it can't be written.
    """
    name = _directory.run_name(options.name or "run")
    earlier = resumed or _started_before(options.runs, name)
    progress = training.progress
    if earlier is not None and resumed is None:
        progress.global_step = _steps_before(training, earlier)
    directory = earlier or _directory.create(options.runs, name)
    restart_step = progress.global_step + 1 if earlier is not None else None
    file = EventFile(directory, time.time(), restart_step)
    status = Status(directory / "status.json", engine=f"PyTorch {torch.__version__.split('+')[0]}", launch=launch())
    status.write(**{**progress.status(), "state": "starting"})
    log = EngineLog(directory / "engine.log")
    reader = CommandReader(directory / "commands.jsonl", from_end=earlier is not None)
    _introduce(log, options, training)
    if earlier is not None:
        log.add(f"goes on in this directory from step {progress.global_step}")
    with contextlib.suppress(OSError, ValueError):
        print(
            f"normscope: this training writes {directory}; normscope watch {directory.parent} shows it", file=sys.stderr
        )
    return Place(directory, Recorder(file, status, log, reader, progress), earlier is not None)


def _introduce(log: EngineLog, options: Options, training: Training) -> None:
    log.add(
        f"{options.program or sys.argv[0]} (pid {os.getpid()}, PyTorch {torch.__version__}) trains {training.names}"
    )
    if not len(training.layers):
        log.add("there is no BatchNorm layer in it")
    if training.is_sharded:
        log.add("its parameters are sharded over the ranks: histograms of them are left out")


def launch() -> str:
    """What tells the processes of one launch by torchrun from those of another; empty without torchrun.

    The launch's identifier, which a user may give twice, and the process that launches here, as IDENTIFIER@PROCESS.
    """
    identifier = os.environ.get("TORCHELASTIC_RUN_ID", "")
    if not identifier:
        return ""
    parent = os.getppid()
    return f"{identifier}@{os.uname().nodename}-{parent}-{_directory.start_ticks(parent)}"


def _started_before(runs: Path, name: str) -> Path | None:
    """The directory of the run that torchrun has started again, here or from another host.

    torchrun counts failures. Where it starts all again because hosts came or went, it is known by the process that
    launches.
    """
    own = launch()
    if not own:
        return None
    identifier = own.partition("@")[0]
    has_failed = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") not in ("", "0")
    candidates = []
    for path in runs.glob(f"{name}*"):
        status = _directory.read_status(path)
        earlier = str(status.get("launch") or "")
        is_same = earlier == own if identifier == "none" else earlier.partition("@")[0] == identifier
        is_broken_off = earlier == own and status.get("state") not in ("finished", "stopped")
        if status.get("pid") != os.getpid() and (is_same if has_failed else is_broken_off):
            candidates.append(path)  # not one of this process: a program may train several times
    return max(candidates, key=lambda path: path.stat().st_mtime, default=None)


def _steps_before(training: Training, earlier: Path) -> int:
    """Steps that were done before the first one of this process.

    A program that took up an optimizer's state has its count. Where nothing tells, steps are counted on from the
    earlier process's, so that no point is lost.
    """
    optimizer = training.sources.lead.reference()
    states = optimizer.state.values() if optimizer is not None else []
    counts = [int(state["step"]) for state in states if isinstance(state, dict) and "step" in state]
    if counts and max(counts) > 1:
        return max(counts) - 1
    return int(_directory.read_status(earlier).get("step") or 0)
