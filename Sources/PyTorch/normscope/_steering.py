"""Carrying commands out on a training, each with an answer in words."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from normscope._files import _checkpoint, _directory
from normscope._files._commands import Amount, Command, CommandError
from normscope._ranks._ranks import Ranks
from normscope._training import _models
from normscope._training._training import Training

Save = Callable[[Path], None]
Evaluate = Callable[[], Mapping[str, float]]
Log = Callable[[str, float], None]


class Ending(Exception):  # noqa: N818  (it is no error)
    """A command ends the run; the message is its answer. ``is_hard``: without giving the program a say."""

    def __init__(self, answer: str, *, is_hard: bool = False) -> None:
        super().__init__(answer)
        self.is_hard = is_hard


class Steering:
    """What a training can be asked to do.

    ``directory`` is the run's, on all ranks; rank 0 alone writes there.
    """

    def __init__(
        self,
        training: Training,
        directory: Path | None,
        ranks: Ranks | None,
        *,
        evaluate: Evaluate | None,
        save: Save | None,
        schedulers: list[Any] | None,
        log: Log,
    ) -> None:
        self._training = training
        self._directory = directory
        self._ranks = ranks
        self._evaluate = evaluate
        self._save = save
        self._schedulers = schedulers
        self._log = log

    def abilities(self) -> list[str]:
        """What ``status.json`` says this run can."""
        can = ["pause", "resume", "checkpoint", "set lr", "set pace", "stop", "kill"]
        if self._evaluate is not None:
            can.append("evaluate")
        if len(self._training.layers):
            can.append("set momentum")
        return can

    def carry_out(self, command: Command) -> str:
        """What was done, in words.

        Raises:
            CommandError: with the reason, if it can't be done.
            Ending: if the run is to end.
        """
        progress = self._training.progress
        step = progress.global_step
        match command.word:
            case "pause":
                progress.paused = True
                return f"paused at step {step}"
            case "resume":
                progress.paused = False
                progress.go_on()
                return f"training goes on from step {step}"
            case "checkpoint":
                return f"wrote {self._write_checkpoint()}"
            case "evaluate":
                return self._run_evaluation()
            case "stop":
                raise Ending(f"stopping at step {step}: wrote {self._write_checkpoint()}")
            case "kill":
                raise Ending(f"ended at step {step} without a checkpoint", is_hard=True)
        return self._set(command.key, command.value)

    # Settings

    def _set(self, key: str, value: str) -> str:
        if key == "lr":
            return self._set_rate(Amount.parse(value, "a learning rate such as 0.01, or a factor such as *0.5"))
        if key == "pace":
            return self._set_pace(value)
        if key == "momentum" or key.startswith("momentum."):
            return self._set_momentum(key.partition(".")[2], value)
        raise CommandError(f"unknown setting {key[:40]!r}: expected lr, momentum or pace")

    def _set_rate(self, amount: Amount) -> str:
        """Scales every group's rate, and what the schedulers begin with, so that a schedule goes on in proportion."""
        sources = self._training.sources
        optimizers = [one for _, one in sources.living()]
        schedulers = _models.schedulers_of(optimizers)
        current = sources.rate
        wanted = amount.of(current)
        factor = wanted / current if current else None
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                _scale_group(group, factor, wanted)
        if factor is not None:
            for scheduler in schedulers:
                _scale_scheduler(scheduler, factor)
        more = "" if schedulers else " (no scheduler of torch's was found: it holds until the program sets another)"
        return f"learning rate {current:.4g} → {sources.rate:.4g}{more}"

    def _set_momentum(self, name: str, value: str) -> str:
        momentum = None if value.lower() == "none" else _momentum(value)
        every = self._training.layers.layers
        layers = [layer for layer in every if not name or layer.name == name]
        if not layers:
            known = ", ".join(layer.name for layer in every[:8]) or "none"
            raise CommandError(f"there is no normalization layer {name!r}; there are: {known}")
        former = {str(layer.module.momentum) for layer in layers}
        for layer in layers:
            layer.module.momentum = momentum
        where = layers[0].name if len(layers) == 1 else f"{len(layers)} layers"
        return f"momentum of {where} {former.pop() if len(former) == 1 else 'of several values'} → {momentum}"

    def _set_pace(self, value: str) -> str:
        progress = self._training.progress
        if value.lower() != "full":
            amount = Amount.parse(value, "steps a second such as 50, a factor such as *2, or full")
            progress.pace = self._pace(amount)
        else:
            progress.pace = None
        return "pace full" if progress.pace is None else f"pace {progress.pace:g} steps a second"

    def _pace(self, amount: Amount) -> float | None:
        """Full speed is slowed down from the pace that is reached; one that is not kept up with is full speed."""
        progress = self._training.progress
        reached = 1 / progress.usual_step if progress.usual_step else 0.0
        if not amount.is_factor:
            return amount.number if amount.number > 0 else 1.0
        if progress.pace is None and (amount.number >= 1 or not reached):
            return None
        if progress.pace is not None and amount.number > 1 and reached and reached < 0.8 * progress.pace:
            return None
        return max(1.0, float(round(amount.of(progress.pace or reached))))

    # Evaluation and checkpoints

    def _run_evaluation(self) -> str:
        if self._evaluate is None:
            raise CommandError("nothing says how to: pass evaluate= to normscope.attach")
        modes = [(module, module.training) for root in self._training.roots() for module in root.modules()]
        try:
            with _checkpoint.same_random_state():
                found = self._evaluate()
        finally:
            for module, mode in modes:
                module.training = mode
        if not isinstance(found, Mapping) or not found:
            raise CommandError('evaluate has to give numbers by name, such as {"loss": 0.3, "accuracy": 0.9}')
        numbers = {name if "/" in name else f"val/{name}": float(value) for name, value in found.items()}
        for tag, number in numbers.items():
            self._log(tag, number)
        return ", ".join(f"{tag} {number:.4g}" for tag, number in numbers.items())

    def _write_checkpoint(self) -> str:
        """Writes one and gives its name. All ranks take part; rank 0 writes."""
        progress = self._training.progress
        name = _directory.checkpoint_name(progress.global_step)
        random_state = self._random_state()
        writes = self._ranks is None or self._ranks.rank == 0
        path = self._directory / "checkpoints" / name if self._directory is not None else None
        if self._save is not None:
            if path is not None and (writes or self._training.is_sharded):
                path.parent.mkdir(exist_ok=True)
                self._save(path)
        elif writes or self._training.is_sharded:
            state = _checkpoint.collect(
                self._training.models,
                self._training.sources.living(),
                self._training.schedulers() if self._schedulers is None else self._schedulers,
                grad_scalers(),
                epoch=progress.epoch,
                global_step=progress.global_step,
                random_state=random_state,
                time=time.time(),
            )
            if path is not None and writes:  # only now: what fails on one rank must not leave the others waiting
                path.parent.mkdir(exist_ok=True)
                _checkpoint.write(state, path)
        return name

    def _random_state(self) -> Any:
        """This process's random states; of several ranks a list of all of theirs."""
        own = _checkpoint.random_state()
        if self._ranks is None:
            return own
        buffer = io.BytesIO()
        torch.save(own, buffer)
        parts = self._ranks.all_gather(buffer.getvalue())
        return [torch.load(io.BytesIO(part), weights_only=True) for part in parts]


