"""A record: what a run knows at the end of one step, and the event log's records that are made of it.

A record is put together on the training thread, which copies and waits for nothing; the thread that writes turns it
into bytes.
"""

from __future__ import annotations

import ctypes
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from normscope import _events
from normscope._ranks import PendingGather, Ranks
from normscope._sources import Losses
from normscope._statistics import (
    QUANTITIES,
    Affine,
    Copy,
    HostCopy,
    Layer,
    NormalizationLayers,
    batch_statistics,
    joined,
)

BATCH = ("batch_mean", "batch_var")
_RATES = ("images_per_second", "steps_per_second")


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
            values.append(_events.tensor(f"batchnorm/{name}/{quantity}", _bytes(torch.tensor([value])), (1,)))
        self._add_running(values)
        for layer, pair in self.watched:
            _add_pair(values, layer, BATCH, _bytes(pair.wait()), 0)
        self._add_affine(values)
        return values

    def _add_running(self, values: list[bytes]) -> None:
        """Running statistics, those of the batches, and how many those were; in pieces of as few objects as will do."""
        if self.after is None:
            return
        running, counts = self.after.tensors()
        batches = self._batches(running, counts)
        offsets = _offsets(self.layers)
        has_batch = [False] * len(offsets) if batches is None else (~batches[offsets].isnan()).tolist()
        content, count_content = _bytes(running), _bytes(counts.float())
        batch_content = b"" if batches is None else _bytes(batches)
        for place, (layer, offset) in enumerate(zip(self.layers, offsets, strict=True)):
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
        content = _bytes(joined(self.affine.values))
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


def _offsets(layers: Sequence[Layer]) -> list[int]:
    """Where each layer's statistics begin, which lie layer by layer, mean and variance."""
    offsets, offset = [], 0
    for layer in layers:
        offsets.append(offset)
        offset += 2 * layer.channels
    return offsets


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


def _bytes(tensor: Tensor) -> bytes:
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


@dataclass
class Shape:
    """What all ranks must have in common for their statistics to be laid side by side."""

    layers: int
    values: int
    parameters: int  # how many γ and β there are
    affine: int  # values of them, of the rank that holds the most

    @classmethod
    def agree(cls, ranks: Ranks, layers: NormalizationLayers) -> Shape | None:
        """The shape, if all ranks train the same layers; called by all ranks."""
        channels = [layer.channels for layer in layers.tracking]
        names = layers.affine().names
        own = [len(channels), 2 * sum(channels), len(names), sum(count for _, _, count in names)]
        found = [json.loads(part) for part in ranks.all_gather(json.dumps(own).encode())]
        if any(one[:3] != found[0][:3] for one in found):
            return None
        count, values, parameters, _ = found[0]
        return cls(count, values, parameters, max(one[3] for one in found))


