"""What a program was asked to do, as far as it can be seen from outside: for the table of runs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

from torch.optim import Optimizer

from normscope._training import _models
from normscope._training._models import Model

_OPTIMIZER_KEYS = ("lr", "momentum", "betas", "weight_decay", "nesterov", "alpha")
_EPOCHS = ("epochs", "num_epochs", "n_epochs", "max_epochs", "total_epochs", "num_train_epochs")


def found(optimizers: Sequence[Optimizer], models: Sequence[Model], frame: FrameType | None) -> dict[str, Any]:
    """Names and values: the model, the optimizer and its hyperparameters, and what argparse read."""
    settings: dict[str, Any] = {}
    for namespace in _namespaces(frame):
        for key, value in vars(namespace).items():
            if value is None or isinstance(value, (str, int, float, bool)):
                settings.setdefault(key, "" if value is None else value)
    roots = [root for model in models if (root := model.root) is not None]
    settings["model"] = ", ".join(type(_models.unwrapped(root)).__name__ for root in roots)
    settings["parameters"] = sum(parameter.numel() for root in roots for parameter in root.parameters())
    if optimizers:
        settings["optimizer"] = ", ".join(dict.fromkeys(type(one).__name__ for one in optimizers))
        settings |= _hyperparameters(optimizers[0].param_groups[0])
    return settings


def _hyperparameters(group: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in _OPTIMIZER_KEYS:
        value = group.get("initial_lr", group.get("lr")) if key == "lr" else group.get(key)
        if value is not None and key in group:
            found[key] = str(value) if isinstance(value, (tuple, list)) else float(value) if key == "lr" else value
    return found


def _namespaces(frame: FrameType | None) -> list[argparse.Namespace]:
    """What argparse gave the program: the namespaces that its functions hold, those nearest to the step first."""
    namespaces: list[argparse.Namespace] = []
    while frame is not None:
        for scope in (frame.f_locals, frame.f_globals):
            for value in list(scope.values()):
                if isinstance(value, argparse.Namespace) and all(value is not known for known in namespaces):
                    namespaces.append(value)
        frame = frame.f_back
    return namespaces


def epochs(settings: Mapping[str, Any]) -> int:
    """How many epochs the program was asked for, if its command line says so; 0 if not."""
    for key in _EPOCHS:
        value = settings.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 1 and value == int(value):
            return int(value)
    return 0
