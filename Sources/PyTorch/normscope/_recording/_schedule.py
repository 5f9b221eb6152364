"""When a run records: as often as its share of the training's time allows."""

from __future__ import annotations

import time

_FASTEST = 0.1  # seconds between two records, at least
_SLOWEST = 1.0  # and in a long run, at most, unless they cost more than their share
_SHARE = 0.002  # of the training's time
_HISTOGRAM_LOOK = 0.02  # seconds between two looks whether a histogram's turn has come
_RANKS_INTERVAL = 1.0  # seconds between two gatherings of all ranks' statistics, at least


class Schedule:
    """The moments at which records are due, in seconds of ``time.perf_counter()``."""

    def __init__(self, every: float | None) -> None:
        """``every`` is the time between two records, where somebody asked for one."""
        self._every = every
        self._began = self._histograms_at = time.perf_counter()
        self._ranks_due = self._cost = 0.0
        self.due = 0.0  # the next record
        self.quiet_until = 0.0  # until then steps have only to be counted

    def spend(self, seconds: float, *, begins: bool) -> None:
        """Notes what the training thread spent on a record, which ``begins`` or is gone on with."""
        self._cost = seconds if begins else self._cost + seconds

    def recorded(self, now: float, elsewhere: float) -> None:
        """A record was taken, whose writing costs another thread some ``elsewhere`` seconds of the CPU."""
        grown = min(max(_FASTEST, (now - self._began) / 300), _SLOWEST)
        interval = self._every if self._every is not None else max(grown, (self._cost + elsewhere) / _SHARE)
        self.due = now + interval

    def ranks_are_due(self, now: float) -> bool:
        """Whether a record is to hold all ranks' statistics; if so, the next time is set."""
        if now < self._ranks_due:
            return False
        self._ranks_due = now + max(_RANKS_INTERVAL, 2 * self._cost / _SHARE)
        return True

    def since_histograms(self, now: float) -> float:
        """Seconds since the last call, in which histograms have saved up time; a second at most."""
        elapsed, self._histograms_at = now - self._histograms_at, now
        return min(elapsed, 1.0)

    def look_ahead(self, now: float, *, is_busy: bool) -> None:
        """Finds out until when steps have only to be counted: not at all where something is under way."""
        self.quiet_until = 0.0 if is_busy else min(self.due, now + _HISTOGRAM_LOOK)

    def stand_still(self, seconds: float) -> None:
        """Nothing was watched for so long: what was due comes that much later."""
        self.due += seconds
        self._histograms_at += seconds
        self.quiet_until = 0.0
