"""Finding what trains: the models, optimizers and schedulers of a program that hands us none of them.

Everything is looked up by type among the objects that Python's garbage collector knows, once, at the first step.
Nothing here keeps an object alive: what is found is held by weak references.
"""

from __future__ import annotations

import gc
import itertools
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

# Wrappers that are taken off: what of them holds the wrapped module. Matched by class name, for most are only
# importable where they are used.
_WRAPPERS = {
    "DistributedDataParallel": "module",
    "DataParallel": "module",
    "FullyShardedDataParallel": "_fsdp_wrapped_module",
    "OptimizedModule": "_orig_mod",
    "CheckpointWrapper": "_checkpoint_wrapped_module",
    "OffloadWrapper": "_checkpoint_wrapped_module",
    "_LightningModuleWrapperBase": "_forward_module",
    "PipelineParallel": "module",
}


def unwrapped(module: nn.Module) -> nn.Module:
    """The module inside its wrappers (DDP, FSDP, torch.compile, activation checkpointing)."""
    while True:
        inner = _inner(module)
        if inner is None:
            return module
        module = inner


def _inner(module: nn.Module) -> nn.Module | None:
    for kind in type(module).__mro__:
        attribute = _WRAPPERS.get(kind.__name__)
        if attribute is not None:
            inner = module._modules.get(attribute)
            return inner if isinstance(inner, nn.Module) else None
    return None


def wrappers(module: nn.Module) -> Iterator[nn.Module]:
    """A module and each one that it wraps, from the outside in."""
    current: nn.Module | None = module
    while current is not None:
        yield current
        current = _inner(current)


