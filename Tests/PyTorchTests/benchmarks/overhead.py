"""What watching costs a training on a CPU: `python overhead.py [SECONDS]`.

A network with six normalization layers, and one with fifty, take steps of about 5 ms with one thread. Stretches of 200
steps with the watching, without it, and without it once more (what the machine alone makes of the same work) follow
each other in random order in one process. Without it also means that torch's functions are its own. Printed as a JSON
object a network; seconds unless the name says otherwise.
"""

from __future__ import annotations

import json
import math
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer, optimizer

from normscope._files._place import Options
from normscope._run import Run
from normscope._training import _watch

STEPS = 200  # of a stretch: one second


def network(layers: int, channels: int) -> nn.Sequential:
    """Convolutions, each with its normalization."""
    blocks: list[nn.Module] = []
    for place in range(layers):
        blocks += [nn.Conv2d(channels if place else 3, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()]
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


class Workload:
    """A training whose steps take about 5 ms."""

    def __init__(self, layers: int, channels: int, side: int, batch: int) -> None:
        torch.manual_seed(0)
        self.model = network(layers, channels)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9)
        self.images = torch.randn(batch, 3, side, side)
        self.labels = torch.randint(0, 10, (batch,))

    def step(self) -> None:
        """Forward, backward, update."""
        self.optimizer.zero_grad()
        nn.functional.cross_entropy(self.model(self.images), self.labels).backward()
        self.optimizer.step()

    def stretch(self) -> list[float]:
        """Seconds of each step of a stretch."""
        times = []
        for _ in range(STEPS):
            start = time.perf_counter()
            self.step()
            times.append(time.perf_counter() - start)
        return times


class Switch:
    """Puts our functions in torch's places, or torch's own back."""

    _PLACES = ((torch.autograd, "backward"), (Optimizer, "zero_grad"), (nn.Module, "zero_grad"))
    _HOOKS = (optimizer._global_optimizer_pre_hooks, optimizer._global_optimizer_post_hooks)

    def __init__(self) -> None:
        before = self._state()
        _watch.install()
        self._states = {True: self._state(), False: before}
        self._left: float | None = None  # when a run stopped watching

    def _state(self) -> tuple[list[Any], list[dict[int, Any]]]:
        return [getattr(owner, name) for owner, name in self._PLACES], [dict(hooks) for hooks in self._HOOKS]

    def watch(self, run: Run | None) -> None:
        """Lets a run watch, or nobody; a run's clocks stand still meanwhile, or it would catch up on records."""
        functions, hooks = self._states[run is not None]
        for (owner, name), function in zip(self._PLACES, functions, strict=True):
            setattr(owner, name, function)
        for place, kept in zip(self._HOOKS, hooks, strict=True):
            place.clear()
            place.update(kept)
        _watch.observe(run)
        now = time.perf_counter()
        if run is None:
            self._left = self._left or now
        elif self._left is not None:
            run._schedule.stand_still(now - self._left)
            run._training.histograms._round_began += now - self._left
            run._progress.stand_still()
            self._left = None


def compare(workload: Workload, run: Run, switch: Switch, seconds: float) -> dict[str, float]:
    """Means and medians of a step in stretches with and without, in random order."""
    kinds = ["watched", "plain", "plain again"]
    steps: dict[str, list[float]] = {kind: [] for kind in kinds}
    order = random.Random(0)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        order.shuffle(kinds)
        for kind in kinds:
            switch.watch(run if kind == "watched" else None)
            steps[kind] += workload.stretch()
    switch.watch(run)
    plain = steps["plain"] + steps["plain again"]
    means = {kind: statistics.mean(times) for kind, times in steps.items()}
    both = statistics.mean(plain)
    return {
        "steps": len(steps["watched"]),
        "plain_step": both,
        "overhead_percent": 100 * (means["watched"] / both - 1),
        "overhead_percent_of_the_median_step": 100
        * (statistics.median(steps["watched"]) / statistics.median(plain) - 1),
        "plain_against_plain_percent": 100 * (means["plain again"] / means["plain"] - 1),
    }


def timed(act: Callable[[], object], times: int) -> float:
    """Median seconds of a call."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def between_records(workload: Workload, run: Run) -> float:
    """Seconds that our functions take in a step between two records, in a training: with cold caches."""
    seconds: list[float] = []
    for name in ("zeroed", "backward", "step_begins", "stepped"):
        setattr(run, name, _summed(getattr(run, name), seconds))
    run._schedule.due = run._schedule.quiet_until = run._recorder._heartbeat_due = math.inf
    steps = []
    for _ in range(1000):
        seconds.clear()
        workload.step()
        steps.append(sum(seconds))
    return statistics.median(steps)


def _summed(function: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            seconds.append(time.perf_counter() - start)

    return timed


def record(run: Run) -> float:
    """Seconds of the training thread that one record takes."""

    def both() -> None:
        run._begin_record()
        run._finish_record()

    return timed(both, 50)


def resident() -> float:
    """MiB of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def measure(name: str, workload: Workload, switch: Switch, seconds: float) -> None:
    """One network's figures."""
    switch.watch(None)
    for _ in range(3):
        workload.stretch()
    before = resident()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Options(runs=Path(folder), name="overhead"))
        switch._left = None
        switch.watch(run)
        for _ in range(3):
            workload.stretch()
        figures = {"memory_mib": resident() - before, **compare(workload, run, switch, seconds)}
        figures["record"] = record(run)
        figures["between_records"] = between_records(workload, run)
        figures["layers"] = sum(isinstance(module, nn.BatchNorm2d) for module in workload.model.modules())
        run.close()
    print(json.dumps({"network": name, **figures}), flush=True)


def main() -> None:
    """Both networks."""
    torch.set_num_threads(1)
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    switch = Switch()
    measure("six layers", Workload(6, 24, 12, 6), switch, seconds)
    measure("fifty layers", Workload(50, 8, 3, 1), switch, seconds)


main()
