"""What trains: models, optimizers, normalization layers, and how far they are."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from torch import nn
from torch.optim import Optimizer

from normscope._recording._histograms import ParameterHistograms
from normscope._recording._recording import Constants, Record
from normscope._recording._statistics import Copy, HostCopy, NormalizationLayers
from normscope._training import _models, _settings
from normscope._training._models import Model
from normscope._training._progress import Progress
from normscope._training._sources import PendingLosses, Source, Sources


class Training:
    """A training as it is found at its first step, or as a program hands it to us.

    Nothing here keeps a model or an optimizer alive.
    """

    layers: NormalizationLayers
    constants: Constants
    histograms: ParameterHistograms
    is_sharded: bool
    sends_buffers: bool

    def __init__(
        self,
        optimizer: Optimizer,
        progress: Progress,
        frame: FrameType | None,
        *,
        models: Sequence[Model] = (),
        optimizers: Sequence[Optimizer] = (),
        pending: PendingLosses | None = None,
    ) -> None:
        """Looks around.

        Args:
            optimizer: the one that took the first step.
            progress: how far it is.
            frame: where the program is at that step.
            models: what trains, where the program says so.
            optimizers: likewise.
            pending: the losses that led to that step.
        """
        every = list(optimizers) or _models.live_optimizers(optimizer)
        if all(one is not optimizer for one in every):
            every.insert(0, optimizer)
        found = _models.find(every, frame)
        self.is_given = bool(models)
        self.models = list(models) or found.models
        self.progress = progress
        self.sources = Sources(every, found.optimizer_names, optimizer, pending)
        self.settings = _settings.found(every, self.models, frame)
        progress.epochs = progress.epochs or _settings.epochs(self.settings)
        self._look_into()

    def _look_into(self) -> None:
        roots = list(self.roots())
        compiled = any(_models.is_compiled(root) for root in roots)
        layers = [layer for model in self.models for layer in model.normalization_layers()]
        flat = {key: part for root in roots for key, part in _models.flat_parameters(root).items()}
        self.layers = NormalizationLayers(layers, allows_hooks=not compiled, flat=flat)
        self.constants = Constants(self.layers)
        self.is_sharded = any(_models.is_sharded(root) for root in roots)
        self.sends_buffers = any(_models.sends_buffers(root) for root in roots)
        self.histograms = ParameterHistograms([] if self.is_sharded else list(self._named_parameters()))

    def roots(self) -> Iterator[nn.Module]:
        """The outermost modules that are still there."""
        for model in self.models:
            root = model.root
            if root is not None:
                yield root

    def _named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        for model in self.models:
            root = model.root
            if root is not None:
                for name, parameter in _models.named_parameters(root):
                    yield model.qualified(name), parameter

    def is_over(self, optimizer: Optimizer) -> bool:
        """Whether a new optimizer belongs to another training: none of this one's lives, nor is its model ours."""
        if self.is_given:
            return False
        if not self.sources.are_gone:
            gc.collect()  # optimizers and their schedulers hold each other
        new = {id(parameter) for parameter in _models.parameters_of(optimizer)}
        ours = any(id(parameter) in new for root in self.roots() for parameter in root.parameters())
        return self.sources.are_gone and not ours

    @property
    def names(self) -> str:
        """What trains, in words."""
        words = [model.name or type(_models.unwrapped(root)).__name__ for model in self.models if (root := model.root)]
        return ", ".join(words) or "tensors of no module"

    def add(self, optimizer: Optimizer, frame: FrameType | None) -> Source:
        """Takes in an optimizer that was made later, for another phase or another model."""
        if not self.is_given:
            known = {id(_models.unwrapped(root)) for root in self.roots()}
            found = _models.find([optimizer], frame).models
            fresh = [one for one in found if (root := one.root) and id(_models.unwrapped(root)) not in known]
            if fresh:
                self.models = [model for model in self.models if model.root is not None] + fresh
                self._look_into()
        return self.sources.add(optimizer, "")

    def copy(self) -> Copy | None:
        """The running statistics now; None where there are none, or the program has dropped a layer."""
        try:
            return self.layers.copy()
        except ReferenceError:
            self._look_again()
            return None

    def record(self, before: Copy | None) -> Record:
        """What is known at the end of this step; ``before`` are the running statistics at the one before."""
        try:
            return self._record(before)
        except ReferenceError:
            self._look_again()
            return self._record(None)

    def _look_again(self) -> None:
        """The program has dropped a layer: what is left of the models is looked through anew."""
        self.models = [model for model in self.models if model.root is not None]
        self._look_into()

    def _record(self, before: Copy | None) -> Record:
        return Record(
            step=self.progress.global_step,
            time=time.time(),
            layers=self.layers.tracking,
            before=before,
            after=self.layers.copy(),
            watched=[(layer, HostCopy(pair)) for layer, pair in self.layers.watched()],
            affine=self.layers.affine(),
            constants=self.constants.changed(),
            losses=self.sources.take_losses(),
            gradients=self.sources.take_gradients(),
            scalars=self.sources.rates() | self.progress.take_rates(),
        )

    def schedulers(self) -> list[Any]:
        """The learning-rate schedulers that a program steps."""
        return _models.outer_schedulers(_models.schedulers_of([one for _, one in self.sources.living()]))
