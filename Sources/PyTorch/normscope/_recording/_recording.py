"""A record: what a run knows at the end of one step, and the event log's records that are made of it.

A record is put together on the training thread, which copies and waits for nothing; the thread that writes turns it
into bytes.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from normscope._files import _events
from normscope._recording._statistics import (
    QUANTITIES,
    Affine,
    Copy,
    HostCopy,
    Layer,
    NormalizationLayers,
    batch_statistics,
    joined,
)
from normscope._training._sources import Losses

BATCH = ("batch_mean", "batch_var")


@dataclass
class Record:
    """What is recorded at the end of a step.

    ``before`` and ``after`` are the running statistics one step ago (None at the first record) and now.
    """

    step: int
    time: float
    layers: list[Layer]  # those that keep running statistics, as ``before`` and ``after`` hold them
    before: Copy | None
    after: Copy | None
    watched: list[tuple[Layer, HostCopy]]
    affine: Affine
    constants: list[tuple[str, str, float]]
    losses: list[Losses]
    gradients: list[tuple[str, HostCopy]]
    scalars: dict[str, float]

    def events(self) -> Iterator[bytes]:
        """The records of the event log, the losses of the steps before first."""
        for losses in self.losses:
            for step, loss in losses.wait():
                yield _events.event([_events.scalar(losses.tag, loss)], step, self.time)
        yield _events.event(self._values(), self.step, self.time)

    def _values(self) -> list[bytes]:
        values = [_events.scalar(tag, value) for tag, value in self.scalars.items()]
        values += [_events.scalar(tag, float(norm.wait())) for tag, norm in self.gradients]
        for name, quantity, value in self.constants:
            values.append(_events.tensor(f"batchnorm/{name}/{quantity}", content_of(torch.tensor([value])), (1,)))
        self._add_running(values)
        for layer, pair in self.watched:
            _add_pair(values, layer, BATCH, content_of(pair.wait()), 0)
        self._add_affine(values)
        return values

    def _add_running(self, values: list[bytes]) -> None:
        """Running statistics, those of the batches, and how many those were; in pieces of as few objects as will do."""
        if self.after is None:
            return
        running, counts = self.after.tensors()
        batches = self._batches(running, counts)
        begins = offsets(self.layers)
        has_batch = [False] * len(begins) if batches is None else (~batches[begins].isnan()).tolist()
        content, count_content = content_of(running), content_of(counts.float())
        batch_content = b"" if batches is None else content_of(batches)
        for place, (layer, offset) in enumerate(zip(self.layers, begins, strict=True)):
            _add_pair(values, layer, QUANTITIES, content, 4 * offset)
            if has_batch[place]:
                _add_pair(values, layer, BATCH, batch_content, 4 * offset)
            values += (_prefix(layer, "num_batches_tracked", 1), count_content[4 * place : 4 * place + 4])

    def _batches(self, values: Tensor, counts: Tensor) -> Tensor | None:
        """``[V]`` the batches' statistics since the copy before, NaN for layers that saw none."""
        if self.before is None or self.after is None:
            return None
        earlier, earlier_counts = self.before.tensors()
        if len(earlier) != len(values):
            return None
        return recovered(self.layers, earlier, values, counts - earlier_counts, self.before.momenta, self.after.momenta)

    def _add_affine(self, values: list[bytes]) -> None:
        content = content_of(joined(self.affine.values))
        offset = 0
        for layer, name, count in self.affine.names:
            if count == layer.channels:  # a rank's part alone would be taken for the whole
                values += (_prefix(layer, name, count), content[offset : offset + 4 * count])
            offset += 4 * count


def recovered(
    layers: Sequence[Layer],
    before: Tensor,
    after: Tensor,
    passes: Tensor,
    *momenta: Sequence[float],
) -> Tensor:
    """``[V]`` batch statistics of all layers; NaN where a layer saw no batch, or its momentum is unfit or has changed.

    Args:
        layers: as ``before`` and ``after`` hold them, each with its running mean and running variance.
        before: ``[V]``
        after: ``[V]``
        passes: ``[L]``
        momenta: the layers' at each of the two copies.
    """
    steady = [one if all(other == one for other in ones) else math.nan for one, *ones in zip(*momenta, strict=True)]
    momentum = torch.tensor(steady, dtype=torch.float64)
    usable = torch.where(momentum.isnan(), 0, passes)
    counts = torch.tensor([2 * layer.channels for layer in layers])
    return batch_statistics(
        before,
        after,
        momentum.nan_to_num(1.0).repeat_interleave(counts),
        usable.repeat_interleave(counts),
    )


def offsets(layers: Sequence[Layer]) -> list[int]:
    """Where each layer's statistics begin, which lie layer by layer, mean and variance."""
    begins, offset = [], 0
    for layer in layers:
        begins.append(offset)
        offset += 2 * layer.channels
    return begins


def _prefix(layer: Layer, quantity: str, count: int) -> bytes:
    """What a layer's value begins with in the event log; ``count`` numbers have to follow."""
    prefix = layer.prefixes.get(quantity)
    if prefix is None:
        prefix = _events.tensor(f"batchnorm/{layer.name}/{quantity}", b"", (count,))
        layer.prefixes[quantity] = prefix
    return prefix


def _add_pair(values: list[bytes], layer: Layer, quantities: Sequence[str], content: bytes, begin: int) -> None:
    """A mean and a variance of a layer, which stand one after the other in ``content``."""
    size = 4 * layer.channels
    mean, variance = quantities
    values += (
        _prefix(layer, mean, layer.channels),
        content[begin : begin + size],
        _prefix(layer, variance, layer.channels),
        content[begin + size : begin + 2 * size],
    )


def content_of(tensor: Tensor) -> bytes:
    """A CPU tensor's float32 values, little-endian, row by row; without numpy, which torch does not bring along."""
    values = tensor.contiguous()
    return ctypes.string_at(values.data_ptr(), 4 * values.numel()) if values.numel() else b""


class Constants:
    """Momentum and ε of the layers, to be recorded at first and whenever they have changed."""

    def __init__(self, layers: NormalizationLayers) -> None:
        self._layers = layers
        self._known: dict[str, tuple[float | None, float, bool]] = {}

    def changed(self) -> list[tuple[str, str, float]]:
        """Layer, quantity and value of each one that is new or other than before; NaN is ``momentum=None``.

        ``batch_var_correction`` is torch.var's ``correction`` of the batch variances that are recorded: 1 where they
        follow from the running ones, which take the unbiased ones in.
        """
        found: list[tuple[str, str, float]] = []
        for layer in self._layers.layers:
            module = layer.module
            now = (module.momentum, module.eps, layer.follows_from_running)
            if self._known.get(layer.name) == now:
                continue
            self._known[layer.name] = now
            found += [
                (layer.name, "momentum", layer.momentum),
                (layer.name, "eps", float(module.eps)),
                (layer.name, "batch_var_correction", float(layer.follows_from_running)),
            ]
        return found
