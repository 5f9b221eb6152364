"""A run: what watches a training, writes its run directory and obeys its commands."""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import statistics
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from normscope import _checkpoint, _directory, _events, _models, _settings, _watch
from normscope._commands import Amount, Command, CommandError, CommandReader
from normscope._directory import EngineLog, Status
from normscope._histograms import ParameterHistograms, PendingHistogram
from normscope._models import Model
from normscope._ranks import Ranks, RanksError, environment_rank
from normscope._recorder import Recorder
from normscope._recording import Constants, Record, Shape, Sharing
from normscope._statistics import Copy, HostCopy, NormalizationLayers

Batch = TypeVar("Batch")
Save = Callable[[Path], None]
Evaluate = Callable[[], Mapping[str, float]]

_FASTEST = 0.1  # seconds between two records, at least
_SLOWEST = 1.0  # and in a long run, at most, unless they cost more than their share
_RECORD_SHARE = 0.004  # of the training's time
_RANKS_SHARE = 0.001
_LOSSES = 64  # points of a loss in one record
_PAUSED = 0.05  # seconds between two looks for commands while paused, together with other ranks
_RANKS_INTERVAL = 1.0  # seconds between two gatherings of all ranks' statistics, at least


class Stop(SystemExit, KeyboardInterrupt):
    """Raised in the training by the command ``stop``: caught like Ctrl-C, and uncaught an end with status 0."""


@dataclass
class Options:
    """Where a run goes, and how it is watched."""

    runs: Path = Path("runs")
    name: str = ""
    every: float | None = None  # seconds between two records; None: fitted to the run's age and cost
    program: str = ""  # what was started, in words


@dataclass
class _Source:
    """An optimizer, and what came of its steps since the last record."""

    name: str
    reference: weakref.ref[Optimizer]
    losses: list[tuple[int, list[float | Tensor]]] = field(default_factory=list)
    gradient: HostCopy | None = None
    steps: int = 0
    last_rates: list[float] = field(default_factory=list)

    @property
    def optimizer(self) -> Optimizer:
        optimizer = self.reference()
        if optimizer is None:
            raise ReferenceError("an optimizer is gone")
        return optimizer

    def tag(self, quantity: str) -> str:
        return f"{quantity}/{self.name}" if self.name else quantity


