"""What PyTorch tells of a training without a line of it changed.

Functions of torch's are wrapped for the whole process, and nothing is put on any module: ``Optimizer.step`` by torch's
own hook for all optimizers, ``backward`` for the loss, ``zero_grad`` for where a new sum of losses begins,
``GradScaler.scale`` for the loss without its scale, and the iteration of a ``DataLoader`` for sizes of batches and
epochs.

Whatever goes wrong here ends the watching with one line, never the training.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any, Protocol

from normscope._launching._launch import after_import

_OLDEST = (2, 1)


class Observer(Protocol):
    """Who is told of a training."""

    def backward(self, loss: Any) -> None:
        """``backward()`` was called on a tensor."""

    def zeroed(self) -> None:
        """Gradients were set to zero."""

    def step_begins(self) -> None:
        """An optimizer begins a step, in which it may call a closure."""

    def stepped(self, optimizer: Any) -> None:
        """An optimizer has taken a step."""

    def loader_started(self, loader: Any) -> None:
        """A data loader begins anew."""

    def loader_ended(self, loader: Any) -> None:
        """A data loader has no more batches in this epoch."""

    def fetched(self, loader: Any, images: int) -> None:
        """A data loader gave a batch."""

    def failed(self, error: Exception) -> None:
        """Something went wrong in one of these; it will not be called again."""


_observer: Observer | None = None
_last: Observer | None = None
_is_installed = False
_scales = False  # whether a GradScaler has scaled a loss


def observer() -> Observer | None:
    """Who is told at present."""
    return _observer


def last() -> Observer | None:
    """Who was told last, though it may be told no more."""
    return _last


def observe(new: Observer | None) -> None:
    """Tells ``new`` from now on, and nobody else."""
    global _observer, _last
    _observer = new
    _last = new or _last


def _tell(act: Callable[[Observer], None]) -> None:
    current = _observer
    if current is None:
        return
    try:
        act(current)
    except Exception as error:
        _fail(current, error)


def _fail(current: Observer, error: Exception) -> None:
    observe(None)
    current.failed(error)


def version_problem() -> str:
    """Why the installed torch can't be watched; empty where it can."""
    import torch

    numbers = torch.__version__.split("+")[0].split(".")
    if tuple(int(number) for number in numbers[:2] if number.isdecimal()) < _OLDEST:
        return f"PyTorch {torch.__version__} is too old: 2.1 or newer is needed"
    return ""


def install() -> None:
    """Begins to tell the observer of what torch does; once a process."""
    global _is_installed
    if _is_installed:
        return
    _is_installed = True
    import torch
    from torch.optim import optimizer

    optimizer.register_optimizer_step_pre_hook(_untraced(_before_step))
    optimizer.register_optimizer_step_post_hook(_untraced(_after_step))
    _wrap(torch.autograd, "backward", _around_backward)
    _wrap(optimizer.Optimizer, "zero_grad", _around_zeroing)
    _wrap(torch.nn.Module, "zero_grad", _around_zeroing)
    for name in ("torch.amp.grad_scaler", "torch.cuda.amp.grad_scaler"):
        scaler = getattr(sys.modules.get(name), "GradScaler", None)
        if scaler is not None and "scale" in vars(scaler):
            _wrap(scaler, "scale", _around_scaling)
    from torch.utils.data import dataloader

    _wrap(dataloader.DataLoader, "__iter__", _around_iteration, is_compilable=False)
    _wrap(dataloader._BaseDataLoaderIter, "__next__", _around_fetching, is_compilable=False)


def _wrap(owner: Any, name: str, around: Callable[[Any], Callable[..., Any]], *, is_compilable: bool = True) -> None:
    original = getattr(owner, name)
    wrapped = functools.wraps(original)(around(original))
    setattr(owner, name, _untraced(wrapped) if is_compilable else wrapped)


