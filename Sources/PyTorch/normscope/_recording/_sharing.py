"""The statistics of all ranks side by side: what each sends to rank 0 at a record, and what is written of it."""

from __future__ import annotations

import functools
import json
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from normscope._files import _events
from normscope._ranks._ranks import PendingGather, Ranks
from normscope._recording._recorder import Recorder
from normscope._recording._recording import BATCH, Record, content_of, offsets, recovered
from normscope._recording._statistics import QUANTITIES, NormalizationLayers, joined
from normscope._training._training import Training

_RATES = ("images_per_second", "steps_per_second")


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
        for layer, offset in zip(record.layers, offsets(record.layers), strict=True):
            for quantity, table in zip((*QUANTITIES, *BATCH), (after, after, batches, batches), strict=True):
                begin = offset + (layer.channels if quantity.endswith("var") else 0)
                rows = table[:, begin : begin + layer.channels]
                if not bool(rows.isnan().all()):
                    tag = f"batchnorm/{layer.name}/ranks_{quantity}"
                    yield _events.tensor(tag, content_of(rows), (len(rows), layer.channels))

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
                yield _events.tensor(f"batchnorm/{layer.name}/{name}", content_of(whole), (layer.channels,))


class SharedStatistics:
    """The ranks' statistics on their way to rank 0, and whether they can be laid side by side at all."""

    def __init__(self, ranks: Ranks, training: Training) -> None:
        """Called by all ranks."""
        self._ranks = ranks
        self._sharings: deque[tuple[Record, Sharing]] = deque()  # the oldest first
        self.agree(training)

    def agree(self, training: Training) -> None:
        """Finds out what all ranks' layers have in common; called by all ranks."""
        self._layers = training.layers
        self._shape = Shape.agree(self._ranks, training.layers)

    def knows(self, layers: NormalizationLayers) -> bool:
        """Whether these are the layers that the ranks agreed on."""
        return layers is self._layers

    def disagree(self) -> None:
        """Other layers train now: nothing is shared until the ranks have agreed again."""
        self._shape = None

    def share(self, record: Record, training: Training, recorder: Recorder | None) -> None:
        """Sends this rank's part of a record on its way; called by all ranks at the same step."""
        if self._shape is None:
            return
        sharing = Sharing.begin(self._ranks, self._shape, record, sends_buffers=training.sends_buffers)
        if recorder is not None:
            self._sharings.append((record, sharing))

    def submit(self, recorder: Recorder | None) -> None:
        """Hands over what has arrived: the thread that writes must wait for no rank."""
        while self._sharings and self._sharings[0][1].has_ended:
            record, sharing = self._sharings.popleft()
            if recorder is not None:
                recorder.submit(functools.partial(sharing.events, record))

    def drop(self) -> None:
        """Forgets what has not arrived."""
        self._sharings.clear()
