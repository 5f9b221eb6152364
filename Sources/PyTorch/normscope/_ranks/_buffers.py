"""How often DistributedDataParallel has sent rank 0's buffers, the running statistics among them, to all ranks."""

from __future__ import annotations

import functools
from typing import Any

_sent = 0
_is_counting = False


def sent() -> int:
    """Times that buffers were sent since ``count``."""
    return _sent


def count() -> None:
    """Begins to count; once a process."""
    global _is_counting
    from torch.nn.parallel import DistributedDataParallel

    original = getattr(DistributedDataParallel, "_sync_buffers", None)
    if _is_counting or original is None:
        return
    _is_counting = True

    @functools.wraps(original)
    def sync_buffers(self: Any) -> Any:
        global _sent
        _sent += 1
        return original(self)

    DistributedDataParallel._sync_buffers = sync_buffers  # type: ignore[method-assign]
