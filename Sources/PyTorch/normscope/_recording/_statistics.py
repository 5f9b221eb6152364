"""Statistics of normalization layers: what is copied at a step, and the batch statistics that follow from two copies.

A layer's running statistics move with each forward pass in training mode: r ← (1−m)·r + m·b, where b are the batch's
(the variance unbiased) and m is the layer's momentum. So between two copies d passes apart, with q = (1−m)^d, the
weighted mean of those batches is b = (r′ − q·r) / (1 − q), and no pass over the activations is needed. Where that does
not work (m is 0 or None, or nothing is tracked), a hook on the layer computes them, for the recorded steps alone.

Letters: C channels of a layer, L layers, V values of all layers together.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from normscope._ranks import _buffers

QUANTITIES = ("running_mean", "running_var")
_PIECE = 1 << 14  # values at a time: so few that torch starts no threads beside the training's
_NO_COUNT = torch.zeros(1, dtype=torch.int64)


class HostCopy:
    """A tensor on its way to the CPU: the copy is asked for at once and waited for by whoever needs the numbers.

    From a GPU it goes into pinned memory on the current stream, so that the training thread waits for nothing. A tensor
    that is on the CPU already is taken as it is: it must be nobody else's.
    """

    def __init__(self, source: Tensor) -> None:
        self._event: Any = None
        if source.device.type == "cuda":
            self._tensor = torch.empty(source.shape, dtype=source.dtype, pin_memory=True)
            self._tensor.copy_(source, non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record()
        else:
            self._tensor = source.cpu()  # the same tensor where it is there already: nobody else may change it

    def wait(self) -> Tensor:
        """The numbers, once they are there."""
        if self._event is not None:
            self._event.synchronize()
            self._event = None
        return self._tensor


def flattened(tensors: Sequence[Tensor]) -> list[HostCopy]:
    """Copies of the values of 1-D ``tensors`` one after the other, one for each run of the same device and type."""
    copies: list[HostCopy] = []
    begin = 0
    with torch.no_grad():
        for place, tensor in enumerate(tensors):
            first = tensors[begin]
            if tensor.dtype != first.dtype or tensor.device != first.device:
                copies.append(HostCopy(torch.cat(list(tensors[begin:place]))))
                begin = place
        if tensors:
            copies.append(HostCopy(torch.cat(list(tensors[begin:]))))
    return copies


def joined(copies: Sequence[HostCopy]) -> Tensor:
    """``[V]`` float32: what ``flattened`` copied, in order."""
    parts = [copy.wait().float() for copy in copies]
    if not parts:
        return torch.empty(0)
    return parts[0] if len(parts) == 1 else torch.cat(parts)


@dataclass(frozen=True)
class Copy:
    """The running statistics of all layers at the end of one step, and what they depend on.

    ``values`` are, layer by layer, running mean and running variance; ``batches`` are the layers' num_batches_tracked.
    """

    values: list[HostCopy]
    batches: list[HostCopy]
    momenta: list[float]  # NaN: no batch statistics follow from the running ones
    sent: int  # times that DDP has sent rank 0's buffers to all ranks

    def tensors(self) -> tuple[Tensor, Tensor]:
        """``[V]`` float32 and ``[L]`` float64 on the CPU."""
        return joined(self.values), joined_counts(self.batches)


def joined_counts(copies: Sequence[HostCopy]) -> Tensor:
    """``[L]`` float64, exact up to 2⁵³."""
    return torch.cat([copy.wait().double() for copy in copies]) if copies else torch.empty(0, dtype=torch.float64)


@dataclass(frozen=True)
class Affine:
    """γ and β of all layers at the end of a step: whose they are, under what name, how many; and their values."""

    names: list[tuple[Layer, str, int]]
    values: list[HostCopy]


def batch_statistics(before: Tensor, after: Tensor, momentum: Tensor, passes: Tensor) -> Tensor:
    """The weighted mean of the statistics of the batches between two copies of the running ones.

    Args:
        before: ``[V]`` running statistics at the first copy.
        after: ``[V]`` at the second one.
        momentum: ``[V]`` of the layer that each value belongs to.
        passes: ``[V]`` forward passes in training mode between the copies.

    Returns:
        ``[V]`` float32; NaN where no pass lies between. Variances are unbiased. The relative error is about that of
        float32 divided by the momentum.
    """
    pieces = zip(*(tensor.split(_PIECE) for tensor in (before, after, momentum, passes)), strict=True)
    return torch.cat([_batch_statistics(*piece) for piece in pieces]) if len(after) else after


def _batch_statistics(before: Tensor, after: Tensor, momentum: Tensor, passes: Tensor) -> Tensor:
    kept = (1 - momentum.double()) ** passes.double()
    recovered = (after.double() - kept * before.double()) / (1 - kept)
    return torch.where(passes > 0, recovered, torch.nan).float()


@dataclass
class Layer:
    """A normalization layer by the name that charts show; held by a weak reference.

    ``prefixes`` are the bytes that its values begin with in the event log, kept by who writes them.
    """

    name: str
    reference: weakref.ref[_BatchNorm]
    channels: int
    hooked: dict[str, list[Tensor]] = field(default_factory=dict)
    prefixes: dict[str, bytes] = field(default_factory=dict)

    @property
    def module(self) -> _BatchNorm:
        """The layer.

        Raises:
            ReferenceError: if the program has dropped it.
        """
        module = self.reference()
        if module is None:
            raise ReferenceError(f"the layer {self.name} is gone")
        return module

    @property
    def tracks(self) -> bool:
        """Whether it keeps running statistics."""
        buffers = self.module._buffers
        return buffers.get("running_mean") is not None and buffers.get("running_var") is not None

    @property
    def momentum(self) -> float:
        """Its momentum; NaN for ``momentum=None``, the cumulative average."""
        momentum = self.module.momentum
        return math.nan if momentum is None else float(momentum)

    @property
    def follows_from_running(self) -> bool:
        """Whether batch statistics follow from the running ones."""
        return self.tracks and 0 < self.momentum <= 1 and self.module._buffers.get("num_batches_tracked") is not None


class NormalizationLayers:
    """The normalization layers that a run records."""

    def __init__(
        self,
        named: Sequence[tuple[str, _BatchNorm]],
        *,
        allows_hooks: bool,
        flat: Mapping[tuple[int, str], Callable[[], Tensor]] | None = None,
    ) -> None:
        """Looks for the layers that are ready.

        Args:
            named: layers by name.
            allows_hooks: false under torch.compile, which would trace a hook in.
            flat: by a module's id and a parameter's name what this rank holds of it, where FSDP keeps it elsewhere.
        """
        self._flat = flat or {}
        self.layers = [
            Layer(name, weakref.ref(module), int(module.num_features)) for name, module in named if _is_ready(module)
        ]
        # What copies hold, in this order.
        self.tracking = [layer for layer in self.layers if layer.tracks]
        self._allows_hooks = allows_hooks
        self._handles: list[Any] = []

    def __len__(self) -> int:
        return len(self.layers)

    def copy(self) -> Copy | None:
        """The running statistics now; None where no layer keeps any."""
        values: list[Tensor] = []
        counts: list[Tensor] = []
        momenta: list[float] = []
        for layer in self.tracking:
            module = layer.module
            buffers, momentum = module._buffers, module.momentum
            mean, variance, count = (buffers[name] for name in (*QUANTITIES, "num_batches_tracked"))
            if mean is None or variance is None:
                return None  # the program has changed the layer
            values += (mean, variance)
            follows = count is not None and momentum is not None and 0 < momentum <= 1
            momenta.append(float(momentum) if follows and momentum is not None else math.nan)
            counts.append(_NO_COUNT if count is None else count.reshape(1))
        return Copy(flattened(values), flattened(counts), momenta, _buffers.sent()) if values else None

    def affine(self) -> Affine:
        """γ (``weight``) and β (``bias``) of all layers that have them, as they are: under FSDP a rank's part."""
        names: list[tuple[Layer, str, int]] = []
        values: list[Tensor] = []
        for layer in self.layers:
            parameters = layer.module._parameters
            for name in ("weight", "bias"):
                parameter = parameters.get(name)
                flat = self._flat.get((id(layer.module), name)) if self._flat else None
                if flat is not None:
                    local = flat()
                elif parameter is not None:
                    local = _local(parameter)
                else:
                    continue
                values.append(local)
                names.append((layer, name, len(local)))
        return Affine(names, flattened(values))

    def watch(self) -> None:
        """Computes batch statistics of the next step where they don't follow from running ones."""
        if not self._allows_hooks:
            return
        for layer in self.layers:
            layer.hooked = {}
            if not layer.follows_from_running:
                self._handles.append(layer.module.register_forward_pre_hook(_measuring(layer)))

    def watched(self) -> list[tuple[Layer, Tensor]]:
        """``[2, C]`` mean and biased variance of each layer that ``watch`` measured, which ends here."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        found = []
        for layer in self.layers:
            if layer.hooked:
                pair = [torch.stack(layer.hooked[name]).mean(0) for name in ("mean", "var")]
                found.append((layer, torch.stack(pair)))
                layer.hooked = {}
        return found


def _is_ready(module: _BatchNorm) -> bool:
    """Whether it has its channels: a lazy layer has none before its first batch."""
    return isinstance(module.num_features, int) and module.num_features > 0


def _local(parameter: Tensor) -> Tensor:
    """What of a parameter this rank holds: a DTensor's own part, anything else as it is."""
    to_local = getattr(parameter, "to_local", None)
    return parameter if to_local is None else to_local()


def _measuring(layer: Layer) -> Any:
    def measure(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if not module.training:
            return
        values = inputs[0].detach()
        sides = [side for side in range(values.dim()) if side != 1]
        variance, mean = torch.var_mean(values.float(), sides, correction=0)
        layer.hooked.setdefault("mean", []).append(mean)
        layer.hooked.setdefault("var", []).append(variance)

    return measure