def answer_to_failure(command: Command, error: Exception) -> str:
    """Why a command failed, in one line."""
    if isinstance(error, (CommandError, _checkpoint.CheckpointError)):
        return f"{command} failed: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{command} failed: {error.strerror}"
    words = str(error).splitlines()
    return f"{command} failed: {type(error).__name__}{': ' + words[0] if words else ''}"


def grad_scalers() -> list[Any]:
    """The gradient scalers of mixed precision that are in use."""
    kinds = tuple(
        kind
        for name in ("torch.amp.grad_scaler", "torch.cuda.amp.grad_scaler")
        if (kind := getattr(sys.modules.get(name), "GradScaler", None)) is not None
    )
    return [scaler for scaler in _models.live_objects(kinds) if scaler.is_enabled()] if kinds else []


def _momentum(value: str) -> float:
    momentum = Amount.parse(value, "a momentum from 0 to 1 such as 0.1, or None")
    if momentum.number > 1 or momentum.is_factor:
        raise CommandError(f"expected a momentum from 0 to 1 such as 0.1, or None, not {value[:40]!r}")
    return momentum.number


def _scale_group(group: dict[str, Any], factor: float | None, wanted: float) -> None:
    """``factor`` is None where the rate is 0, which no factor changes: then it becomes ``wanted``."""
    for key in ("lr", "initial_lr", "max_lr", "min_lr"):
        if key not in group or (factor is None and key != "lr"):
            continue
        value = group[key]
        new = wanted if factor is None else value * factor
        if isinstance(value, Tensor):
            value.copy_(torch.as_tensor(new))
        else:
            group[key] = new


def _scale_scheduler(scheduler: Any, factor: float) -> None:
    for key in ("base_lrs", "max_lrs", "min_lrs", "_last_lr"):
        values = vars(scheduler).get(key)
        if isinstance(values, list):
            scaled = [value * factor if isinstance(value, (int, float)) else value for value in values]
            setattr(scheduler, key, scaled)
    if isinstance(least := vars(scheduler).get("eta_min"), (int, float)):
        scheduler.eta_min = least * factor
