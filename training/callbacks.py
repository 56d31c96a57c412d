"""What happens beside the steps of a training: a line a minute, and checkpoints between the epochs.

Leaves out: what a run that was stopped goes on from (checkpoints.py).
"""

from __future__ import annotations

import time
from typing import Any

from transformers import TrainerCallback


class Progress(TrainerCallback):  # type: ignore[misc]  # transformers is untyped here
    """One line an epoch, and one a minute between them."""

    def __init__(self, every_s: float = 60.0) -> None:
        self._loss = float("nan")
        self._every_s = every_s

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Starts the clock."""
        self._started, self._first_step = time.monotonic(), state.global_step
        self._printed = self._started

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Prints where the run is, how fast, and how long it will take."""
        now = time.monotonic()
        if now - self._printed < self._every_s:
            return
        self._printed = now
        rate = (state.global_step - self._first_step) / (now - self._started)
        left = (state.max_steps - state.global_step) / rate
        print(
            f"step {state.global_step}/{state.max_steps}, epoch {state.epoch:.2f}, {rate:.2f} steps/s, "
            f"about {left / 60:.0f} min left",
            flush=True,
        )

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        """Remembers the training loss."""
        self._loss = (logs or {}).get("loss", self._loss)

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: dict[str, float], **_: Any) -> None:
        """Prints the line."""
        macro_f1 = metrics["eval_macro_f1"]
        print(
            f"epoch {round(state.epoch)}/{round(args.num_train_epochs)}: training loss {self._loss:.4f}, "
            f"validation loss {metrics['eval_loss']:.4f}, macro-F1 {macro_f1:.4f} (at 0.5, uncalibrated)",
            flush=True,
        )


class CheckpointBetweenEpochs(TrainerCallback):  # type: ignore[misc]  # transformers is untyped here
    """A checkpoint every ten minutes beside those of the epochs: a run that is killed loses no more than that.

    None after the last step of an epoch, from which a run would go on without having validated the epoch.
    """

    def __init__(self, every_s: float = 600.0) -> None:
        self._every_s = every_s

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Starts the clock."""
        self._saved = time.monotonic()

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Starts it again."""
        self._saved = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Asks for a checkpoint where it is time."""
        is_end_of_epoch = float(state.epoch).is_integer()
        if not is_end_of_epoch and time.monotonic() - self._saved >= self._every_s:
            control.should_save = True
