"""The optimizers of a training, and what comes of their steps: losses, rates, norms of gradients."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.optim import Optimizer

from normscope._recording._statistics import HostCopy
from normscope._training import _models

_POINTS = 64  # of a loss in one record, about
_PATIENCE = 16  # steps of another optimizer after which the one whose steps are counted has been given up

Loss = float | Tensor  # a number, or a tensor on a device that is read with the next record


@dataclass
class Losses:
    """The losses of some steps under a tag; ``values`` are on their way from a device, or numbers."""

    tag: str
    steps: list[int]
    values: HostCopy | list[float]

    def wait(self) -> list[tuple[int, float]]:
        """Steps and numbers."""
        numbers = self.values.wait().tolist() if isinstance(self.values, HostCopy) else self.values
        return list(zip(self.steps, numbers, strict=True))


@dataclass
class Source:
    """An optimizer by a weak reference, and what came of its steps since the last record.

    ``name`` is empty for the only one of a training.
    """

    name: str
    reference: weakref.ref[Optimizer]
    losses: list[tuple[int, Loss]] = field(default_factory=list)
    gradient: HostCopy | None = None

    def note(self, step: int, loss: Loss | None) -> None:
        """A step was taken, and ``loss`` led to it."""
        if loss is not None:
            self.losses.append((step, loss))

    def tag(self, quantity: str) -> str:
        """``train/loss``, or ``train/loss/netD``."""
        return f"{quantity}/{self.name}" if self.name else quantity


class PendingLosses:
    """The losses since gradients were zero, which the next step takes."""

    def __init__(self) -> None:
        self._losses: list[Loss] = []
        self._evaluations = -1  # of the closure in the present step; -1: no step is under way

    def note(self, loss: Loss) -> None:
        """``backward()`` was called on a loss."""
        if self._evaluations == 0:
            self._evaluations = 1
        if self._evaluations < 2:
            self._losses.append(loss)

    def forget(self) -> None:
        """Gradients were set to zero: another sum of losses begins."""
        if self._evaluations > 0:
            self._evaluations = 2
        else:
            self._losses.clear()

    def begin(self) -> None:
        """A step begins. Of a closure that it calls several times, as LBFGS does, the first loss is the step's.

        That is the one which ``step(closure)`` returns.
        """
        self._evaluations = 0

    def take(self) -> Loss | None:
        """The sum of the losses that led to a step, which ends here; None where nothing told of one."""
        self._evaluations = -1
        losses = self._losses
        if not losses:
            return None
        total = losses[0] if len(losses) == 1 else sum(losses)
        losses.clear()
        return total


class Sources:
    """All optimizers of a training.

    The steps of one of them, ``lead``, are the training's. Between two of those stands the last one to step before the
    lead does again, ``tail``: only after it are all of a step's parameters updated.
    """

    def __init__(
        self,
        optimizers: Sequence[Optimizer],
        names: Mapping[int, str],
        lead: Optimizer,
        pending: PendingLosses | None = None,
    ) -> None:
        self._sources = {id(one): Source(names[id(one)], weakref.ref(one)) for one in optimizers}
        self.lead = self._sources[id(lead)]
        self.tail = self.lead if len(self._sources) == 1 else None  # not known before the lead's second step
        self._last: Source | None = None
        self._without_lead = 0
        self.pending = pending or PendingLosses()
        self.takes_gradients = False

    def __iter__(self) -> Iterator[Source]:
        return iter(self._sources.values())

    def find(self, optimizer: Optimizer) -> Source | None:
        """What is kept of an optimizer; None if it is new."""
        source = self._sources.get(id(optimizer))
        return source if source is not None and source.reference() is optimizer else None

    def add(self, optimizer: Optimizer, name: str) -> Source:
        """Takes in one that was made later, whose steps count from now on; those that are gone are dropped.

        Whether the former lead is gone already is up to the garbage collector, which may have run on one rank and not
        on another: so it is no reason for anything.
        """
        source = Source(name, weakref.ref(optimizer))
        alive = {key: one for key, one in self._sources.items() if one.reference() is not None}
        self._sources = alive | {id(optimizer): source}
        self.lead = self.tail = source
        self._last = None
        self._without_lead = 0
        return source

    def living(self) -> list[tuple[str, Optimizer]]:
        """Names and optimizers."""
        return [(source.name, one) for source in self if (one := source.reference()) is not None]

    @property
    def only(self) -> Source | None:
        """The one whose every step is one of the training's, where there is one alone."""
        return self.lead if len(self._sources) == 1 and self.tail is self.lead else None

    @property
    def are_gone(self) -> bool:
        """Whether the program has dropped all of them."""
        return not self.living()

    # Steps

    def counts(self, source: Source) -> bool:
        """Whether this step of ``source`` is one of the training's; called once at each."""
        if source is not self.lead:
            self._without_lead += 1
            if self._without_lead <= _PATIENCE and self.lead.reference() is not None:
                self._last = source
                return False
            self.lead = source
        self._without_lead = 0
        if self._last is not None or len(self._sources) == 1:
            self.tail = self._last or source
        self._last = source
        return True

    def assign(self, source: Source, step: int, optimizer: Optimizer) -> None:
        """The losses since gradients were zero led to this step."""
        source.note(step, self.pending.take())
        if self.takes_gradients:
            source.gradient = gradient_norm(optimizer)

    # Records

    def take_losses(self) -> list[Losses]:
        """The losses since the last record, of each tag some sixty at most."""
        taken = []
        for source in self:
            if source.losses:
                taken.append(_taken(source.tag("train/loss"), source.losses))
                source.losses = []
        return taken

    def take_gradients(self) -> list[tuple[str, HostCopy]]:
        """Tags and norms of the gradients of the last step."""
        taken = [(source.tag("train/grad_norm"), source.gradient) for source in self if source.gradient is not None]
        for source in self:
            source.gradient = None
        return taken

    def rates(self) -> dict[str, float]:
        """Tags and learning rates of all groups: ``lr`` for the first, ``lr/1`` and so on, by name if there is one."""
        rates: dict[str, float] = {}
        for name, optimizer in self.living():
            for place, group in enumerate(optimizer.param_groups):
                words = ["lr", name, str(group.get("name", place)) if place else ""]
                tag = "/".join(word for word in words if word)
                while tag in rates:
                    tag += "-2"
                rates[tag] = float(group.get("lr", math.nan))
        if rates and "lr" not in rates:
            rates = {"lr": next(iter(rates.values())), **rates}
        return rates

    @property
    def rate(self) -> float:
        """The learning rate of the first group of the lead."""
        optimizer = self.lead.reference()
        return float(optimizer.param_groups[0]["lr"]) if optimizer is not None else math.nan


