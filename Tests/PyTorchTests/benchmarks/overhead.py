"""What watching costs a training on a CPU: `python overhead.py [ROUNDS]`.

A network with six normalization layers, and one with fifty, take steps of about 5 ms with one thread. Stretches with
and without the watching alternate in one process, so that both meet the same machine; the figures are medians over the
rounds. Printed as a JSON object a line; seconds unless the name says otherwise.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from normscope import _watch
from normscope._place import Options
from normscope._run import Run

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

    def stretch(self) -> float:
        """Seconds of a step, the mean of a stretch."""
        start = time.perf_counter()
        for _ in range(STEPS):
            self.step()
        return (time.perf_counter() - start) / STEPS


def compare(workload: Workload, run: Run, rounds: int) -> dict[str, float]:
    """Medians with and without, and of the ratio within a round, in turn and in alternating order."""
    watched, plain = [], []
    for place in range(rounds):
        for is_watched in (True, False) if place % 2 else (False, True):
            _watch.observe(run if is_watched else None)
            run._progress.stand_still()
            (watched if is_watched else plain).append(workload.stretch())
    ratios = [one / other for one, other in zip(watched, plain, strict=True)]
    return {
        "plain_step": statistics.median(plain),
        "watched_step": statistics.median(watched),
        "overhead_percent": 100 * (statistics.median(ratios) - 1),
        "overhead_percent_of_least_times": 100 * (min(watched) / min(plain) - 1),
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
    """Seconds that our code takes in a step between two records: all that torch tells of one."""
    loss = torch.tensor(1.0)
    run._due = float("inf")
    run._phase = None

    def step() -> None:
        run.zeroed()
        run.backward(loss)
        run.stepped(workload.optimizer)

    _watch.observe(run)
    return timed(step, 2000)


def record(run: Run) -> float:
    """Seconds of the training thread that one record takes."""

    def both() -> None:
        run._begin_record()
        run._finish_record()

    return timed(both, 50)


def measure(name: str, workload: Workload, rounds: int) -> None:
    """One network's figures."""
    for _ in range(20):
        workload.step()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Options(runs=Path(folder), name="overhead"))
        _watch.install()
        _watch.observe(run)
        workload.stretch()
        figures = compare(workload, run, rounds)
        figures["memory_mib"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        figures["between_records"] = between_records(workload, run)
        figures["record"] = record(run)
        figures["layers"] = sum(isinstance(module, nn.BatchNorm2d) for module in workload.model.modules())
        run.close()
    print(json.dumps({"network": name, **figures}), flush=True)


def main() -> None:
    """Both networks."""
    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    measure("six layers", Workload(6, 24, 16, 8), rounds)
    measure("fifty layers", Workload(50, 16, 8, 4), rounds)


main()
