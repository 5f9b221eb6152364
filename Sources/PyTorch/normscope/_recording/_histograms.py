"""Histograms of parameters, as many a step as their share of the time allows.

A round goes through all parameters, a few a step, so that a large network costs no more of the training's time than a
small one: its histograms come less often.
"""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from normscope._files._events import HistogramData
from normscope._recording._statistics import HostCopy

BINS = 64
_SHARE = 0.001  # of the training's time
_CHUNK = 1 << 20  # values at a time on a GPU, to bound what they need beside themselves
_INTERVAL = 1.0  # seconds between two rounds, at least


class PendingHistogram:
    """A parameter's histogram on its way to the CPU: least, greatest, size, sum, sum of squares, counts."""

    def __init__(self, values: Tensor) -> None:
        flat = values.detach().reshape(-1)
        if flat.dtype not in (torch.float32, torch.float64):
            flat = flat.float()
        measured = _on_cpu(flat) if flat.device.type == "cpu" else on_device(flat)
        self._copy = HostCopy(measured)

    def wait(self) -> HistogramData:
        """The histogram. Limits are the bins' right edges, the last one the largest value."""
        least, greatest, count, total, squares, *counts = self._copy.wait().tolist()
        if greatest <= least:
            return HistogramData(least, greatest, count, total, squares, [greatest], [count])
        width = (greatest - least) / BINS
        limits = [least + width * (place + 1) for place in range(BINS - 1)] + [greatest]
        return HistogramData(least, greatest, count, total, squares, limits, counts)


def _on_cpu(flat: Tensor) -> Tensor:
    low, high = torch.aminmax(flat)
    if not math.isfinite(float(high) - float(low)):
        flat = flat[torch.isfinite(flat)]
        low, high = torch.aminmax(flat) if flat.numel() else (flat.new_zeros(()), flat.new_zeros(()))
    least, greatest = float(low), float(high)
    counts = torch.histc(flat, BINS, least, greatest) if greatest > least else flat.new_zeros(BINS)
    squares = torch.linalg.vector_norm(flat) ** 2
    head = torch.stack([low, high, flat.new_tensor(float(flat.numel())), flat.sum(), squares])
    return torch.cat([head, counts])


def on_device(flat: Tensor) -> Tensor:
    """The same numbers without a value that Python has to wait for, so that a GPU's stream runs on."""
    finite = torch.isfinite(flat)
    low = torch.where(finite, flat, math.inf).min()
    high = torch.where(finite, flat, -math.inf).max()
    width = torch.where(high > low, (high - low) / BINS, torch.ones_like(low))
    counts = torch.zeros(BINS, dtype=flat.dtype, device=flat.device)
    for part, kept in zip(flat.split(_CHUNK), finite.split(_CHUNK), strict=True):
        bins = torch.where(kept, (part - low) / width, 0).long().clamp_(0, BINS - 1)
        counts.index_add_(0, bins, kept.to(flat.dtype))
    values = torch.where(finite, flat, 0)
    head = torch.stack([low, high, finite.sum().to(flat.dtype), values.sum(), (values * values).sum()])
    return torch.cat([head, counts])


class ParameterHistograms:
    """Takes the parameters' histograms in turn, within a budget of time."""

    def __init__(
        self, named: Sequence[tuple[str, nn.Parameter]], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """``clock`` gives seconds, to know what a histogram cost."""
        self._clock = clock
        self._parameters = [
            (name, weakref.ref(parameter))
            for name, parameter in named
            if parameter.numel() > 0 and parameter.is_floating_point() and not hasattr(parameter, "to_local")
        ]
        self._next = 0
        self._round_began = -_INTERVAL
        self._credit = 0.0

    def take(self, elapsed: float, now: float) -> list[tuple[str, PendingHistogram]]:
        """The histograms whose turn it is.

        Args:
            elapsed: seconds of training since the last call.
            now: seconds of a clock that only goes forward.
        """
        self._credit = min(self._credit + elapsed * _SHARE, 0.05)
        if self._next == 0:
            if now - self._round_began < _INTERVAL:
                return []
            self._round_began = now
        taken = []
        while self._next < len(self._parameters) and self._credit > 0:
            name, reference = self._parameters[self._next]
            self._next += 1
            parameter = reference()
            if parameter is not None and parameter.numel() > 0:
                taken.append((name, self._measured(parameter)))
        if self._next >= len(self._parameters):
            self._next = 0
        return taken

    def _measured(self, parameter: nn.Parameter) -> PendingHistogram:
        """Spends what it takes; a large parameter is paid for by the steps after it."""
        start = self._clock()
        pending = PendingHistogram(parameter)
        self._credit -= self._clock() - start
        return pending