def _untraced(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that torch.compile calls and never looks into, nor into what it calls.

    Where it is called from compiled code it breaks the graph there, as torch's own ``zero_grad`` and ``backward`` do.
    """
    from torch._C._dynamo import eval_frame
    from torch._compile import _disable_dynamo

    disabled = _disable_dynamo(function)
    compiling = getattr(eval_frame, "get_eval_frame_callback", None)
    if compiling is None:  # an older torch
        return disabled  # type: ignore[no-any-return]

    def call(*args: Any, **keywords: Any) -> Any:
        # What torch does to keep its compiler out takes microseconds: not where nothing is compiled.
        return function(*args, **keywords) if compiling() is None else disabled(*args, **keywords)

    after_import("torch._dynamo", lambda: _skip(call.__code__))
    functools.update_wrapper(call, function)
    call._torchdynamo_disable = True  # type: ignore[attr-defined]
    return call


def _skip(code: CodeType) -> None:
    """Tells torch.compile, which is there now, to leave a function as it is."""
    with contextlib.suppress(Exception):
        sys.modules["torch._dynamo.eval_frame"].skip_code(code)


# What is called at every step says the same in few calls: after a step of the training's none of our code is in the
# processor's caches, and each call costs some ten times of what a loop of it shows.


def _before_step(optimizer: Any, args: Any, kwargs: Any) -> None:
    if len(args) > 1 or kwargs:  # there may be a closure beside the optimizer itself
        _tell(lambda current: current.step_begins())


def _after_step(optimizer: Any, args: Any, kwargs: Any) -> None:
    current = _observer
    if current is None:
        return
    try:
        current.stepped(optimizer)
    except Exception as error:
        _fail(current, error)


def _around_backward(original: Callable[..., Any]) -> Callable[..., Any]:
    def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(tensors, *args, **kwargs)
        current = _observer
        if current is not None:
            try:
                for loss in tensors if isinstance(tensors, (list, tuple)) else (tensors,):
                    # One that a GradScaler has scaled remembers what it was.
                    current.backward(getattr(loss, "_normscope_unscaled", loss) if _scales else loss)
            except Exception as error:
                _fail(current, error)
        return result

    return backward


def _around_scaling(original: Callable[..., Any]) -> Callable[..., Any]:
    def scale(self: Any, outputs: Any) -> Any:
        global _scales
        result = original(self, outputs)
        if result is not outputs and hasattr(outputs, "detach"):
            result._normscope_unscaled = outputs.detach()
            _scales = True
        return result

    return scale


def _around_zeroing(original: Callable[..., Any]) -> Callable[..., Any]:
    def zero_grad(self: Any, *args: Any, **kwargs: Any) -> Any:
        current = _observer
        if current is not None:
            try:
                current.zeroed()
            except Exception as error:
                _fail(current, error)
        return original(self, *args, **kwargs)

    return zero_grad


def _around_iteration(original: Callable[..., Any]) -> Callable[..., Any]:
    def iterate(self: Any) -> Iterator[Any]:
        iterator: Any = original(self)
        if _observer is not None and hasattr(iterator, "__dict__"):
            iterator._normscope_loader = weakref.ref(self)
            _tell(lambda current: current.loader_started(self))
        return iterator  # type: ignore[no-any-return]

    return iterate


def _around_fetching(original: Callable[..., Any]) -> Callable[..., Any]:
    def fetch(self: Any) -> Any:
        if _observer is None:
            return original(self)
        reference = getattr(self, "_normscope_loader", None)
        loader = reference() if reference is not None else None
        if loader is None:
            return original(self)
        try:
            batch = original(self)
        except StopIteration:
            _tell(lambda current: current.loader_ended(loader))
            raise
        _tell(lambda current: current.fetched(loader, batch_size(batch)))
        return batch

    return fetch


def batch_size(batch: Any) -> int:
    """How many images (or whatever else) a batch holds: the first side of its first tensor; 0 where there is none."""
    for _ in range(4):
        shape = getattr(batch, "shape", None)
        if shape is not None:
            return int(shape[0]) if len(shape) else 0
        if isinstance(batch, Mapping):
            batch = next(iter(batch.values()), None)
        elif isinstance(batch, (list, tuple)) and batch:
            batch = batch[0]
        else:
            return 0
    return 0
