"""``normscope.attach``: watching and steering for a program that asks for it."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn
from torch.optim import Optimizer

from normscope._files import _directory
from normscope._files._place import Options
from normscope._run import Run
from normscope._steering import Evaluate, Save
from normscope._training import _watch
from normscope._training._models import Model


def attach(
    model: nn.Module | Mapping[str, nn.Module],
    optimizer: Optimizer | Sequence[Optimizer],
    scheduler: Any = None,
    *,
    name: str | None = None,
    runs: str | Path = "runs",
    evaluate: Evaluate | None = None,
    data: Iterable[Any] | None = None,
    save: Save | None = None,
    config: Mapping[str, Any] | None = None,
    resume: str | Path | None = None,
) -> Run:
    """Watches a training and lets the dashboard steer it.

    Steps are seen by themselves; ``run.steps(loader)`` or ``run.step()`` say where one ends if that matters. Under
    ``torch.distributed`` every rank calls it with the same arguments; rank 0 writes.

    Args:
        model: the network, wrapped or not; several under names (``{"netG": …, "netD": …}``).
        optimizer: what trains it; several in a list.
        scheduler: the learning-rate scheduler or schedulers, for checkpoints; found by itself where it is not given.
        name: the run's name; ``NAME-2`` and so on where that is taken. The script's name where it is not given.
        runs: the folder of runs.
        evaluate: what the key ``e`` calls; gives numbers by name, such as ``{"loss": 0.3, "accuracy": 0.9}``, which are
            recorded under ``val/``. Modes and random states are put back afterwards. Under ``torch.distributed`` every
            rank calls it.
        data: batches of the training, for commands that measure normalization layers.
        save: writes a checkpoint to the path that it is given, instead of ours.
        config: what the run was asked to do, for the table of runs.
        resume: ``"auto"`` goes on from the newest checkpoint of the run ``name``, if there is one, in the same run
        directory:
            model, optimizer, scheduler, random states, step. A path loads that checkpoint.

    Raises:
        RuntimeError: if PyTorch is too old.
        normscope._files._checkpoint.CheckpointError: if what is to be resumed can't be read or does not fit.
    """
    problem = _watch.version_problem()
    if problem:
        raise RuntimeError(problem)
    launched = _watch.observer()
    options = launched.options if isinstance(launched, Run) else Options(runs=Path(runs))
    options.name = name or options.name or Path(sys.argv[0]).stem
    models = [Model(key, one) for key, one in model.items()] if isinstance(model, Mapping) else [Model("", model)]
    schedulers = None if scheduler is None else list(scheduler) if isinstance(scheduler, (list, tuple)) else [scheduler]
    run = Run(
        options,
        models=models,
        optimizers=[optimizer] if isinstance(optimizer, Optimizer) else list(optimizer),
        schedulers=schedulers,
        evaluate=evaluate,
        data=data,
        save=save,
        config=config,
        on_start=launched.on_start if isinstance(launched, Run) else None,
    )
    if resume is not None:
        run.resume(_checkpoint_of(resume, options))
    _watch.install()
    _watch.observe(run)
    atexit.register(run.close_at_exit)
    return run


def _checkpoint_of(resume: str | Path, options: Options) -> Path | None:
    if str(resume) != "auto":
        return Path(resume)
    return _directory.newest_checkpoint(options.runs / _directory.run_name(options.name))
