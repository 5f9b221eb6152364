"""How ranks take turns: what each adds to the sum that all read at the same step, and how often."""

from __future__ import annotations

import math
import time
from dataclasses import astuple, dataclass

from normscope._ranks._ranks import Ranks

_SHARE = 0.001  # of the training's time that sums may take
_LONGEST = 0.5  # seconds between two sums, at most


@dataclass
class Requests:
    """What a rank adds to the sum. All but ``signals`` and ``changed`` are rank 0's to say."""

    commands: int = 0  # whether some were read
    signals: int = 0  # whether one came that asks for the end
    period: int = 0  # steps between two sums
    record: int = 0  # 1: record; 2: with the statistics of all ranks
    changed: int = 0  # whether other layers train than those that the ranks agreed on
    pace: int = 0  # thousandths of a step a second; 0: full speed


class Turns:
    """The sums of a run: begun after one step, read ``period`` steps later."""

    def __init__(self, ranks: Ranks) -> None:
        self._ranks = ranks
        self._period = 1
        self._since = 0
        self._cost = 0.0  # seconds of the present sum, to begin and to read
        self._usual_cost = 0.0  # of the last ten or so, on average
        ranks.start(astuple(Requests()))

    def take(self) -> Requests | None:
        """The sum, at the steps at which it is due.

        Raises:
            RanksError: if another rank is gone or does not come.
        """
        self._since += 1
        if self._since < self._period:
            return None
        self._since = 0
        start = time.perf_counter()
        sums = Requests(*self._ranks.finish())
        self._cost += time.perf_counter() - start
        self._note_cost()
        self._period = sums.period or self._period
        return sums

    def give(self, requests: Requests) -> None:
        """Begins the next sum."""
        start = time.perf_counter()
        self._ranks.start(astuple(requests))
        self._cost = time.perf_counter() - start

    def _note_cost(self) -> None:
        weight = 0.1 if self._usual_cost else 1.0
        self._usual_cost += weight * (self._cost - self._usual_cost)

    def exchange(self, requests: Requests) -> Requests:
        """A sum at once, while nothing is trained."""
        self._ranks.start(astuple(requests))
        return Requests(*self._ranks.finish())

    def hurry(self) -> None:
        """Begins with a sum a step again: what all have just done may have changed how long a step takes."""
        self._period = 1

    def fitting_period(self, usual_step: float) -> int:
        """Steps between two sums, so that they take no more than their share of the time.

        One that once came late must not make all later ones rare: the period at most doubles.
        """
        if usual_step <= 0:
            return self._period
        wanted = math.ceil(self._usual_cost / (_SHARE * usual_step))
        return max(1, min(wanted, 2 * self._period, math.ceil(_LONGEST / usual_step)))
