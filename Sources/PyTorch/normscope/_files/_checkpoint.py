"""Checkpoints: one PyTorch file that holds what is needed to go on, under the names that PyTorch users give it.

``model_state_dict`` and ``optimizer_state_dict`` load into a network and an optimizer of PyTorch's, wrapped or not, and
``torch.load(path, weights_only=True)`` opens the file. A run of several models has one ``NAME_state_dict`` for each,
and its optimizers in ``optimizer_state_dicts``.
"""

from __future__ import annotations

import contextlib
import random
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from normscope._files._directory import replacing
from normscope._training import _models, _watch
from normscope._training._models import Model


class CheckpointError(Exception):
    """A checkpoint can't be written or loaded; the message says why."""


def model_state(root: nn.Module) -> dict[str, Tensor]:
    """A model's ``state_dict()`` on the CPU, under the names of the network without its wrappers.

    Under FSDP all ranks must call it; only rank 0 gets the tensors.
    """
    if _models.is_sharded(root):
        return _sharded_state(root)
    rename = _models.renaming(root)
    state = _models.unwrapped(root).state_dict()
    return {rename(name): _on_cpu(value) for name, value in state.items() if isinstance(value, Tensor)}


def _sharded_state(root: nn.Module) -> dict[str, Tensor]:
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    with _quiet():
        found = get_model_state_dict(root, options=options)
    return {_models.plain_name(name): value for name, value in found.items() if isinstance(value, Tensor)}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Lets PyTorch gather shards without warnings, and without a step that makes an optimizer's state being seen."""
    observer = _watch.observer()
    _watch.observe(None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        _watch.observe(observer)


def optimizer_state(optimizer: Optimizer, root: nn.Module | None) -> dict[str, Any]:
    """An optimizer's ``state_dict()`` on the CPU, parameters by number as PyTorch has them.

    Under FSDP all ranks must call it; only rank 0 gets the tensors.
    """
    if root is not None and _models.is_sharded(root):
        return _numbered(_sharded_optimizer_state(optimizer, root))
    return _on_cpu(optimizer.state_dict())  # type: ignore[no-any-return]


def _sharded_optimizer_state(optimizer: Optimizer, root: nn.Module) -> Mapping[str, Any]:
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_optimizer_state_dict

    options = StateDictOptions(full_state_dict=True, cpu_offload=not _computes_on_cpu(root))
    with _quiet():
        return get_optimizer_state_dict(root, optimizer, options=options)


def _computes_on_cpu(root: nn.Module) -> bool:
    """Whether FullyShardedDataParallel runs on the CPU, where its offloading copies nothing: states share memory."""
    return any(getattr(vars(module).get("compute_device"), "type", "") == "cpu" for module in root.modules())


def _numbered(state: Mapping[str, Any]) -> dict[str, Any]:
    """A state that names parameters, with their numbers in the groups' order instead."""
    numbers: dict[str, int] = {}
    groups = []
    for group in state.get("param_groups", []):
        for name in group["params"]:
            numbers.setdefault(name, len(numbers))
        names = [_models.plain_name(name) for name in group["params"]]
        groups.append({**group, "params": [numbers[name] for name in group["params"]], "param_names": names})
    slots = {numbers[name]: value for name, value in state.get("state", {}).items() if name in numbers}
    return {"state": slots, "param_groups": groups}


def _on_cpu(value: Any) -> Any:
    if isinstance(value, Tensor):
        whole = getattr(value, "full_tensor", None)
        return (whole() if whole is not None else value.detach()).cpu()
    if isinstance(value, dict):
        return {key: _on_cpu(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_on_cpu(one) for one in value)
    return value


def is_plain(value: Any) -> bool:
    """Whether ``torch.load(weights_only=True)`` accepts a value: tensors, numbers, texts and collections of them."""
    if isinstance(value, dict):
        return all(is_plain(key) and is_plain(one) for key, one in value.items())
    if type(value) in (list, tuple):
        return all(is_plain(one) for one in value)
    return value is None or type(value) in (bool, int, float, str, bytes) or isinstance(value, Tensor)


def random_state() -> dict[str, Any]:
    """The states of all random generators that a training draws from."""
    version, numbers, gauss = random.getstate()
    states: dict[str, Any] = {"torch": torch.get_rng_state(), "python": (version, tuple(numbers), gauss)}
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        states["cuda"] = torch.cuda.get_rng_state_all()
    if (numpy := sys.modules.get("numpy")) is not None:
        name, keys, place, has_gauss, cached = numpy.random.get_state()
        key_tensor = torch.tensor(keys.astype("int64"), dtype=torch.int64)
        states["numpy"] = (str(name), key_tensor, int(place), int(has_gauss), float(cached))
    return states


def set_random_state(states: Mapping[str, Any]) -> None:
    """Puts the generators back where ``random_state`` found them."""
    torch.set_rng_state(states["torch"].cpu())
    if (python := states.get("python")) is not None:
        random.setstate((python[0], tuple(python[1]), python[2]))
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state_all([state.cpu() for state in states["cuda"]])
    if "numpy" in states and (numpy := sys.modules.get("numpy")) is not None:
        name, keys, place, has_gauss, cached = states["numpy"]
        numpy.random.set_state((name, keys.numpy().astype("uint32"), place, has_gauss, cached))


@contextlib.contextmanager
def same_random_state() -> Any:
    """Lets something draw random numbers without changing those that the training draws."""
    states = random_state()
    try:
        yield
    finally:
        set_random_state(states)


def collect(
    models: Sequence[Model],
    optimizers: Sequence[tuple[str, Optimizer]],
    schedulers: Sequence[Any],
    scalers: Sequence[Any],
    **facts: Any,
) -> dict[str, Any]:
    """The contents of a checkpoint. Under FSDP all ranks must call it."""
    state: dict[str, Any] = {}
    roots = [(model, model.root) for model in models]
    for model, root in roots:
        if root is None:
            raise CheckpointError("the model is gone")
        state[f"{model.name}_state_dict" if model.name else "model_state_dict"] = model_state(root)
    states = {name: optimizer_state(one, _home(one, roots)) for name, one in _keyed(optimizers)}
    if len(states) == 1:
        state["optimizer_state_dict"] = next(iter(states.values()))
    else:
        state["optimizer_state_dicts"] = states
    _add(state, "scheduler", [scheduler.state_dict() for scheduler in schedulers])
    _add(state, "scaler", [scaler.state_dict() for scaler in scalers])
    state.update(facts)
    return state


def _keyed(optimizers: Sequence[tuple[str, Optimizer]]) -> list[tuple[str, Optimizer]]:
    return [(name or str(place), optimizer) for place, (name, optimizer) in enumerate(optimizers)]


def _home(optimizer: Optimizer, roots: Sequence[tuple[Model, nn.Module | None]]) -> nn.Module | None:
    wanted = {id(parameter) for parameter in _models.parameters_of(optimizer)}
    for _, root in roots:
        if root is not None and any(id(parameter) in wanted for parameter in root.parameters()):
            return root
    return None


def _add(state: dict[str, Any], kind: str, states: Sequence[Any]) -> None:
    """Adds what can be opened with ``weights_only=True``: one as ``KIND_state_dict``, several as a list."""
    plain = [_plain_part(_on_cpu(one)) for one in states]
    if len(plain) == 1:
        state[f"{kind}_state_dict"] = plain[0]
    elif plain:
        state[f"{kind}_state_dicts"] = plain


def _plain_part(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _plain_part(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if is_plain(one)}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain_part(one) for one in value)
    return value


def write(state: Mapping[str, Any], path: Path) -> None:
    """Writes a checkpoint whole or not at all, and forces it to the disk."""
    with replacing(path, durable=True) as file:
        torch.save(dict(state), file)


def load(
    path: Path,
    models: Sequence[Model],
    optimizers: Sequence[tuple[str, Optimizer]],
    schedulers: Sequence[Any],
    scalers: Sequence[Any],
    rank: int = 0,
) -> dict[str, Any]:
    """Puts a checkpoint's states back into what trains, and gives the rest of it.

    Raises:
        CheckpointError: if the file can't be read or does not fit.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise CheckpointError(f"{path}: {type(error).__name__}: {error}") from error
    try:
        for model in models:
            _load_model(model, state[f"{model.name}_state_dict" if model.name else "model_state_dict"])
        states = state.get("optimizer_state_dicts")
        for name, optimizer in _keyed(optimizers):
            found = state["optimizer_state_dict"] if states is None else states[name]
            _load_optimizer(optimizer, found, models)
        for kind, targets in (("scheduler", schedulers), ("scaler", scalers)):
            _load_all(targets, state, kind)
        _load_random(state.get("random_state"), rank)
    except CheckpointError:
        raise
    except Exception as error:
        raise CheckpointError(f"{path} does not fit: {type(error).__name__}: {error}") from error
    return state  # type: ignore[no-any-return]


def _load_model(model: Model, state: Mapping[str, Tensor]) -> None:
    root = model.root
    if root is None:
        raise CheckpointError("the model is gone")
    if _models.is_sharded(root):
        from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict

        with _quiet():
            set_model_state_dict(root, dict(state), options=StateDictOptions(full_state_dict=True))
        return
    rename = _models.renaming(root)
    names = {rename(name): name for name in _models.unwrapped(root).state_dict()}
    named = {names.get(name, name): value for name, value in state.items()}
    _models.unwrapped(root).load_state_dict(named)


def _load_optimizer(optimizer: Optimizer, state: Mapping[str, Any], models: Sequence[Model]) -> None:
    root = _home(optimizer, [(model, model.root) for model in models])
    if root is None or not _models.is_sharded(root):
        optimizer.load_state_dict(dict(state))
        return
    from torch.distributed.checkpoint.state_dict import StateDictOptions, set_optimizer_state_dict

    names = [name for group in state["param_groups"] for name in group["param_names"]]
    named: dict[str, Any] = {
        "state": {names[number]: slots for number, slots in state["state"].items()},
        "param_groups": [
            {**{key: one for key, one in group.items() if key != "param_names"}, "params": group["param_names"]}
            for group in state["param_groups"]
        ],
    }
    with _quiet():
        set_optimizer_state_dict(root, optimizer, named, options=StateDictOptions(full_state_dict=True))


def _load_all(targets: Sequence[Any], state: Mapping[str, Any], kind: str) -> None:
    states = state.get(f"{kind}_state_dicts")
    if states is None:
        states = [state[f"{kind}_state_dict"]] if f"{kind}_state_dict" in state else []
    for target, one in zip(targets, states, strict=False):
        target.load_state_dict(one)


def _load_random(states: Any, rank: int) -> None:
    """A run of several ranks has a list, one for each; a rank that it lacks draws anew."""
    if isinstance(states, list):
        states = states[rank] if rank < len(states) else None
    if states is not None:
        set_random_state(states)
