"""Normscope for PyTorch: any training writes a run directory and obeys the keys of Normscope's dashboard.

A script that knows nothing of this package runs under it unchanged::

    python -m normscope train.py …
    torchrun --nproc-per-node 8 -m normscope train.py …

Two lines bring the rest (evaluation by key, resuming, numbers of one's own)::

    run = normscope.attach(model, optimizer, scheduler, evaluate=evaluate)
    for batch in run.steps(loader):
        ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normscope import _version

if TYPE_CHECKING:
    from normscope._attach import attach
    from normscope._ending import Stop
    from normscope._run import Run

__version__ = _version.VERSION

__all__ = ["Run", "Stop", "__version__", "attach"]


def __getattr__(name: str) -> Any:
    # torch is imported when it is needed, not before: a program may set its environment first.
    if name == "attach":
        from normscope._attach import attach

        return attach
    if name == "Run":
        from normscope._run import Run

        return Run
    if name == "Stop":
        from normscope._ending import Stop

        return Stop
    raise AttributeError(f"module 'normscope' has no attribute {name!r}")