def number(loss: Tensor | float) -> Loss:
    """A loss of one element as a number where it is on the CPU, else as it is, without waiting for its device."""
    if not isinstance(loss, Tensor):
        return float(loss)
    return float(loss.item()) if loss.is_cpu else loss.detach()


def _taken(tag: str, losses: list[tuple[int, Loss]]) -> Losses:
    numbers = [(step, loss) for step, loss in losses if isinstance(loss, float)]
    if len(numbers) == len(losses):
        kept = thinned(numbers)
        return Losses(tag, [step for step, _ in kept], [loss for _, loss in kept])
    tensors = [torch.as_tensor(loss).reshape(()).float() for _, loss in losses]
    device = next(loss.device for _, loss in losses if isinstance(loss, Tensor))
    stacked = torch.stack([tensor.to(device) for tensor in tensors])
    return Losses(tag, [step for step, _ in losses], HostCopy(stacked))


def thinned(losses: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Of many steps some sixty: of each stretch the least and the greatest loss, so that no spike is lost."""
    if len(losses) <= _POINTS:
        return losses
    size = math.ceil(len(losses) / (_POINTS // 2))
    kept = []
    for begin in range(0, len(losses), size):
        stretch = losses[begin : begin + size]
        values = [value for _, value in stretch]
        kept += [stretch[place] for place in sorted({_place_of(min, values), _place_of(max, values)})]
    return kept


def _place_of(pick: Callable[[Sequence[float]], float], values: Sequence[float]) -> int:
    """Where the least or the greatest value is; one that is not a number comes before all."""
    for place, value in enumerate(values):
        if math.isnan(value):
            return place
    return values.index(pick(values))


def gradient_norm(optimizer: Optimizer) -> HostCopy | None:
    """The 2-norm of all gradients that an optimizer has just used; of sharded ones, of this rank's part."""
    alike: dict[tuple[torch.device, torch.dtype], list[Tensor]] = {}
    for parameter in _models.parameters_of(optimizer):
        gradient = parameter.grad
        if gradient is not None and not gradient.is_sparse:
            local: Tensor = gradient.to_local() if hasattr(gradient, "to_local") else gradient
            alike.setdefault((local.device, local.dtype), []).append(local)
    if not alike:
        return None
    norms = [norm.float() for gradients in alike.values() for norm in torch._foreach_norm(gradients)]
    return HostCopy(torch.linalg.vector_norm(torch.stack([norm.to(norms[0].device) for norm in norms])))
