"""How far a training is and how fast it goes: steps, epochs, images, as seen from outside."""

from __future__ import annotations

import contextlib
import statistics
import time
from typing import Any

_USUAL = 51  # steps whose median is the usual one


class Progress:
    """Counts steps, and the batches that data loaders give between them."""

    def __init__(self) -> None:
        self.global_step = 0
        self.epoch = 0  # epochs done
        self.epochs = 0  # as many as were asked for; 0: not known
        self.paused = False
        self.pace: float | None = None  # steps a second at most
        self._clock: float | None = None  # when the last step ended; None: nothing was trained since
        self._went_on = time.perf_counter()  # when the last step ended, or training went on
        self._durations: list[float] = []  # seconds of the steps since rates were taken
        self._usual = 0.0  # seconds of a step when rates were taken last
        self._images = 0
        self._loader = 0  # the id of the one that gave the last batch
        self._fetched = 0  # images that it gave since the last step
        self._steps_loader = 0  # the id of the one whose batches steps followed
        self._lengths: dict[int, int] = {}
        self._given: dict[int, int] = {}  # batches that a loader gave in this epoch, by its id

    # What data loaders do

    def loader_started(self, loader: Any) -> None:
        """A loader begins another epoch; one that was not asked beyond its last batch ends the epoch before here."""
        self._end_epoch(id(loader))
        with contextlib.suppress(TypeError, NotImplementedError):
            self._lengths[id(loader)] = len(loader)

    def loader_ended(self, loader: Any) -> None:
        """A loader has no more batches in this epoch."""
        self._lengths[id(loader)] = self._given.get(id(loader), 0)
        self._end_epoch(id(loader))

    def end(self) -> None:
        """Nothing more is trained."""
        self._end_epoch(self._steps_loader)

    def _end_epoch(self, loader: int) -> None:
        """Counts an epoch if a loader that steps followed has given all of its batches."""
        given = self._given.pop(loader, 0)
        if loader == self._steps_loader and given and given == self._lengths.get(loader):
            self.epoch += 1

    def fetched(self, loader: Any, images: int) -> None:
        """A loader gave a batch. Those of a loader that no step follows on (validation) don't count."""
        if id(loader) != self._loader:
            self._loader, self._fetched = id(loader), 0
        self._fetched += images
        self._given[id(loader)] = self._given.get(id(loader), 0) + 1

    # What steps do

    def count_step(self, now: float) -> None:
        """Another step is done; ``now`` is ``time.perf_counter()``."""
        if self._clock is not None:
            self._durations.append(now - self._clock)
        self._clock = self._went_on = now
        self.global_step += 1
        self._images += self._fetched
        self._fetched = 0
        self._steps_loader = self._loader

    def stand_still(self) -> None:
        """The time until the next step is nobody's speed."""
        self._clock = None

    def go_on(self) -> None:
        """Training goes on after a pause: the time since its last step says nothing any more."""
        self._went_on = time.perf_counter()

    @property
    def stepped(self) -> float:
        """Seconds since 1970 when the last step was done, or training went on."""
        return time.time() - (time.perf_counter() - self._went_on)

    @property
    def usual_step(self) -> float:
        """Seconds that a step takes at present, the median of some fifty; 0 where that is not known."""
        return statistics.median(self._durations[-_USUAL:]) if self._durations else self._usual

    def take_rates(self) -> dict[str, float]:
        """Steps and images a second since the last call, without the time in which nothing was trained."""
        durations, self._durations = self._durations, []
        images, self._images = self._images, 0
        if not durations:
            return {}
        self._usual = statistics.median(durations[-_USUAL:])
        longest = max(10 * statistics.median(durations), 0.5)
        kept = [seconds for seconds in durations if seconds <= longest]
        if sum(kept) <= 0:
            return {}
        rates = {"throughput/steps_per_second": len(kept) / sum(kept)}
        if images:
            rates["throughput/images_per_second"] = images / len(durations) * len(kept) / sum(kept)
        return rates

    def status(self) -> dict[str, Any]:
        """What ``status.json`` says of it."""
        fields: dict[str, Any] = {
            "state": "paused" if self.paused else "running",
            "step": self.global_step,
            "epoch": self.epoch,
            "epochs": self.epochs,
            "pace": self.pace,
            "stepped": self.stepped,
        }
        if self._steps_loader in self._lengths:
            fields["stepsPerEpoch"] = self._lengths[self._steps_loader]
        return fields
