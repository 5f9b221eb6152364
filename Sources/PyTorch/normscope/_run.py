"""A run: what watches a training, writes its run directory and obeys its commands."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import get_ident
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.optim import Optimizer

from normscope._ending import complain, outcome, raise_stop
from normscope._files import _checkpoint, _events, _place
from normscope._files._commands import Command, CommandError
from normscope._files._place import Options
from normscope._ranks import _buffers, _peers
from normscope._ranks._ranks import Ranks, RanksError, current_rank
from normscope._ranks._turns import Requests, Turns
from normscope._recording._recorder import Recorder
from normscope._recording._schedule import Schedule
from normscope._recording._sharing import SharedStatistics
from normscope._recording._statistics import Copy
from normscope._steering import Ending, Evaluate, Save, Steering, answer_to_failure, grad_scalers
from normscope._training import _watch
from normscope._training._models import Model
from normscope._training._progress import Progress
from normscope._training._sources import PendingLosses, Source, number
from normscope._training._training import Training

Batch = TypeVar("Batch")

_PAUSED = 0.05  # seconds between two looks for commands while several ranks are paused
_LAST_WORD = 0.5  # seconds that a failing rank 0 waits for the news that another rank was gone before


class Run:
    """A training that is watched and steered through its run directory.

    Made by :func:`normscope.attach`, or by ``python -m normscope`` for a script that knows nothing of it. It acts
    between two optimizer steps, in the thread that takes them; files are written by a thread of its own.
    """

    def __init__(
        self,
        options: Options,
        *,
        models: Sequence[Model] = (),
        optimizers: Sequence[Optimizer] = (),
        schedulers: Sequence[Any] | None = None,
        evaluate: Evaluate | None = None,
        data: Iterable[Any] | None = None,
        save: Save | None = None,
        config: Mapping[str, Any] | None = None,
        on_start: Callable[[], None] | None = None,
    ) -> None:
        self.options = options
        self.directory: Path | None = None
        self.data = data
        self.has_trained = False
        self.has_stopped = False
        self.leave: Callable[[], None] = raise_stop  # what the command stop does to the program
        self._given = list(models), list(optimizers)
        self._schedulers = None if schedulers is None else list(schedulers)
        self._evaluate = evaluate
        self._save = save
        self._config = dict(config or {})
        self.on_start = on_start
        self._resumed: Path | None = None
        self._state = "idle"  # then "watching", then "ended"
        self._thread = 0
        self._is_explicit = False  # whether run.steps or run.step say where a step ends
        self._schedule = Schedule(options.every)
        self._usual: Source | None = None  # what takes steps that are only counted
        self._has_stepped = False
        self._has_ended = False  # whether the step ended by itself, before it was known that the program says so
        self._signal = ""
        self._notes: set[str] = set()
        self._pending = PendingLosses()
        self._pace_due = 0.0
        self._numbers: list[tuple[str, int, float, float]] = []
        self._progress = Progress()
        self._training: Training | None = None
        self._recorder: Recorder | None = None
        self._ranks: Ranks | None = None  # those that act together
        self._company: Ranks | None = None  # the same ones, even when they no longer do
        self._ranks_problem = ""
        self._shared: SharedStatistics | None = None
        self._peers: _peers.Peers | None = None

    @property
    def global_step(self) -> int:
        """Steps done, those before a resume among them."""
        return self._progress.global_step

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self._progress.epoch

    # ---------------------------------------------------------------- what a program calls

    def steps(self, loader: Iterable[Batch]) -> Iterator[Batch]:
        """The batches of ``loader``; what stands in the loop's body between two of them is a step."""
        self._is_explicit = True
        self._usual = None
        is_known = isinstance(loader, torch.utils.data.DataLoader)  # whose batches torch tells of
        if not is_known:
            self._progress.loader_started(loader)
        for batch in loader:
            if not is_known:
                self._progress.fetched(loader, _watch.batch_size(batch))
            yield batch
            self._end_step()
        if not is_known:
            self._progress.loader_ended(loader)

    def step(self, loss: Tensor | float | None = None, metrics: Mapping[str, float | Tensor] | None = None) -> None:
        """Ends a step that was taken by whatever means.

        Args:
            loss: a number or a tensor of one element; needed only where no ``backward()`` tells it.
            metrics: further numbers; names without a ``/`` are put under ``train/``.
        """
        self._is_explicit = True
        self._usual = None
        if self._state == "ended":
            return
        if not self._has_stepped and not self._has_ended:
            self._guarded(self._step_without_optimizer)
        if loss is not None and self._training is not None:
            lead = self._training.sources.lead
            lead.losses = [entry for entry in lead.losses if entry[0] != self.global_step]
            lead.losses.append((self.global_step, number(loss)))
        for name, value in (metrics or {}).items():
            self.log(name if "/" in name else f"train/{name}", value)
        self._end_step()

    def log(self, tag: str, value: float | Tensor, step: int | None = None) -> None:
        """Records one number under a tag, at a step or at the newest: ``run.log("val/accuracy", 0.93)``."""
        if self._state == "ended" or current_rank() != 0:
            return
        self._numbers.append((tag, self.global_step if step is None else step, float(value), time.time()))
        self._guarded(self._submit_numbers)

    def close(self, error: BaseException | None = None) -> None:
        """Ends the watching: writes what is left, and how the run ended."""
        was_watching, ended = self._state == "watching", self._state == "ended"
        if was_watching:
            state, words = outcome(error)
            self._guarded(lambda: self._finish(state, words))
        elif self._company is not None:
            self._company.leave(outcome(error)[1] or "")
        self._state = "ended"
        if not ended and _watch.observer() is self:
            _watch.observe(None)

    def close_at_exit(self) -> None:
        """Closes the run of a program that ends without having done so."""
        self.close(getattr(sys, "last_value", None))

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        self.close(error)

    def resume(self, path: Path | None) -> None:
        """Takes up a checkpoint before the first step; None: there is none, and the run begins.

        Raises:
            CheckpointError: if it can't be read or does not fit.
        """
        if path is None:
            return
        optimizers = [("", one) for one in self._given[1]]
        state = _checkpoint.load(
            path, self._given[0], optimizers, self._schedulers or [], grad_scalers(), current_rank()
        )
        self._progress.global_step = int(state.get("global_step", 0))
        self._progress.epoch = int(state.get("epoch", 0))
        self._resumed = path.parent.parent if path.parent.name == "checkpoints" else None

    def signalled(self, name: str) -> None:
        """A signal asks for a checkpoint and the end, at the next step."""
        self._signal = name

    def set_progress(self, *, step: int | None = None, epoch: int | None = None, epochs: int | None = None) -> None:
        """How far the training is, where a framework counts for itself."""
        if step is not None:
            self._progress.global_step = step
        self._progress.epoch = self._progress.epoch if epoch is None else epoch
        self._progress.epochs = self._progress.epochs if epochs is None else epochs

    # ---------------------------------------------------------------- what torch tells (see _watch)

    def backward(self, loss: Any) -> None:
        """Notes a loss, without waiting for its device."""
        if (get_ident() != self._thread and self._is_elsewhere) or not isinstance(loss, Tensor):
            return
        if loss.numel() != 1:
            self._say_once(f"a loss of shape {tuple(loss.shape)} is not a scalar: it is not shown")
        else:
            self._pending.note(loss.item() if loss.is_cpu else loss.detach())

    def zeroed(self) -> None:
        """Another sum of losses begins."""
        if get_ident() == self._thread or not self._is_elsewhere:
            self._pending.forget()

    def loader_started(self, loader: Any) -> None:
        """A loader begins another epoch."""
        if not self._is_elsewhere:
            self._progress.loader_started(loader)

    def loader_ended(self, loader: Any) -> None:
        """A loader has no more batches in this epoch."""
        if not self._is_elsewhere:
            self._progress.loader_ended(loader)

    def fetched(self, loader: Any, images: int) -> None:
        """A loader gave a batch."""
        if not self._is_elsewhere:
            self._progress.fetched(loader, images)

    def step_begins(self) -> None:
        """An optimizer begins a step, in which it may call a closure."""
        if not self._is_elsewhere:
            self._pending.begin()

    def stepped(self, optimizer: Optimizer) -> None:
        """An optimizer has taken a step; the place where commands are obeyed and records are taken."""
        now = time.perf_counter()
        usual = self._usual
        if (
            now < self._schedule.quiet_until
            and usual is not None
            and usual.reference() is optimizer
            and get_ident() == self._thread
        ):
            # A step between two records, as nearly all are, and in few calls: after a step of the training's none of
            # our code is in the processor's caches, and a call takes ten times what it takes in a loop.
            self._progress.count_step(now)
            usual.note(self._progress.global_step, self._pending.take())
            if self._has_request:
                self._between_steps(now)
            return
        if self._state != "watching":
            if self._state == "ended" or not self._start(optimizer):
                return
        elif self._is_elsewhere:
            return
        training = self._training
        assert training is not None
        source = training.sources.find(optimizer)
        if source is None:
            source = self._welcome(optimizer)
            if source is None:
                return
            training = self._training or training
        sources = training.sources
        if sources.counts(source):
            self._progress.count_step(now)
            self._has_stepped = True
        sources.assign(source, self._progress.global_step, optimizer)
        if source is sources.tail and not self._is_explicit:
            self._between_steps(now)
            self._has_ended = True

    def failed(self, error: Exception) -> None:
        """Gives the watching up, and says so once; the training goes on."""
        if self._state == "ended":
            return
        self._state = "ended"
        words = f"watching ended ({type(error).__name__}: {error}); the training goes on"
        complain(words)
        with contextlib.suppress(Exception):
            self._tell_of_training()
        with contextlib.suppress(Exception):
            if self._ranks is not None:
                self._ranks.part(words)
        with contextlib.suppress(Exception):
            if self._recorder is not None:
                self._recorder.say_traceback(error)
                self._recorder.finish(state="failed", error=words, can=[])

    @property
    def _is_elsewhere(self) -> bool:
        """Whether another thread calls than the one that trains."""
        return self._thread != 0 and get_ident() != self._thread

    def _guarded(self, act: Callable[[], Any]) -> None:
        """Does something that must not end the training."""
        try:
            act()
        except Exception as error:
            if _watch.observer() is self:
                _watch.observe(None)
            self.failed(error)

    # ---------------------------------------------------------------- beginning

    def _tell_of_training(self) -> None:
        """Something trains, watched or not: nobody is to say that nothing did."""
        self.has_trained = True
        if self.on_start is not None:
            self.on_start()

    def _start(self, optimizer: Optimizer) -> bool:
        """Finds what trains and makes the run directory; false where this process is not watched."""
        self._thread = threading.get_ident()
        self._tell_of_training()
        try:
            self._ranks = self._company = Ranks.meet()
        except RanksError as error:
            self._ranks_problem = str(error)
            complain(f"the ranks are not steered together: {error}")
        if self._ranks is None and current_rank() != 0:
            self._end_unwatched()
            return False
        return self._open(optimizer)

    def _end_unwatched(self) -> None:
        self._state = "ended"
        if _watch.observer() is self:
            _watch.observe(None)

    def _open(self, optimizer: Optimizer) -> bool:
        """Begins a run with the training that an optimizer belongs to."""
        models, optimizers = self._given
        # No name for the frame here: it would hold itself, and with it an optimizer that the program drops.
        self._training = Training(
            optimizer, self._progress, sys._getframe(), models=models, optimizers=optimizers, pending=self._pending
        )
        self._schedule = Schedule(self.options.every)
        self._phase: tuple[Copy | None, bool] | None = None
        self._usual = None
        try:
            if self._ranks is None or self._ranks.rank == 0:
                self._open_directory(self._training)
        except OSError as error:
            complain(f"{self.options.runs} can't be written ({error.strerror}): the training goes on unwatched")
            self._state = "ended"
        if not self._begin_with_ranks(self._training):
            return False
        self._steering = Steering(
            self._training, self.directory, self._ranks,
            evaluate=self._evaluate, save=self._save, schedulers=self._schedulers, log=self.log,
        )  # fmt: skip
        self._state = "watching"
        if self._lost is not None and self._ranks is not None:
            self._lose_ranks(self._ranks, self._lost)
        if self._recorder is not None:
            self._recorder.status.set(can=self._abilities())
            self._recorder.step = self.global_step
            self._recorder.start()
        self._submit_numbers()
        return True

    def _open_directory(self, training: Training) -> None:
        settings = {**training.settings, **self._config}
        place = _place.open_place(self.options, training, resumed=self._resumed)
        self.directory, self._recorder = place.directory, place.recorder
        self._recorder.status.set(ranks=self._ranks.size if self._ranks is not None else 1)
        kept = {key: value for key, value in settings.items() if isinstance(value, (str, int, float, bool))}
        self._recorder.submit(lambda: [_events.hyperparameters(kept, time.time())])
        if place.is_restart:
            self._mark(f"restart: goes on from step {self.global_step}")
        for note in self._notes:
            self._recorder.say(note)
        if self._ranks_problem:
            self._recorder.say(f"the ranks are not steered together: {self._ranks_problem}")

    def _abilities(self) -> list[str]:
        """What may be asked: of one rank alone only what does not change what it trains."""
        if not self._ranks_problem:
            return self._steering.abilities()
        return [] if self._training is None or self._training.is_sharded else ["checkpoint"]

    def _begin_with_ranks(self, training: Training) -> bool:
        """False where this process is not watched; a rank that is lost on the way leaves rank 0 alone."""
        self._lost: str | None = None
        if self._ranks is not None:
            try:
                if not self._begin_together(self._ranks, training):
                    return False
            except RanksError as error:
                self._lost = str(error)
        return self._state != "ended"

    def _begin_together(self, ranks: Ranks, training: Training) -> bool:
        """All ranks agree that rank 0 can write, and on what they have in common; false where nothing is watched."""
        own = {"watches": self._state != "ended", "step": self.global_step, "directory": str(self.directory or "")}
        first = json.loads(ranks.broadcast(json.dumps(own).encode()))
        if not first["watches"]:
            ranks.part("")
            self._end_unwatched()
            return False
        _buffers.count()
        processes = _peers.introduce(ranks, step=self.global_step)
        if _peers.Peers.is_needed(ranks, processes):
            self._peers = _peers.Peers(ranks, processes, self._peer_is_gone if self._recorder is not None else None)
            self._peers.start()
        if self._recorder is None:
            self._progress.global_step = first["step"]
            self.directory = Path(first["directory"])
        else:
            self._compare(self._recorder, processes)
        self._shared = SharedStatistics(ranks, training)
        self._turns = Turns(ranks)
        return True

    def _compare(self, recorder: Recorder, processes: Sequence[Mapping[str, Any]]) -> None:
        """Ranks that took up different checkpoints train something that nobody wanted."""
        if self._resumed is None:
            return
        for rank, process in enumerate(processes):
            if process["step"] != self.global_step:
                words = f"rank {rank} goes on from step {process['step']}, rank 0 from step {self.global_step}"
                complain(f"{words}: does it see the folder {self.options.runs}?")
                recorder.say(words)
                recorder.status.set(error=words)
                return

    def _peer_is_gone(self, words: str) -> None:
        recorder = self._recorder
        if recorder is not None and self._state != "ended":
            recorder.say(words)
            with contextlib.suppress(OSError):
                recorder.status.write(error=words)

    def _welcome(self, optimizer: Optimizer) -> Any:
        """An optimizer that was made later: another phase of this training, or another training and so another run."""
        training = self._training
        assert training is not None
        if self._ranks is None and training.is_over(optimizer):
            self._finish("finished", None)
            self._progress = Progress()
            is_open = self._open(optimizer)
            return self._training.sources.find(optimizer) if is_open and self._training is not None else None
        layers = training.layers
        self._schedule.quiet_until = 0.0
        source = training.add(optimizer, sys._getframe())
        if training.layers is not layers and self._shared is not None:
            self._shared.disagree()
        return source

    # ---------------------------------------------------------------- between two steps

    def _end_step(self) -> None:
        """The end of a step that the program marks itself."""
        if self._state == "watching" and self._has_stepped:
            now = time.perf_counter()
            self._guarded(lambda: self._between_steps(now))
        self._has_stepped = self._has_ended = False

    def _step_without_optimizer(self) -> None:
        """A step that ``run.step()`` ends and no optimizer of torch's took."""
        if self._state == "idle" and self._given[1]:
            self._start(self._given[1][0])
        if self._state == "watching":
            self._progress.count_step(time.perf_counter())
            self._has_stepped = True

    def _between_steps(self, now: float) -> None:
        self._has_stepped = False
        recorder = self._recorder
        if now < self._schedule.quiet_until and not self._has_request:
            return
        if self._shared is not None:
            self._shared.submit(recorder)
        if self._ranks is not None:
            self._take_turn(self._ranks, now)
        else:
            if self._phase is not None:
                self._finish_record()
            elif now >= self._schedule.due:
                self._begin_record()
            if recorder is not None and (recorder.has_commands or self._signal):
                self._obey_all(recorder)
        if self._progress.pace is not None:
            self._keep_pace(self._progress.pace)
        if recorder is not None:
            self._take_histograms(recorder, now)
        self._look_ahead(now)

    @property
    def _has_request(self) -> bool:
        """Whether there is a command, or a signal came."""
        recorder = self._recorder
        return bool(self._signal) or recorder is None or recorder.has_commands

    def _look_ahead(self, now: float) -> None:
        """Finds out until when steps have only to be counted."""
        is_busy = self._ranks is not None or self._phase is not None or self._progress.pace is not None
        self._schedule.look_ahead(now, is_busy=is_busy)
        self._usual = None if self._is_explicit or self._training is None else self._training.sources.only

    def _begin_record(self, *, with_ranks: bool = False) -> None:
        """Copies running statistics, so that those after the next step tell the batch's."""
        start = time.perf_counter()
        training = self._training
        assert training is not None
        self._phase = (training.copy(), with_ranks)
        training.layers.watch()
        training.sources.takes_gradients = True
        self._schedule.spend(time.perf_counter() - start, begins=True)

    def _finish_record(self) -> None:
        start = time.perf_counter()
        training, phase = self._training, self._phase
        assert training is not None
        assert phase is not None
        self._phase = None
        training.sources.takes_gradients = False
        record = training.record(phase[0])
        recorder = self._recorder
        if phase[1] and self._ranks is not None and self._shared is not None:
            self._shared.share(record, training, recorder)
        if recorder is not None:
            recorder.step = self.global_step
            recorder.submit(record.events)
        end = time.perf_counter()
        self._schedule.spend(end - start, begins=False)
        self._schedule.recorded(end, recorder.cost if recorder is not None else 0.0)

    def _record_the_end(self, recorder: Recorder) -> None:
        """What no record has taken yet. Learning rates are left out: by now they are those of a next step."""
        training, self._phase = self._training, None
        assert training is not None
        training.sources.takes_gradients = False
        record = training.record(None)
        if recorder.step != self.global_step:
            record.scalars = {tag: one for tag, one in record.scalars.items() if tag.partition("/")[0] != "lr"}
            recorder.submit(record.events)

    def _take_histograms(self, recorder: Recorder, now: float) -> None:
        training = self._training
        assert training is not None
        taken = training.histograms.take(self._schedule.since_histograms(now), now)
        if taken:
            step, wall = self.global_step, time.time()
            recorder.submit(
                lambda: [_events.event([_events.histogram(name, one.wait()) for name, one in taken], step, wall)]
            )

    def _keep_pace(self, pace: float) -> None:
        """Waits until the next step is due; a late one makes the next ones hurry by a tenth of a second at most."""
        self._pace_due = max(self._pace_due, time.perf_counter() - 0.1) + 1 / pace
        while (rest := self._pace_due - time.perf_counter()) > 0 and self._progress.pace is not None:
            recorder = self._recorder
            if self._ranks is not None or recorder is None:
                time.sleep(rest)
                continue
            with contextlib.suppress(queue.Empty):
                self._obey(recorder.commands.get(timeout=rest))

    # ---------------------------------------------------------------- commands

    def _obey_all(self, recorder: Recorder) -> None:
        """Obeys what was asked, one after the other; while paused, waits for more."""
        recorder.has_commands = False
        while True:
            if self._signal:
                self._obey(Command("", "stop"))
            try:
                command = (
                    recorder.commands.get(timeout=0.5) if self._progress.paused else recorder.commands.get_nowait()
                )
            except queue.Empty:
                if self._progress.paused:
                    continue
                break
            self._obey(command)
        self._progress.stand_still()

    def _obey(self, command: Command) -> None:
        """Carries a command out and answers it."""
        ending = None
        failed = False
        try:
            self._check_alone(command)
            answer = self._steering.carry_out(command)
        except Ending as end:
            answer, ending = str(end), end
        except Exception as error:
            answer, failed = answer_to_failure(command, error), True
        self._answer(command, answer, failed)
        if ending is not None:
            self._end(ending)

    def _check_alone(self, command: Command) -> None:
        """Rank 0 alone must not do what the others don't; a signal's stop comes from whoever runs the program."""
        if self._ranks_problem and command.identifier and command.word not in self._abilities():
            raise CommandError(f"the ranks are not steered together: {self._ranks_problem}")

    def _answer(self, command: Command, answer: str, failed: bool) -> None:
        because, self._signal = self._signal, ""
        recorder = self._recorder
        if recorder is None:
            return
        words = answer if failed else f"{command}: {answer}"
        words = f"{because}: {words}" if because else words
        recorder.say(words)
        self._mark(words)
        fields = self._progress.status()
        if command.identifier:
            fields.update(lastCommand=command.identifier, lastAnswer=answer, lastCommandFailed=failed)
        with contextlib.suppress(OSError):
            recorder.status.write(**fields)

    def _mark(self, words: str) -> None:
        """Marks a moment in the charts."""
        step, now = self.global_step, time.time()
        if self._recorder is not None:
            self._recorder.submit(lambda: [_events.event([_events.text("control", words)], step, now)])

    def _end(self, ending: Ending) -> None:
        """Closes the run and leaves the training."""
        self._finish("stopped", None)
        self._state = "ended"
        self.has_stopped = True
        if _watch.observer() is self:
            _watch.observe(None)
        if ending.is_hard:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        self.leave()

    # ---------------------------------------------------------------- ranks

    def _take_turn(self, ranks: Ranks, now: float) -> None:
        """Every so many steps: reads what all ranks have added up, acts on it, and begins another sum."""
        assert self._training is not None
        if self._phase is not None:
            self._finish_record()
        try:
            sums = self._turns.take()
            if sums is None:
                return
            if sums.changed and self._shared is not None:
                self._shared.agree(self._training)
            if sums.commands or sums.signals:
                self._act_together(ranks)
            if sums.record > 1 or (sums.record and self._recorder is not None):
                self._begin_record(with_ranks=sums.record > 1)
            self._turns.give(self._requests(now))
        except RanksError as error:
            self._lose_ranks(ranks, str(error))

    def _requests(self, now: float) -> Requests:
        recorder = self._recorder
        signals = int(bool(self._signal))
        training, shared = self._training, self._shared
        changed = int(training is not None and shared is not None and not shared.knows(training.layers))
        if recorder is None:
            return Requests(signals=signals, changed=changed)
        record = 0
        if now >= self._schedule.due and self._phase is None:
            record = 2 if self._schedule.ranks_are_due(now) else 1
        period = self._turns.fitting_period(self._progress.usual_step)
        return Requests(int(recorder.has_commands), signals, period, record, changed)

    def _act_together(self, ranks: Ranks) -> None:
        """What rank 0 was asked, on all ranks; while paused, again and again."""
        while True:
            for fields in json.loads(ranks.broadcast(json.dumps(self._asked()).encode())):
                self._obey_together(ranks, Command(*fields))
            sums = self._turns.exchange(Requests(signals=int(bool(self._signal)), pace=self._own_pace()))
            self._progress.pace = sums.pace / 1000 or None
            if sums.signals:
                self._obey_together(ranks, Command("", "stop"))
            if not self._progress.paused:
                break
            time.sleep(_PAUSED)
        self._progress.stand_still()
        self._turns.hurry()

    def _own_pace(self) -> int:
        """Rank 0's pace, in thousandths of a step a second: a factor means another one on each rank."""
        return 0 if self._recorder is None else round(1000 * (self._progress.pace or 0))

    def _asked(self) -> list[list[str]]:
        recorder = self._recorder
        asked: list[list[str]] = []
        if recorder is not None:
            recorder.has_commands = False
            with contextlib.suppress(queue.Empty):
                while True:
                    command = recorder.commands.get_nowait()
                    asked.append([command.identifier, command.word, command.key, command.value])
        return asked

    def _obey_together(self, ranks: Ranks, command: Command) -> None:
        """Carries a command out on every rank; rank 0 answers for all."""
        ending = None
        answer, problem = "", ""
        try:
            answer = self._steering.carry_out(command)
        except Ending as end:
            answer, ending = str(end), end
        except RanksError:
            raise
        except Exception as error:
            problem = answer_to_failure(command, error)
        problems = [text.decode("utf-8", "replace") for text in ranks.all_gather(problem.encode()[:2000])]
        failed = [(rank, text) for rank, text in enumerate(problems) if text]
        if failed:
            rank, text = failed[0]
            answer = text if rank == 0 else f"rank {rank}: {text}"
        self._answer(command, answer, bool(failed))
        if ending is not None and not failed:
            self._end(ending)

    def _lose_ranks(self, ranks: Ranks, words: str) -> None:
        """The ranks can't act together any more: rank 0 goes on recording, and nothing can be asked of it."""
        words, is_fault = ranks.why_lost(words)
        ranks.part(words if is_fault else "")
        self._ranks = None
        self._ranks_problem = words
        if self._shared is not None:
            self._shared.drop()
        recorder = self._recorder
        if recorder is None:
            self._end_unwatched()
            return
        self._progress.paused = False
        recorder.say(f"the ranks are no longer steered together: {words}")
        recorder.status.set(can=self._abilities(), **self._progress.status())
        if is_fault:
            complain(f"the ranks are no longer steered together: {words}")
            recorder.status.set(error=recorder.status["error"] or words)

    # ---------------------------------------------------------------- the end

    def _submit_numbers(self) -> None:
        recorder = self._recorder
        if recorder is None or self._state == "idle":
            return
        numbers, self._numbers = self._numbers, []
        if numbers:
            recorder.submit(
                lambda: [_events.event([_events.scalar(tag, one)], step, wall) for tag, step, one, wall in numbers]
            )

    def _finish(self, state: str, error: str | None) -> None:
        """Records the last step and says how the run ended."""
        if self._peers is not None:
            if state == "failed":
                self._peers.wait_for_word(_LAST_WORD)
            self._peers.finish()
        if self._company is not None:
            self._company.leave("" if state != "failed" else error or "")
        recorder = self._recorder
        if recorder is None:
            return
        self._progress.end()
        self._record_the_end(recorder)
        if self._shared is not None:
            self._shared.submit(recorder)
        result = {"finished": 1, "failed": 2}.get(state, 0)
        recorder.submit(lambda: [_events.session_end(result, time.time())])
        recorder.say(f"{state} at step {self.global_step}{': ' + error if error else ''}")
        known = recorder.status["error"]
        told = "; ".join(words for words in (known, error) if words) or None
        recorder.finish(**{**self._progress.status(), "state": state}, error=told, can=[])

    def _say_once(self, words: str) -> None:
        if words not in self._notes:
            self._notes.add(words)
            if self._recorder is not None:
                self._recorder.say(words)