class Sharing:
    """The statistics of all ranks at one step, on their way to rank 0.

    A rank's vector is: images a second, steps a second; the forward passes of each layer since the copy before ``[L]``;
    running statistics before ``[V]`` and now ``[V]``; how many values of each γ and β it holds ``[P]``, and those
    values, padded.
    """

    _HEAD = 2

    def __init__(self, pending: PendingGather, shape: Shape, *, sends_buffers: bool) -> None:
        self._pending = pending
        self._shape = shape
        self._sends_buffers = sends_buffers

    @classmethod
    def begin(cls, ranks: Ranks, shape: Shape, record: Record, *, sends_buffers: bool) -> Sharing:
        """Sends this rank's part on its way; called by all ranks at the same step.

        ``sends_buffers``: whether DDP makes all ranks begin each forward pass with rank 0's running statistics.
        """
        rates = [record.scalars.get(f"throughput/{name}", math.nan) for name in _RATES]
        parts = [torch.tensor(rates), cls._running(shape, record), cls._held(shape, record)]
        return cls(ranks.gather(torch.cat(parts)), shape, sends_buffers=sends_buffers)

    @staticmethod
    def _running(shape: Shape, record: Record) -> Tensor:
        """``[L + 2V]``; NaN where this record has none, or other layers than the ranks agreed on."""
        if record.before is not None and record.after is not None:
            before, counts_before = record.before.tensors()
            after, counts = record.after.tensors()
            if len(counts) == len(counts_before) == shape.layers and len(after) == len(before) == shape.values:
                return torch.cat([(counts - counts_before).float(), before, after])
        return torch.full((shape.layers + 2 * shape.values,), math.nan)

    @staticmethod
    def _held(shape: Shape, record: Record) -> Tensor:
        """``[P + A]``: how many values of each γ and β this rank holds, and the values."""
        held = [float(count) for _, _, count in record.affine.names]
        affine = joined(record.affine.values)
        if len(held) != shape.parameters or len(affine) > shape.affine:
            held, affine = [0.0] * shape.parameters, torch.empty(0)
        return torch.cat([torch.tensor(held), affine, torch.zeros(shape.affine - len(affine))])

    @property
    def has_ended(self) -> bool:
        """Whether the statistics are there, or never will be."""
        return self._pending.has_ended

    def events(self, record: Record) -> Iterator[bytes]:
        """The event of all ranks' statistics, on rank 0: 2-D tensors, a row a rank."""
        values = list(self._values(record))
        if values:
            yield _events.event(values, record.step, record.time)

    def _values(self, record: Record) -> Iterator[bytes]:
        vectors = self._pending.take()
        if not vectors:
            return
        for rank, vector in enumerate(vectors):
            for place, name in enumerate(_RATES):
                if not math.isnan(float(vector[place])):
                    yield _events.scalar(f"throughput/rank.{rank}.{name}", float(vector[place]))
        yield from self._statistics(record, torch.stack(vectors))
        yield from self._affine(record, vectors)

    def _statistics(self, record: Record, vectors: Tensor) -> Iterator[bytes]:
        if record.before is None or record.after is None or not record.layers:
            return
        shape, head = self._shape, self._HEAD
        passes = vectors[:, head : head + shape.layers].double()
        start = head + shape.layers
        before = vectors[:, start : start + shape.values]
        after = vectors[:, start + shape.values : start + 2 * shape.values]
        sent = record.after.sent - record.before.sent if self._sends_buffers else 0
        if sent:
            before = before[:1].expand_as(before)
        if sent > 1:  # of several passes only what is left of the last one is known, and not with what it was mixed
            passes[1:] = passes[1:].where(passes[1:] == 1, 0)
        momenta = (record.before.momenta, record.after.momenta)
        batches = torch.stack(
            [
                recovered(record.layers, one, other, count.nan_to_num(0), *momenta)
                for one, other, count in zip(before, after, passes, strict=True)
            ]
        )
        for layer, offset in zip(record.layers, _offsets(record.layers), strict=True):
            for quantity, table in zip((*QUANTITIES, *BATCH), (after, after, batches, batches), strict=True):
                begin = offset + (layer.channels if quantity.endswith("var") else 0)
                rows = table[:, begin : begin + layer.channels]
                if not bool(rows.isnan().all()):
                    tag = f"batchnorm/{layer.name}/ranks_{quantity}"
                    yield _events.tensor(tag, _bytes(rows), (len(rows), layer.channels))

    def _affine(self, record: Record, vectors: Sequence[Tensor]) -> Iterator[bytes]:
        """γ and β put together from the ranks' parts, where FSDP has divided them: parts lie in the ranks' order."""
        if all(count == layer.channels for layer, _, count in record.affine.names):
            return
        shape = self._shape
        start = self._HEAD + shape.layers + 2 * shape.values
        counts = [vector[start : start + shape.parameters].int().tolist() for vector in vectors]
        parts = [
            vector[start + shape.parameters :].split([*held, shape.affine - sum(held)])
            for vector, held in zip(vectors, counts, strict=True)
        ]
        for place, (layer, name, _) in enumerate(record.affine.names):
            whole = torch.cat([part[place] for part in parts])
            if len(whole) == layer.channels:
                yield _events.tensor(f"batchnorm/{layer.name}/{name}", _bytes(whole), (layer.channels,))