class Run:
    """A training that is watched and steered through its run directory.

    Made by :func:`normscope.attach`, or by ``python -m normscope`` for a script that knows nothing of it. It acts between
    two optimizer steps, in the thread that takes them; files are written by a thread of its own.
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
        self.global_step = 0
        self.epoch = 0
        self.data = data
        self._given = list(models), list(optimizers)
        self._schedulers = schedulers
        self._evaluate = evaluate
        self._save = save
        self._config = dict(config or {})
        self._on_start = on_start
        self._extra: list[tuple[str, int, float, float]] = []
        self.has_trained = False
        self.has_stopped = False
        self._state = "idle"  # then "watching", then "ended"
        self._owner = os.getpid()
        self._thread = 0
        self._is_explicit = False  # whether run.steps or run.step say where a step ends
        self._has_stepped = False
        self._pending: list[float | Tensor] = []
        self._notes: set[str] = set()
        self._signal = ""
        self._is_paused = False
        self._pace: float | None = None
        self._pace_due = 0.0
        self._leave: Callable[[], None] = self._raise_stop
        self._epochs = 0
        self._loader: tuple[int, int] = (0, 0)  # id of the loader of the last batch, images since the last step
        self._loader_lengths: dict[int, int] = {}
        self._loader_starts: dict[int, int] = {}
        self._loader_batches = 0
        self._images = 0

    # ------------------------------------------------------------------ what a program calls

    def steps(self, loader: Iterable[Batch]) -> Iterator[Batch]:
        """The batches of ``loader``; what stands in the loop's body between two of them is a step."""
        self._is_explicit = True
        self._note_epoch(loader)
        for batch in loader:
            if self._state != "ended" and not self._knows_loader(loader):
                self._images += _watch.batch_size(batch)
            yield batch
            self._end_step()

    def step(
        self, loss: Tensor | float | None = None, metrics: Mapping[str, float | Tensor] | None = None
    ) -> None:
        """Ends a step that was taken by whatever means.

        Args:
            loss: a number or a tensor of one element; needed only where no ``backward()`` tells it.
            metrics: further numbers; names without a ``/`` are put under ``train/``.
        """
        self._is_explicit = True
        if self._state == "ended":
            return
        if not self._has_stepped:
            self._guarded(self._step_without_optimizer)
        if loss is not None and self._sources:
            self._lead.losses.append((self.global_step, [_number(loss)]))
        for name, value in (metrics or {}).items():
            self.log(name if "/" in name else f"train/{name}", value)
        self._end_step()

    def log(self, tag: str, value: float | Tensor, step: int | None = None) -> None:
        """Records one number under a tag: ``run.log("val/accuracy", 0.93)``."""
        if self._state == "ended" or environment_rank() != 0:
            return
        number = float(value)
        place = self.global_step if step is None else step
        self._extra.append((tag, place, number, time.time()))
        if self._recorder is not None:
            self._guarded(self._flush_extra)

    def close(self, error: BaseException | None = None) -> None:
        """Ends the watching: writes what is left and says how the run ended."""
        if self._state != "watching":
            self._state = "ended"
            return
        self._guarded(lambda: self._finish(error))
        self._state = "ended"
        if _watch.observer() is self:
            _watch.observe(None)

    def close_at_exit(self) -> None:
        """Closes the run of a program that ends without having done so."""
        self.close(getattr(sys, "last_value", None))

    def resume(self, path: Path | None) -> None:
        """Takes up a checkpoint before the first step; None: there is none, and the run begins.

        Raises:
            normscope._checkpoint.CheckpointError: if it can't be read or does not fit.
        """
        if path is None:
            return
        optimizers = [(str(place), one) for place, one in enumerate(self._given[1])]
        rank = environment_rank()
        state = _checkpoint.load(path, self._given[0], optimizers, self._schedulers or [], _grad_scalers(), rank)
        self.global_step = int(state.get("global_step", 0))
        self.epoch = int(state.get("epoch", 0))
        self._resumed = path.parent.parent if path.parent.name == "checkpoints" else None

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        self.close(error)

    # ------------------------------------------------------------------ what torch tells (see _watch)

    def backward(self, loss: Any) -> None:
        """Notes a loss, without waiting for its device."""
        if not isinstance(loss, Tensor):
            return
        if loss.numel() != 1:
            self._say_once(f"a loss of shape {tuple(loss.shape)} is not a scalar: it is not shown")
            return
        self._pending.append(_number(loss))

    def zeroed(self) -> None:
        """Another sum of losses begins."""
        self._pending.clear()

    def loader_started(self, loader: Any) -> None:
        """Counts a loader's epochs."""
        key = id(loader)
        self._loader_starts[key] = self._loader_starts.get(key, 0) + 1
        with contextlib.suppress(TypeError, NotImplementedError):
            self._loader_lengths[key] = len(loader)

    def fetched(self, loader: Any, images: int) -> None:
        """Counts the images of a step: those of the loader that gave the last batch before it."""
        key, count = self._loader
        self._loader = (id(loader), (count if key == id(loader) else 0) + images)
        self._loader_batches = self._loader_batches + 1 if key == id(loader) else 1

    def stepped(self, optimizer: Optimizer) -> None:
        """An optimizer has taken a step; the place where commands are obeyed and records are taken."""
        if self._state != "watching":
            if self._state == "ended" or not self._start(optimizer):
                return
        elif threading.get_ident() != self._thread:
            return
        source = self._sources.get(id(optimizer))
        if source is None or source.reference() is not optimizer:
            source = self._add_optimizer(optimizer)
            if source is None:
                return
        if self._lead_is_idle(source):
            self._lead = source
        if source is self._lead:
            self._tail = self._last or source
            self._count_step()
        self._last = source
        source.steps += 1
        if self._pending:
            source.losses.append((self.global_step, self._pending))
            self._pending = []
        if self._takes_gradients:
            source.gradient = _gradient_norm(optimizer)
        if source is self._tail and not self._is_explicit:
            self._between_steps()

    def failed(self, error: Exception) -> None:
        """Gives the watching up, and says so once; the training goes on."""
        if self._state == "ended":
            return
        was_watching, self._state = self._state == "watching", "ended"
        words = f"watching ended ({type(error).__name__}: {error}); the training goes on"
        _complain(words)
        with contextlib.suppress(Exception):
            if self._ranks is not None:
                self._ranks.leave()
            if was_watching and self._recorder is not None:
                _log_traceback(self._recorder, error)
                self._recorder.status.set(state="failed", error=words, can=[])
                self._recorder.submit(list)
                self._recorder.finish()

    # ------------------------------------------------------------------ beginning

    _recorder: Recorder | None = None
    _ranks: Ranks | None = None
    _takes_gradients = False
    _sources: dict[int, _Source] = {}  # noqa: RUF012  (replaced at the start)

    def _start(self, optimizer: Optimizer) -> bool:
        """Finds what trains and makes the run directory; false where this process is not watched."""
        if threading.current_thread() is not threading.main_thread() and not self._given[1]:
            self._say_once("training in a thread that is not the main one")
        self._thread = threading.get_ident()
        try:
            self._ranks = Ranks.meet()
        except RanksError as error:
            _complain(f"the ranks are not steered together: {error}; only rank 0 is watched")
            self._ranks = None
            self._is_alone = True
        rank = self._ranks.rank if self._ranks is not None else environment_rank()
        if rank != 0 and self._ranks is None:
            self._state = "ended"
            return False
        self._find(optimizer, sys._getframe(1))
        self._clock = time.perf_counter()
        self._began = self._clock
        if rank == 0:
            try:
                self._open_directory()
            except OSError as error:
                folder = self.options.runs
                _complain(f"{folder} can't be written ({error.strerror}): the training goes on unwatched")
                if self._ranks is not None:
                    self._ranks.leave()
                self._state = "ended"
                return False
        self._state = "watching"
        self.has_trained = True
        if self._on_start is not None:
            self._on_start()
        if self._ranks is not None:
            self._begin_together(self._ranks)
        return True

    def _find(self, optimizer: Optimizer, frame: FrameType | None) -> None:
        models, optimizers = self._given
        every = optimizers or _models.live_optimizers(optimizer)
        if all(one is not optimizer for one in every):
            every = [optimizer, *every]
        found = _models.find(every, frame)
        self._models = models or found.models
        self._sources = {
            id(one): _Source(found.optimizer_names[id(one)], weakref.ref(one)) for one in every
        }
        self._lead = self._sources[id(optimizer)]
        self._tail = self._lead
        self._last: _Source | None = None
        self._settings = _settings.found(every, self._models, frame)
        self._epochs = self._epochs or _settings.epochs(self._settings)
        self._look_at_models()

    def _look_at_models(self) -> None:
        roots = [root for model in self._models if (root := model.root) is not None]
        layers = [layer for model in self._models for layer in model.normalization_layers()]
        compiled = any(_models.is_compiled(root) for root in roots)
        self._layers = NormalizationLayers(layers, allows_hooks=not compiled)
        self._sends_buffers = any(_models.sends_buffers(root) for root in roots)
        self._is_sharded = any(_models.is_sharded(root) for root in roots)
        named = [
            (model.qualified(name), parameter)
            for model in self._models
            if model.root is not None and not self._is_sharded
            for name, parameter in _models.named_parameters(model.root)
        ]
        self._histograms = ParameterHistograms(named)
        self._constants = Constants(self._layers)
        self._phase: tuple[Copy | None, bool] | None = None
        self._due = 0.0
        self._record_cost = 0.0
        self._ranks_due = 0.0
        self._durations: list[float] = []
        self._stood_still = False
        self._recorded_images = 0
        self._recorded_at = time.perf_counter()
        self._histograms_at = self._recorded_at

    def _open_directory(self) -> None:
        now = time.time()
        path, restart = self._place()
        self.directory = path
        file = _events.EventFile(path, now, restart)
        log = EngineLog(path / "engine.log")
        status = Status(
            path / "status.json", engine=f"PyTorch {torch.__version__.split('+')[0]}",
            can=self._abilities(), ranks=self._ranks.size if self._ranks is not None else 1,
            launch=_launch_name(), epochs=self._epochs,
        )
        status.write(step=self.global_step, epoch=self.epoch)
        reader = CommandReader(path / "commands.jsonl", from_end=restart is not None)
        self._recorder = Recorder(file, status, log, reader)
        if self._ranks is not None:
            self._watch_peers(self._ranks)
        for kind, settings in (("settings", {**self._settings, **self._config}),):
            plain = {key: value for key, value in settings.items() if isinstance(value, (str, int, float, bool))}
            self._recorder.submit(lambda plain=plain: [_events.hyperparameters(plain, now)] if plain else [])
            del kind
        names = ", ".join(model.name or type(_models.unwrapped(model.root)).__name__ for model in self._models if model.root is not None)
        log.add(f"watching {self.options.program or sys.argv[0]} (pid {os.getpid()}, PyTorch {torch.__version__}): {names}")
        if not self._layers:
            log.add("there is no BatchNorm layer in it")
        if restart is not None:
            log.add(f"goes on in this directory from step {self.global_step}")
            self._mark(f"restart: goes on from step {self.global_step}")
        if self._is_sharded:
            log.add("parameters are sharded: their histograms are left out")
        for note in self._notes:
            log.add(note)
        self._recorder.start()
        print(f"normscope: watching; see it with: normscope watch {path.parent}", file=sys.stderr)

    def _place(self) -> tuple[Path, int | None]:
        """The run's directory, and where it goes on an earlier one, from which step on that is void."""
        name = _directory.run_name(self.options.name or "run")
        earlier = self._earlier(name)
        if earlier is None:
            return _directory.create(self.options.runs, name), None
        if self._resumed is None:
            self.global_step = self._steps_before(earlier)
        return earlier, self.global_step + 1

    def _earlier(self, name: str) -> Path | None:
        """The directory of the run that this one continues: resumed from it, or started again by torchrun."""
        if self._resumed is not None:
            return self._resumed
        if int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") or 0) == 0:
            return None
        launch = _launch_name()
        for entry in sorted(self.options.runs.glob(f"{name}*"), key=lambda path: -path.stat().st_mtime):
            if launch and _directory.read_status(entry).get("launch") == launch:
                return entry
        return None

    _resumed: Path | None = None

    def _steps_before(self, earlier: Path) -> int:
        """Steps that were done before this process's first one, as its optimizer knows them, or else the earlier run's status.

        A program that took up an optimizer's state has its count; where nothing tells, steps are counted on, so that no
        point is lost.
        """
        counts = [
            int(state["step"])
            for state in self._lead.optimizer.state.values()
            if isinstance(state, dict) and "step" in state
        ]
        if counts and max(counts) > 1:
            return max(counts) - 1
        return int(_directory.read_status(earlier).get("step", 0) or 0)

    def _abilities(self) -> list[str]:
        can = ["pause", "resume", "checkpoint", "set lr", "set pace", "stop", "kill"]
        if self._evaluate is not None:
            can.append("evaluate")
        if len(self._layers):
            can.append("set momentum")
        if getattr(self, "_is_alone", False):
            can = ["kill"] if int(os.environ.get("WORLD_SIZE", "1") or 1) > 1 else can
        return can

    def _add_optimizer(self, optimizer: Optimizer) -> _Source | None:
        """An optimizer that was made later: another phase of the same training, or another training."""
        gone = all(source.reference() is None for source in self._sources.values())
        if gone and all(model.root is None for model in self._models) and not self._given[0]:
            self._begin_anew(optimizer)
            return self._lead
        found = _models.find([optimizer], sys._getframe(2))
        source = _Source("" if gone else "", weakref.ref(optimizer))
        known = {id(_models.unwrapped(model.root)) for model in self._models if model.root is not None}
        fresh = [
            model
            for model in found.models
            if model.root is not None and id(_models.unwrapped(model.root)) not in known
        ]
        if fresh and not self._given[0]:
            alive = [model for model in self._models if model.root is not None]
            self._models = [*alive, *fresh]
            self._look_at_models()
        self._sources = {
            key: each for key, each in self._sources.items() if each.reference() is not None
        } | {id(optimizer): source}
        if gone or self._lead.reference() is None:
            self._lead = source
        return source

    def _begin_anew(self, optimizer: Optimizer) -> None:
        """The program trains another model after the first one is gone: that is another run."""
        self._finish(None)
        self.global_step = 0
        self.epoch = 0
        self._loader_starts = {}
        self._recorder = None
        self._find(optimizer, sys._getframe(3))
        self._open_directory()
        self._state = "watching"

    # ------------------------------------------------------------------ counting

    def _lead_is_idle(self, source: _Source) -> bool:
        """Whether ``source`` steps on and on while the optimizer whose steps are counted does not."""
        if source is self._lead:
            self._lead_steps = {}
            return False
        counts = self._lead_steps
        counts[id(source)] = counts.get(id(source), 0) + 1
        return counts[id(source)] > 16 or self._lead.reference() is None

    _lead_steps: dict[int, int] = {}  # noqa: RUF012  (replaced at each step)

    def _count_step(self) -> None:
        now = time.perf_counter()
        if self._stood_still:
            self._stood_still = False
        else:
            self._durations.append(now - self._clock)
        self._clock = now
        self.global_step += 1
        self._has_stepped = True
        key, images = self._loader
        self._images += images
        self._loader = (key, 0)

    def _step_without_optimizer(self) -> None:
        """A step that ``run.step()`` ends and no optimizer of torch's took."""
        if self._state == "idle":
            optimizers = self._given[1]
            if optimizers:
                self._start(optimizers[0])
        if self._state == "watching":
            self._count_step()

    def _end_step(self) -> None:
        """The end of a step that the program marks itself."""
        if self._state == "watching" and self._has_stepped:
            self._has_stepped = False
            self._guarded(self._between_steps)
        self._has_stepped = False

    def _knows_loader(self, loader: Any) -> bool:
        return id(loader) in self._loader_starts

    def _note_epoch(self, loader: Any) -> None:
        if not isinstance(loader, torch.utils.data.DataLoader):
            self.loader_started(loader)
            self._loader = (id(loader), 0)

    def _guarded(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except Exception as error:
            if _watch.observer() is self:
                _watch.observe(None)
            self.failed(error)

    # ------------------------------------------------------------------ between two steps

    def _between_steps(self) -> None:
        now = time.perf_counter()
        if self._ranks is not None:
            self._turn(self._ranks, now)
        else:
            if self._phase is not None:
                self._finish_record()
            elif now >= self._due:
                self._begin_record()
            recorder = self._recorder
            if recorder is not None and (recorder.has_commands or self._signal):
                self._obey_all()
        if self._pace is not None:
            self._keep_pace()
        if self._histogram_turn(now):
            self._clock = time.perf_counter()

    def _begin_record(self, *, with_ranks: bool = False) -> None:
        """Copies running statistics, so that those after the next step tell the batch's."""
        start = time.perf_counter()
        self._phase = (self._layers.copy(), with_ranks)
        self._layers.watch()
        self._takes_gradients = True
        self._record_cost = time.perf_counter() - start
        if not len(self._layers) and not with_ranks and self.global_step > 1:
            self._finish_record()

    def _finish_record(self) -> None:
        start = time.perf_counter()
        phase, self._phase = self._phase, None
        if phase is None:
            return
        before, with_ranks = phase
        self._takes_gradients = False
        record = self._record(before)
        sharing = None
        if with_ranks and self._ranks is not None and self._shape is not None:
            sharing = Sharing.begin(self._ranks, self._shape, record, sends_buffers=self._sends_buffers)
        recorder = self._recorder
        if recorder is not None:
            recorder.step = self.global_step
            recorder.status.set(**self._progress())
            recorder.submit(lambda: record.events(sharing))
        end = time.perf_counter()
        self._record_cost += end - start
        age = end - self._began
        interval = self.options.every
        if interval is None:
            interval = max(min(max(_FASTEST, age / 300), _SLOWEST), self._record_cost / _RECORD_SHARE)
        self._due = end + interval
        self._clock += end - start

    def _record(self, before: Copy | None) -> Record:
        gradients = [(source.tag("train/grad_norm"), source.gradient) for source in self._sources.values()]
        losses = []
        for source in self._sources.values():
            if source.losses:
                losses.append((source.tag("train/loss"), _thinned(source.losses)))
            source.losses, source.gradient = [], None
        scalars = self._rates() | self._throughput()
        return Record(
            step=self.global_step,
            time=time.time(),
            layers=self._layers.tracking,
            before=before,
            after=self._layers.copy(),
            watched=[(layer, HostCopy(pair)) for layer, pair in self._layers.watched()],
            affine=self._layers.affine(),
            constants=self._constants.changed(),
            losses=losses,
            gradients=[(tag, norm) for tag, norm in gradients if norm is not None],
            scalars=scalars,
        )

    def _rates(self) -> dict[str, float]:
        rates: dict[str, float] = {}
        for source in self._sources.values():
            optimizer = source.reference()
            if optimizer is None:
                continue
            for place, group in enumerate(optimizer.param_groups):
                if "lr" not in group:
                    continue
                words = [source.name, str(group.get("name", place)) if place else ""]
                tag = "/".join(["lr", *(word for word in words if word)])
                rates[tag if tag not in rates else f"{tag}-{place}"] = float(group["lr"])
        if rates and "lr" not in rates:
            rates["lr"] = next(iter(rates.values()))
        return rates

    def _throughput(self) -> dict[str, float]:
        """Steps and images a second since the last record, without the time in which nothing was trained."""
        durations, self._durations = self._durations, []
        images, self._images = self._images, 0
        if not durations:
            return {}
        usual = statistics.median(durations)
        kept = [seconds for seconds in durations if seconds <= max(10 * usual, 0.5)]
        seconds = sum(kept)
        if seconds <= 0:
            return {}
        rates = {"throughput/steps_per_second": len(kept) / seconds}
        if images:
            rates["throughput/images_per_second"] = images * len(kept) / len(durations) / seconds
        return rates

    def _progress(self) -> dict[str, Any]:
        key, _ = self._loader
        starts = self._loader_starts.get(key, 0)
        if starts:
            self.epoch = max(self.epoch, starts - 1)
        length = self._loader_lengths.get(key, 0)
        fields: dict[str, Any] = {
            "state": "paused" if self._is_paused else "running",
            "step": self.global_step,
            "epoch": self.epoch,
            "epochs": self._epochs,
            "stepped": time.time(),
        }
        if length:
            fields["stepsPerEpoch"] = length
        return fields

    def _histogram_turn(self, now: float) -> bool:
        recorder = self._recorder
        if recorder is None:
            return False
        elapsed, self._histograms_at = now - self._histograms_at, now
        taken = self._histograms.take(min(elapsed, 1.0), now)
        if taken:
            step, wall = self.global_step, time.time()
            recorder.submit(lambda: [_histogram_event(taken, step, wall)])
        return bool(taken)

    def _keep_pace(self) -> None:
        if self._pace is None:
            return
        now = time.perf_counter()
        self._pace_due = max(self._pace_due, now - 0.1) + 1 / self._pace
        while (rest := self._pace_due - time.perf_counter()) > 0 and self._pace is not None:
            if self._ranks is not None or self._recorder is None:
                time.sleep(rest)
                continue
            with contextlib.suppress(queue.Empty):
                self._obey(self._recorder.commands.get(timeout=rest))
        self._clock = time.perf_counter()
        self._stood_still = False

    # ------------------------------------------------------------------ commands

    def _obey_all(self) -> None:
        """Obeys what was asked, one after the other; while paused, waits for more."""
        recorder = self._recorder
        assert recorder is not None
        recorder.has_commands = False
        if self._signal:
            self._obey(Command("", "stop"), because=self._signal)
        while True:
            try:
                command = recorder.commands.get(timeout=1.0) if self._is_paused else recorder.commands.get_nowait()
            except queue.Empty:
                if self._is_paused and not self._signal:
                    continue
                if self._signal:
                    self._obey(Command("", "stop"), because=self._signal)
                break
            self._obey(command)
        self._stood_still = True

    def _obey(self, command: Command, because: str = "") -> None:
        """Carries a command out and answers it."""
        ending = None
        failed = False
        try:
            answer = self._carry_out(command)
        except _Ending as end:
            answer, ending = str(end), end
        except Exception as error:
            answer, failed = _failure(command, error), True
        self._signal = ""
        self._answer(command, answer, failed, because)
        if ending is not None:
            self._end(ending)

    def _answer(self, command: Command, answer: str, failed: bool, because: str = "") -> None:
        recorder = self._recorder
        if recorder is None:
            return
        words = f"{because + ': ' if because else ''}{command}: {answer}"
        recorder.say(words)
        self._mark(words)
        fields = self._progress()
        if command.identifier:
            fields.update(lastCommand=command.identifier, lastAnswer=answer, lastCommandFailed=failed)
        fields.pop("stepped")
        with contextlib.suppress(OSError):
            recorder.status.write(**fields, pace=self._pace)

    def _mark(self, words: str) -> None:
        step, now = self.global_step, time.time()
        if self._recorder is not None:
            self._recorder.submit(lambda: [_events.event([_events.text("control", words)], step, now)])

    def _carry_out(self, command: Command) -> str:
        """What was done, in words.

        Raises:
            CommandError: with the reason, if it can't be done.
            _Ending: if the run is to end.
        """
        step = self.global_step
        match command.word:
            case "pause":
                self._is_paused = True
                return f"paused at step {step}"
            case "resume":
                self._is_paused = False
                return f"training goes on from step {step}"
            case "checkpoint":
                return f"wrote {self._write_checkpoint()}"
            case "evaluate":
                return self._run_evaluation()
            case "stop":
                name = self._write_checkpoint()
                raise _Ending(f"stopping at step {step}: wrote {name}")
            case "kill":
                raise _Ending(f"ended at step {step} without a checkpoint", is_hard=True)
        return self._set(command.key, command.value)

    def _set(self, key: str, value: str) -> str:
        if key == "lr":
            return self._set_rate(Amount.parse(value, "a learning rate such as 0.01, or a factor such as *0.5"))
        if key == "pace":
            return self._set_pace(value)
        if key == "momentum" or key.startswith("momentum."):
            return self._set_momentum(key.partition(".")[2], value)
        raise CommandError(f"unknown setting {key[:40]!r}: expected lr, momentum or pace")

    def _set_rate(self, amount: Amount) -> str:
        """Scales every group's rate, and what the schedulers begin with, so that a schedule goes on in proportion."""
        current = float(self._lead.optimizer.param_groups[0]["lr"])
        wanted = amount.of(current)
        factor = wanted / current if current else None
        optimizers = [source.optimizer for source in self._sources.values() if source.reference() is not None]
        schedulers = _models.schedulers_of(optimizers)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                _scale_rate(group, factor, wanted)
        if factor is not None:
            for scheduler in schedulers:
                _scale_scheduler(scheduler, factor)
        now = float(self._lead.optimizer.param_groups[0]["lr"])
        more = "" if schedulers else "; no scheduler of torch's is there: it stays until the program sets another"
        return f"learning rate {current:.4g} → {now:.4g}{more}"

    def _set_momentum(self, name: str, value: str) -> str:
        if value.lower() == "none":
            momentum = None
        else:
            momentum = Amount.parse(value, "a momentum from 0 to 1 such as 0.1, or None").number
            if momentum > 1:
                raise CommandError(f"expected a momentum from 0 to 1, not {value}")
        layers = [layer for layer in self._layers.layers if not name or layer.name == name]
        if not layers:
            known = ", ".join(layer.name for layer in self._layers.layers[:8])
            raise CommandError(f"there is no normalization layer {name!r}; there are {known}")
        before = {layer.module.momentum for layer in layers}
        for layer in layers:
            layer.module.momentum = momentum
        former = f"{next(iter(before))}" if len(before) == 1 else "several"
        where = f" of {name}" if name else f" of {len(layers)} layers" if len(layers) > 1 else f" of {layers[0].name}"
        return f"momentum{where} {former} → {momentum}"

    def _set_pace(self, value: str) -> str:
        if value.lower() == "full":
            self._pace = None
            return "pace full"
        amount = Amount.parse(value, "steps a second such as 50, a factor such as *2, or full")
        usual = statistics.median(self._durations) if self._durations else 0.0
        current = self._pace or (1 / usual if usual else 0.0)
        if amount.is_factor and amount.number >= 1 and (self._pace is None or (usual and 1 / usual < 0.8 * self._pace)):
            self._pace = None
            return "pace full"
        wanted = amount.of(current)
        if wanted <= 0:
            raise CommandError("the pace is not known yet: give steps a second")
        self._pace = max(1.0, float(f"{wanted:.3g}")) if amount.is_factor else wanted
        self._pace_due = time.perf_counter()
        return f"pace {self._pace:g} steps a second"

    def _run_evaluation(self) -> str:
        if self._evaluate is None:
            raise CommandError("nothing says how to: pass evaluate= to normscope.attach")
        modules = [module for model in self._models if model.root is not None for module in model.root.modules()]
        modes = [(module, module.training) for module in modules]
        try:
            with _checkpoint.same_random_state():
                found = self._evaluate()
        finally:
            for module, mode in modes:
                module.training = mode
        if not isinstance(found, Mapping) or not found:
            raise CommandError('evaluate has to give numbers by name, such as {"loss": 0.3, "accuracy": 0.9}')
        numbers = {name if "/" in name else f"val/{name}": float(value) for name, value in found.items()}
        for tag, number in numbers.items():
            self.log(tag, number)
        return ", ".join(f"{tag} {number:.4g}" for tag, number in numbers.items())

    def _write_checkpoint(self) -> str:
        name = _directory.checkpoint_name(self.global_step)
        is_writer = self._ranks is None or self._ranks.rank == 0
        optimizers = self._named_optimizers()
        random_state: Any = _checkpoint.random_state()
        if self._ranks is not None:
            random_state = self._all_random_states(self._ranks, random_state)
        if self._save is not None:
            if is_writer and self.directory is not None:
                self._save(self.directory / "checkpoints" / name)
            return name
        if not is_writer and not self._is_sharded:
            return name
        schedulers = self._schedulers
        if schedulers is None:
            schedulers = _models.outer_schedulers(_models.schedulers_of([one for _, one in optimizers]))
        state = _checkpoint.collect(
            self._models,
            optimizers,
            schedulers,
            _grad_scalers(),
            epoch=self.epoch,
            global_step=self.global_step,
            random_state=random_state,
        )
        if is_writer and self.directory is not None:
            (self.directory / "checkpoints").mkdir(exist_ok=True)
            _checkpoint.write(state, self.directory / "checkpoints" / name)
        return name

    def _all_random_states(self, ranks: Ranks, own: Any) -> list[Any]:
        import io

        buffer = io.BytesIO()
        torch.save(own, buffer)
        parts = ranks.all_gather(buffer.getvalue())
        return [torch.load(io.BytesIO(part), weights_only=True) for part in parts]

    def _named_optimizers(self) -> list[tuple[str, Optimizer]]:
        return [
            (source.name, optimizer)
            for source in self._sources.values()
            if (optimizer := source.reference()) is not None
        ]

    def _end(self, ending: _Ending) -> None:
        """Closes the run and leaves the training."""
        self._close_files("stopped", None)
        self._state = "ended"
        self.has_stopped = True
        _watch.observe(None)
        if ending.is_hard:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        self._leave()

    def _raise_stop(self) -> None:
        raise Stop(0)

    def signalled(self, name: str) -> None:
        """A signal asks for a checkpoint and the end, at the next step."""
        self._signal = name

    # ------------------------------------------------------------------ ranks

    def _begin_together(self, ranks: Ranks) -> None:
        self._since = 0
        self._period = 1
        self._ranks_cost = 0.0
        self._errors = 0
        self._shape = Shape.agree(ranks, self._layers)
        ranks.start([0, 0, 0, 0, 0])

    def _turn(self, ranks: Ranks, now: float) -> None:
        """Every so many steps: reads the sum that was begun then, acts on it, and begins another."""
        if self._phase is not None:
            self._finish_record()
        self._since += 1
        if self._since < self._period:
            return
        self._since = 0
        commands, signals, errors, period, record = self._exchange(ranks)
        if commands or signals:
            self._act_together(ranks)
        if errors > self._errors and self._recorder is not None:
            self._recorder.say(f"{errors} rank{'s' if errors > 1 else ''} reported an error: see its standard error")
            self._errors = errors
        if period:
            self._period = period
        if record:
            self._begin_record(with_ranks=record > 1)
        start = time.perf_counter()
        ranks.start(self._requests(now))
        self._ranks_cost += time.perf_counter() - start

    def _exchange(self, ranks: Ranks) -> list[int]:
        start = time.perf_counter()
        sums = ranks.finish()
        self._ranks_cost = time.perf_counter() - start
        return sums

    def _requests(self, now: float) -> list[int]:
        """What this rank adds to the sum: commands, signals, errors, steps between two sums, whether to record."""
        recorder = self._recorder
        if recorder is None:
            return [0, int(bool(self._signal)), 0, 0, 0]
        record = 0
        if now >= self._due and self._phase is None:
            record = 1
            if now >= self._ranks_due:
                record = 2
                self._ranks_due = now + max(_RANKS_INTERVAL, 20 * self._record_cost / _RECORD_SHARE / 10)
        return [int(recorder.has_commands), int(bool(self._signal)), 0, self._fitting_period(), record]

    def _fitting_period(self) -> int:
        """Steps between two sums, so that they take a thousandth of the time."""
        if not self._durations:
            return self._period
        usual = statistics.median(self._durations[-50:])
        wanted = math.ceil(self._ranks_cost / (_RANKS_SHARE * usual)) if usual > 0 else 1
        # A sum that once came late must not make all later ones rare.
        return max(1, min(wanted, 2 * self._period, max(1, int(0.5 / usual) if usual > 0 else 1)))

    def _act_together(self, ranks: Ranks) -> None:
        """What rank 0 was asked, and the same on all ranks; while paused, again and again."""
        while True:
            for fields in json.loads(ranks.broadcast(json.dumps(self._asked()).encode())):
                self._obey_together(ranks, Command(*fields))
            ranks.start([0, int(bool(self._signal)), 0, 0, 0])
            signals = ranks.finish()[1]
            if signals:
                self._obey_together(ranks, Command("", "stop"))
            if not self._is_paused:
                break
            time.sleep(_PAUSED)
        self._stood_still = True

    def _asked(self) -> list[list[str]]:
        recorder = self._recorder
        if recorder is None:
            return []
        recorder.has_commands = False
        asked: list[list[str]] = []
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
            answer = self._carry_out(command)
        except _Ending as end:
            answer, ending = str(end), end
        except Exception as error:
            problem = _failure(command, error)
        because, self._signal = self._signal, ""
        problems = [text.decode("utf-8", "replace") for text in ranks.all_gather(problem.encode()[:2000])]
        failed = [(rank, text) for rank, text in enumerate(problems) if text]
        if failed:
            rank, text = failed[0]
            answer = text if rank == 0 else f"rank {rank}: {text}"
        self._answer(command, answer, bool(failed), because)
        if ending is not None and not failed:
            self._end(ending)

    def _watch_peers(self, ranks: Ranks) -> None:
        """Nothing yet: replaced where the processes of other ranks can be looked at."""

    # ------------------------------------------------------------------ the end

    def _flush_extra(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        extra, self._extra = self._extra, []
        recorder.submit(
            lambda: [
                _events.event([_events.scalar(tag, value)], step, wall) for tag, step, value, wall in extra
            ]
        )

    def _finish(self, error: BaseException | None) -> None:
        if self._ranks is not None:
            self._ranks.leave()
        state, words = _outcome(error)
        self._close_files(state, words)

    def _close_files(self, state: str, error: str | None) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        with contextlib.suppress(ReferenceError):
            self._phase = self._phase or (None, False)
            self._finish_record()
        recorder.status.set(state=state, error=error, can=[], step=self.global_step, epoch=self.epoch)
        status = {"finished": 1, "failed": 2}.get(state, 0)
        recorder.submit(lambda: [_events.session_end(status, time.time())])
        recorder.say(f"{state} at step {self.global_step}{': ' + error if error else ''}")
        recorder.finish()


class _Ending(Exception):
    """A command ends the run; the message is its answer."""

    def __init__(self, answer: str, *, is_hard: bool = False) -> None:
        super().__init__(answer)
        self.is_hard = is_hard


def _number(loss: Tensor | float) -> float | Tensor:
    """A loss as a number where it is on the CPU; on a device as a tensor, to be read with the next record."""
    if not isinstance(loss, Tensor):
        return float(loss)
    return float(loss.detach()) if loss.device.type == "cpu" else loss.detach()


def _thinned(losses: list[tuple[int, list[float | Tensor]]]) -> list[tuple[int, list[float | HostCopy]]]:
    """At most some sixty points: of each stretch of many steps the least and the greatest, so that no spike is lost."""
    stacked: list[tuple[int, list[float | HostCopy]]] = []
    for step, parts in losses:
        stacked.append((step, [part if isinstance(part, float) else HostCopy(part) for part in parts]))
    if len(stacked) <= _LOSSES or any(isinstance(part, HostCopy) for _, parts in stacked for part in parts):
        return stacked
    size = math.ceil(len(stacked) / (_LOSSES // 2))
    kept = []
    for begin in range(0, len(stacked), size):
        stretch = stacked[begin : begin + size]
        sums = [sum(part for part in parts if isinstance(part, float)) for _, parts in stretch]
        ends = {_place(sums, min), _place(sums, max)}
        kept += [stretch[place] for place in sorted(ends)]
    return kept


def _place(values: Sequence[float], pick: Callable[..., float]) -> int:
    """Where the least or the greatest value is; one that is not a number comes before all."""
    for place, value in enumerate(values):
        if math.isnan(value):
            return place
    return values.index(pick(values))


def _gradient_norm(optimizer: Optimizer) -> HostCopy | None:
    """The 2-norm of all gradients that the optimizer has just used, as one tensor."""
    by_device: dict[tuple[torch.device, torch.dtype], list[Tensor]] = {}
    for parameter in _models.parameters_of(optimizer):
        gradient = parameter.grad
        if gradient is None or gradient.is_sparse:
            continue
        local = gradient.to_local() if hasattr(gradient, "to_local") else gradient
        by_device.setdefault((local.device, local.dtype), []).append(local)
    if not by_device:
        return None
    norms = [norm.float() for gradients in by_device.values() for norm in torch._foreach_norm(gradients)]
    return HostCopy(torch.linalg.vector_norm(torch.stack([norm.to(norms[0].device) for norm in norms])))


def _histogram_event(taken: list[tuple[str, PendingHistogram]], step: int, wall: float) -> bytes:
    return _events.event([_events.histogram(name, pending.wait()) for name, pending in taken], step, wall)


def _scale_rate(group: dict[str, Any], factor: float | None, wanted: float) -> None:
    for key in ("lr", "initial_lr", "max_lr", "min_lr"):
        if key not in group or (factor is None and key != "lr"):
            continue
        value = group[key]
        if isinstance(value, Tensor):
            value.copy_(value * factor if factor is not None else torch.tensor(wanted))
        else:
            group[key] = value * factor if factor is not None else wanted


def _scale_scheduler(scheduler: Any, factor: float) -> None:
    for key in ("base_lrs", "max_lrs", "min_lrs", "_last_lr"):
        values = vars(scheduler).get(key)
        if isinstance(values, list):
            setattr(scheduler, key, [value * factor if isinstance(value, (int, float)) else value for value in values])


def _grad_scalers() -> list[Any]:
    kinds = tuple(
        kind
        for name in ("torch.amp.grad_scaler", "torch.cuda.amp.grad_scaler")
        if (kind := getattr(sys.modules.get(name), "GradScaler", None)) is not None
    )
    return [scaler for scaler in _models.live_objects(kinds) if scaler.is_enabled()] if kinds else []


def _failure(command: Command, error: Exception) -> str:
    if isinstance(error, (CommandError, _checkpoint.CheckpointError)):
        return f"{command} failed: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{command} failed: {error.strerror}"
    return f"{command} failed: {type(error).__name__}: {error}"


def _outcome(error: BaseException | None) -> tuple[str, str | None]:
    """How a run ended, and the reason in one line where that is a fault."""
    if error is None:
        return "finished", None
    if isinstance(error, SystemExit) and not isinstance(error, Stop):
        code = error.code
        if code is None or code == 0:
            return "finished", None
        return "failed", f"the program ended with {code if isinstance(code, int) else str(code)!r}"
    if isinstance(error, (KeyboardInterrupt, Stop)):
        return "stopped", None
    words = str(error).splitlines()
    return "failed", f"{type(error).__name__}: {words[0] if words else ''}"


def _launch_name() -> str:
    """What tells the processes of one launch by torchrun from those of another; empty without one."""
    identifier = os.environ.get("TORCHELASTIC_RUN_ID", "")
    if not identifier:
        return ""
    if identifier != "none":
        return identifier
    parent = os.getppid()
    return f"{os.uname().nodename}-{parent}-{_directory.start_ticks(parent)}"


def _complain(words: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(f"normscope: {words}", file=sys.stderr)


def _log_traceback(recorder: Recorder, error: Exception) -> None:
    import traceback

    for line in traceback.format_exception(type(error), error, error.__traceback__):
        for part in line.splitlines():
            recorder.say(part)