def named_modules(root: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """``root.named_modules()`` with wrappers taken off, so that names are those of the network as it was written."""
    seen: set[int] = set()

    def visit(name: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
        module = unwrapped(module)
        if id(module) in seen:
            return
        seen.add(id(module))
        yield name, module
        for child_name, child in module._modules.items():
            if child is not None:
                yield from visit(f"{name}.{child_name}" if name else child_name, child)

    yield from visit("", root)


def named_parameters(root: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """``root.named_parameters()`` with wrappers taken off; a parameter that two modules share comes once."""
    seen: set[int] = set()
    for name, module in named_modules(root):
        for key, parameter in module._parameters.items():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                yield f"{name}.{key}" if name else key, parameter


def plain_name(name: str) -> str:
    """A parameter's name with the words that wrappers put into it taken out."""
    return ".".join(word for word in name.split(".") if word == "module" or word not in _WRAPPERS.values())


def renaming(root: nn.Module) -> Callable[[str], str]:
    """What turns the keys of ``unwrapped(root).state_dict()`` into names without wrappers."""
    plain: dict[str, str] = {}

    def visit(raw: str, name: str, module: nn.Module) -> None:
        plain[raw] = name
        while (inner := _inner(module)) is not None:
            attribute = next(key for key, child in module._modules.items() if child is inner)
            raw, module = f"{raw}{attribute}.", inner
            plain[raw] = name
        for child_name, child in module._modules.items():
            if child is not None:
                visit(f"{raw}{child_name}.", f"{name}{child_name}.", child)

    visit("", "", unwrapped(root))

    def rename(key: str) -> str:
        module, _, leaf = key.rpartition(".")
        prefix = f"{module}." if module else ""
        return plain.get(prefix, plain_name(prefix) + "." if prefix else "") + leaf

    return rename


def is_compiled(root: nn.Module) -> bool:
    """Whether torch.compile was asked for, of the model or of any module in it."""
    return any(type(wrapper).__name__ == "OptimizedModule" for wrapper in wrappers(root)) or any(
        getattr(module, "_compiled_call_impl", None) is not None for _, module in named_modules(root)
    )


def is_sharded(root: nn.Module) -> bool:
    """Whether the ranks hold parameters in shards: FSDP's, or any that are a DTensor."""
    return any(hasattr(parameter, "full_tensor") for parameter in root.parameters()) or any(
        kind.__name__ in ("FullyShardedDataParallel", "FSDPModule")
        for module in itertools.islice(root.modules(), 100_000)
        for kind in type(module).__mro__
    )


def flat_parameters(root: nn.Module) -> dict[tuple[int, str], Callable[[], Tensor]]:
    """What this rank holds of the parameters that FullyShardedDataParallel keeps in one flat one, without names.

    So it does with ``use_orig_params=False``. Keys are a module's id and the parameter's name in it.
    """
    parts: dict[tuple[int, str], Callable[[], Tensor]] = {}
    for module in root.modules():
        handle = vars(module).get("_handle")
        flat = getattr(handle, "flat_param", None)
        if flat is None or getattr(handle, "_use_orig_params", True):
            continue
        for (name, owner, _), shard in zip(flat._param_infos, flat._shard_param_infos, strict=True):
            begin, count = (shard.offset_in_shard, shard.numel_in_shard) if shard.in_shard else (0, 0)
            parts[id(owner), name] = _part_of(weakref.ref(flat), begin, count)
    return parts


def _part_of(reference: weakref.ref[Any], begin: int, count: int) -> Callable[[], Tensor]:
    def part() -> Tensor:
        flat = reference()
        if flat is None:
            raise ReferenceError("the parameters are gone")
        values: Tensor = getattr(flat, "_local_shard", flat).detach()
        return values[begin : begin + count]

    return part


def sends_buffers(root: nn.Module) -> bool:
    """Whether DDP sends rank 0's buffers to all ranks before each forward pass."""
    return any(
        type(module).__name__ == "DistributedDataParallel" and getattr(module, "broadcast_buffers", False)
        for module in root.modules()
    )


class Model:
    """A model that trains: its name (empty where it is the only one) and its outermost module.

    The module is held by a weak reference; ``root`` is None once the program has dropped it.
    """

    def __init__(self, name: str, root: nn.Module) -> None:
        self.name = name
        self._root = weakref.ref(root)

    @property
    def root(self) -> nn.Module | None:
        """The outermost module, wrappers and all."""
        return self._root()

    def qualified(self, name: str) -> str:
        """A name within the model as charts and files show it."""
        return ".".join(part for part in (self.name, name) if part)

    def normalization_layers(self) -> list[tuple[str, _BatchNorm]]:
        """Every _BatchNorm in it under its qualified name, in the network's order."""
        root = self.root
        if root is None:
            return []
        return [
            (self.qualified(name), module) for name, module in named_modules(root) if isinstance(module, _BatchNorm)
        ]


def parameters_of(optimizer: Optimizer) -> list[Tensor]:
    """All tensors that an optimizer updates."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


class _Graph:
    """Which modules contain which, among all that live."""

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        self.modules = {id(module): module for module in modules}
        contained = {
            id(child) for module in self.modules.values() for child in module._modules.values() if child is not None
        }
        self.outermost = [module for key, module in self.modules.items() if key not in contained]


def live_objects(kinds: type | tuple[type, ...]) -> list[Any]:
    """All objects of some types that the garbage collector knows; ``type()`` is asked, never ``__class__``."""
    return [thing for thing in gc.get_objects() if issubclass(type(thing), kinds)]


class Found(NamedTuple):
    """What trains."""

    models: list[Model]
    # By id(optimizer): the name under which its loss and learning rates are shown; empty for the only one.
    optimizer_names: dict[int, str]


def find(optimizers: Sequence[Optimizer], frame: FrameType | None) -> Found:
    """The outermost live modules that hold the optimizers' parameters, and what the program calls them.

    Args:
        optimizers: those that take steps.
        frame: where the program is, to look for its own names of models and optimizers.
    """
    graph = _Graph(live_objects(nn.Module))
    roots: list[nn.Module] = []
    homes: dict[int, list[nn.Module]] = {}
    for optimizer in optimizers:
        held = _holders(graph, {id(parameter) for parameter in parameters_of(optimizer)})
        homes[id(optimizer)] = held
        roots.extend(root for root in held if not any(root is known for known in roots))
    variables = _variables(frame)
    names = _distinct([_name(root, variables) for root in roots]) if len(roots) > 1 else [""] * len(roots)
    models = [Model(name, root) for name, root in zip(names, roots, strict=True)]
    return Found(models, _optimizer_names(optimizers, homes, dict(zip(map(id, roots), names, strict=True))))


def _holders(graph: _Graph, wanted: set[int]) -> list[nn.Module]:
    """The fewest outermost modules that together hold the parameters; of those that hold as many, the smallest.

    A GraphModule comes last: torch.compile makes such ones, which hold the parameters of a compiled optimizer's step.
    """
    candidates = []
    for root in graph.outermost:
        parameters = {id(parameter) for parameter in root.parameters()} & wanted
        if parameters:
            is_written = all(kind.__name__ != "GraphModule" for kind in type(root).__mro__)
            size = sum(1 for _ in unwrapped(root).modules())
            candidates.append(((is_written, len(parameters), -size), root, parameters))
    chosen: list[nn.Module] = []
    missing = set(wanted)
    for _, root, parameters in sorted(candidates, key=lambda found: found[0], reverse=True):
        if parameters & missing:
            chosen.append(root)
            missing -= parameters
    return chosen


def _optimizer_names(
    optimizers: Sequence[Optimizer], homes: Mapping[int, list[nn.Module]], names: Mapping[int, str]
) -> dict[int, str]:
    if len(optimizers) < 2:
        return {id(optimizer): "" for optimizer in optimizers}
    paths = [_path(homes[id(optimizer)], optimizer, names) for optimizer in optimizers]
    # Of a path as much as tells it from the others: netD, not netD.main.
    for length in range(1, 1 + max(len(path) for path in paths)):
        found = [".".join(path[:length]) for path in paths]
        if len(set(found)) == len(found):
            break
    # Several that share one model (weights here, biases there) have one loss: they need no names for it.
    found = [name if found.count(name) == 1 else "" for name in found]
    return {id(optimizer): name for optimizer, name in zip(optimizers, found, strict=True)}


def _path(home: Sequence[nn.Module], optimizer: Optimizer, names: Mapping[int, str]) -> list[str]:
    """A model's name, and the modules in it down to the innermost that holds all of an optimizer's parameters."""
    within = _common_module(home[0], optimizer) if len(home) == 1 else []
    return [word for word in (*(names[id(root)] for root in home[:1]), *within) if word] or [""]


def _common_module(root: nn.Module, optimizer: Optimizer) -> list[str]:
    """The path to the innermost module that holds all of an optimizer's parameters; empty for the root."""
    wanted = {id(parameter) for parameter in parameters_of(optimizer)}
    paths = [name.split(".")[:-1] for name, parameter in named_parameters(root) if id(parameter) in wanted]
    shared = itertools.takewhile(lambda words: len(set(words)) == 1, zip(*paths, strict=False))
    return [words[0] for words in shared]


def _variables(frame: FrameType | None) -> dict[int, str]:
    """What the program calls its modules: names of local and global variables, those nearest to the step first."""
    names: dict[int, str] = {}
    while frame is not None:
        for scope in (frame.f_locals, frame.f_globals):
            for name, value in list(scope.items()):
                if name not in ("self", "model") and not name.startswith("_") and issubclass(type(value), nn.Module):
                    for module in wrappers(value):
                        names.setdefault(id(module), name)
        frame = frame.f_back
    for main in ("__main__", "__mp_main__"):
        for name, value in list(vars(sys.modules.get(main, object)).items()):
            if issubclass(type(value), nn.Module):
                names.setdefault(id(value), name)
    return names


def _name(root: nn.Module, variables: Mapping[int, str]) -> str:
    for module in wrappers(root):
        if id(module) in variables:
            return variables[id(module)]
    return type(unwrapped(root)).__name__


def _distinct(names: Sequence[str]) -> list[str]:
    counts: dict[str, int] = {}
    distinct = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        distinct.append(name if counts[name] == 1 else f"{name}-{counts[name]}")
    return distinct


def live_optimizers(first: Optimizer) -> list[Optimizer]:
    """``first`` and every other live optimizer of parameters that ``first`` does not update.

    Objects that only wrap an optimizer (as accelerate's do) update the same parameters and are left out.
    """
    found = [first]
    known = {id(parameter) for parameter in parameters_of(first)}
    for other in live_objects(Optimizer):
        groups = vars(other).get("param_groups")
        if other is first or not isinstance(groups, list):
            continue
        parameters = {id(parameter) for parameter in parameters_of(other)}
        if parameters and not parameters & known:
            found.append(other)
            known |= parameters
    return found


def schedulers_of(optimizers: Sequence[Optimizer]) -> list[Any]:
    """The live learning-rate schedulers of some optimizers, those inside others among them."""
    from torch.optim import lr_scheduler

    kinds: tuple[type, ...] = (lr_scheduler.LRScheduler, lr_scheduler.ReduceLROnPlateau)
    ours = {id(optimizer) for optimizer in optimizers}
    return [
        scheduler
        for scheduler in live_objects(kinds)
        if id(vars(scheduler).get("optimizer")) in ours or _chained(scheduler, ours)
    ]


def _chained(scheduler: Any, optimizers: set[int]) -> bool:
    inner = vars(scheduler).get("_schedulers") or []
    return any(id(vars(one).get("optimizer")) in optimizers for one in inner)


def outer_schedulers(schedulers: Sequence[Any]) -> list[Any]:
    """Those that are inside no other one: what a program steps, and a checkpoint keeps."""
    inner = {id(one) for scheduler in schedulers for one in vars(scheduler).get("_schedulers") or []}
    return [scheduler for scheduler in schedulers if id(scheduler) not in inner]
