"""A callback for transformers' Trainer: ``Trainer(…, callbacks=[NormscopeCallback()])``.

An unchanged script under ``python -m normscope`` needs none; the callback adds epochs, the evaluations' metrics,
evaluation by key and an orderly end on ``stop``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from normscope._attach import attach
from normscope._run import Run


class NormscopeCallback(TrainerCallback):  # type: ignore[misc]
    """Watches a training, and lets the dashboard steer it."""

    def __init__(
        self,
        *,
        name: str | None = None,
        runs: str | Path = "runs",
        evaluate: Callable[[Any], Mapping[str, float]] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """Takes what ``normscope.attach`` takes; ``evaluate`` is called with the model."""
        self.run: Run | None = None
        self._name = name
        self._runs = runs
        self._evaluate = evaluate
        self._config = config
        self._stops = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **things: Any) -> None:
        """The model, its optimizer and scheduler are there: the watching begins."""
        model, optimizer = things["model"], things["optimizer"]
        evaluate = self._evaluate
        self.run = attach(
            model,
            getattr(optimizer, "optimizer", optimizer),  # inside accelerate's wrapper
            [scheduler for scheduler in [things.get("lr_scheduler")] if scheduler is not None],
            name=self._name,
            runs=self._runs,
            evaluate=None if evaluate is None else lambda: evaluate(model),
            config=self._config,
        )
        self.run.set_progress(step=state.global_step, epochs=int(args.num_train_epochs))
        self.run.leave = self._stop

    def _stop(self) -> None:
        self._stops = True

    def on_step_end(self, args: Any, state: Any, control: Any, **things: Any) -> None:
        """Trainer counts epochs for itself; ``stop`` ends it in its own way."""
        if self.run is not None:
            self.run.set_progress(epoch=int(state.epoch or 0))
        if self._stops:
            control.should_training_stop = True

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **things: Any) -> None:
        """Records an evaluation's metrics; the training's loss is recorded at each step without them."""
        if self.run is None:
            return
        for name, value in (logs or {}).items():
            if name.startswith("eval_") and isinstance(value, (int, float)):
                self.run.log(f"val/{name.removeprefix('eval_')}", value)

    def on_train_end(self, args: Any, state: Any, control: Any, **things: Any) -> None:
        """The training is over."""
        if self.run is not None:
            self.run.close()
