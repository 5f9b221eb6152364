"""A callback for Lightning's Trainer: ``Trainer(callbacks=[NormscopeCallback()])``.

An unchanged script under ``python -m normscope`` needs none; the callback adds epochs, logged metrics, evaluation by
key and an orderly end on ``stop``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

try:
    from lightning.pytorch import Callback
except ImportError:  # the older name of the same
    from pytorch_lightning import Callback

from normscope._attach import attach
from normscope._run import Run


class NormscopeCallback(Callback):  # type: ignore[misc]
    """Watches a fit, and lets the dashboard steer it."""

    def __init__(
        self,
        *,
        name: str | None = None,
        runs: str | Path = "runs",
        evaluate: Callable[[Any], Mapping[str, float]] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """Takes what ``normscope.attach`` takes; ``evaluate`` is called with the LightningModule."""
        super().__init__()
        self.run: Run | None = None
        self._name = name
        self._runs = runs
        self._evaluate = evaluate
        self._config = config
        self._logged: dict[str, tuple[int, float]] = {}

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """The model, its optimizers and schedulers are there: the watching begins."""
        evaluate = self._evaluate
        self.run = attach(
            trainer.model if trainer.model is not None else pl_module,
            list(trainer.optimizers),
            [setting.scheduler for setting in trainer.lr_scheduler_configs],
            name=self._name,
            runs=self._runs,
            evaluate=None if evaluate is None else lambda: evaluate(pl_module),
            config=self._config,
        )
        self.run.set_progress(step=trainer.global_step, epochs=max(trainer.max_epochs or 0, 0))

        def leave() -> None:
            trainer.should_stop = True

        self.run.leave = leave

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Lightning counts epochs for itself."""
        if self.run is not None:
            self.run.set_progress(epoch=trainer.current_epoch)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Records what the epoch's ``self.log`` calls came to."""
        self._log(trainer)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Records what the validation's ``self.log`` calls came to."""
        if not trainer.sanity_checking:
            self._log(trainer)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """The fit has failed, or was interrupted."""
        if self.run is not None:
            self.run.close(exception)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """The fit is over."""
        if self.run is not None:
            self.run.set_progress(epoch=trainer.current_epoch)
            self.run.close()

    def _log(self, trainer: Any) -> None:
        if self.run is not None:
            for name, value in trainer.callback_metrics.items():
                new = (trainer.global_step, float(value))
                if self._logged.get(name) != new:
                    self._logged[name] = new
                    self.run.log(name, new[1])
