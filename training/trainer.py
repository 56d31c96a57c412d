"""Fine-tuning: a thin hold on transformers.Trainer.

What is ours: stories become windows anew each epoch (the title dropped from some of them), bf16 where the processor
has it, one line an epoch, checkpoints to go on from. Leaves out: thresholds and export.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler
from transformers import Trainer, TrainerCallback, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.trainer_utils import get_last_checkpoint

from classifier.batching import pad
from classifier.tokens import Tokenizer, story_text
from training.config import Config, TrainingConfig
from training.data import Split, Splits
from training.evaluate import f1_scores


class StoryDataset(Dataset[dict[str, Any]]):
    """The first window of each story with its targets; in training, titles are dropped anew each epoch."""

    def __init__(self, split: Split, tokenizer: Tokenizer, num_labels: int, *, title_dropout: float, seed: int) -> None:
        self._targets = split.targets(num_labels)
        self._full = _first_windows([labelled.text for labelled in split.stories], tokenizer)
        untitled = [story_text("", labelled.story.text) for labelled in split.stories]
        self._untitled = _first_windows(untitled, tokenizer) if title_dropout else self._full
        self._can_drop = np.array([bool(text) for text in untitled])
        self._title_dropout, self._seed = title_dropout, seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Draws which titles are dropped; the same epoch and seed give the same draw."""
        draw = np.random.default_rng([self._seed, epoch]).random(len(self._full))
        self._dropped = (draw < self._title_dropout) & self._can_drop

    @property
    def lengths(self) -> list[int]:
        """Tokens of every example, title included."""
        return [len(window) for window in self._full]

    def __len__(self) -> int:
        return len(self._full)

    def __getitem__(self, index: int) -> dict[str, Any]:
        windows = self._untitled if self._dropped[index] else self._full
        return {"input_ids": windows[index], "labels": self._targets[index]}


def _first_windows(texts: Sequence[str], tokenizer: Tokenizer) -> list[Sequence[int]]:
    return [windows.input_ids[0] for windows in tokenizer.windows(texts, max_windows=1)]


class LengthGroupedSampler(Sampler[int]):
    """Batches of similar length in random order, drawn from seed and epoch alone.

    Transformers' own sampler draws from the global generator, so that a resumed run sees other batches than an
    undisturbed one, and feeds the batches of each group from long to short.
    """

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int, group: int = 50) -> None:
        """`group` batches are drawn at random and sorted by length together."""
        self._lengths = np.asarray(lengths)
        self._batch_size, self._group, self._seed, self._epoch = batch_size, group, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """The same epoch and seed give the same order."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        rng = np.random.default_rng([self._seed, self._epoch])
        order, size, batches = rng.permutation(len(self._lengths)), self._batch_size, []
        for start in range(0, len(order), self._group * size):
            part = order[start : start + self._group * size]
            part = part[np.argsort(-self._lengths[part], kind="stable")]
            batches += [part[row : row + size] for row in range(0, len(part), size)]
        short = [batch for batch in batches if len(batch) < size]  # must come last, or it would shift all others
        full = [batch for batch in batches if len(batch) == size]
        rng.shuffle(full)
        for batch in [*full, *short]:
            yield from batch.tolist()


class StoryTrainer(Trainer):  # type: ignore[misc]  # transformers is untyped here
    """Transformers' Trainer with batches of similar length."""

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return LengthGroupedSampler(
            self.train_dataset.lengths, batch_size=self.args.train_batch_size, seed=self.args.seed
        )


class Collator:
    """Examples → tensors padded to the longest."""

    def __init__(self, pad_id: int) -> None:
        self._pad_id = pad_id

    def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        batch = pad([example["input_ids"] for example in examples], np.arange(len(examples)), self._pad_id)
        return {
            "input_ids": torch.from_numpy(batch.input_ids),
            "attention_mask": torch.from_numpy(batch.attention_mask),
            "labels": torch.from_numpy(np.stack([example["labels"] for example in examples])),
        }


class Progress(TrainerCallback):  # type: ignore[misc]  # transformers is untyped here
    """One line an epoch, and one a minute between them."""

    def __init__(self, every_s: float = 60.0) -> None:
        self.history: list[dict[str, float]] = []
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
        self.history.append({"epoch": round(state.epoch), "train_loss": self._loss, "macro_f1": macro_f1})
        print(
            f"epoch {round(state.epoch)}/{round(args.num_train_epochs)}: training loss {self._loss:.4f}, "
            f"validation loss {metrics['eval_loss']:.4f}, macro-F1 {macro_f1:.4f} (at 0.5, uncalibrated)",
            flush=True,
        )


def fine_tune(
    model: Any, tokenizer: Tokenizer, splits: Splits, config: Config, *, pad_id: int, checkpoints: Path
) -> list[dict[str, float]]:
    """Trains `model` in place, and leaves it with the weights of the best epoch on validation.

    Goes on from the last epoch found in `checkpoints`.

    Returns:
        Epoch, training loss and validation macro-F1 of the epochs of this call.
    """
    set_seed(config.seed)
    progress = Progress()
    dropout = config.training.title_dropout
    num_labels = len(config.data.labels)
    trainer = StoryTrainer(
        model=model,
        args=_arguments(config, len(splits.train.stories), checkpoints),
        data_collator=Collator(pad_id),
        train_dataset=StoryDataset(splits.train, tokenizer, num_labels, title_dropout=dropout, seed=config.seed),
        eval_dataset=StoryDataset(splits.validation, tokenizer, num_labels, title_dropout=0.0, seed=0),
        compute_metrics=_macro_f1,
        callbacks=[progress],
    )
    for callback in (PrinterCallback, ProgressCallback):  # they print raw dictionaries
        trainer.remove_callback(callback)
    last = get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None
    if last is not None:
        print(f"going on from {last}", flush=True)
    trainer.train(resume_from_checkpoint=last)
    return progress.history


def forget(checkpoints: Path) -> None:
    """Removes the checkpoints of a finished or abandoned run."""
    shutil.rmtree(checkpoints, ignore_errors=True)


def _arguments(config: Config, num_stories: int, checkpoints: Path) -> TrainingArguments:
    training = config.training
    use_cpu = training.device == "cpu" or not torch.cuda.is_available()
    steps = -(-num_stories // training.batch_size) * training.num_epochs
    return TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=training.num_epochs,
        per_device_train_batch_size=training.batch_size,
        per_device_eval_batch_size=2 * training.batch_size,
        learning_rate=training.learning_rate,
        warmup_steps=round(training.warmup_ratio * steps),
        weight_decay=training.weight_decay,
        bf16=uses_bf16(training),
        use_cpu=use_cpu,
        dataloader_pin_memory=not use_cpu,
        remove_unused_columns=False,
        label_names=["labels"],
        eval_strategy="epoch",
        save_strategy="epoch",
        logging_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="macro_f1",
        greater_is_better=True,
        seed=config.seed,
        data_seed=config.seed,
        disable_tqdm=True,
        report_to="none",
    )


def uses_bf16(training: TrainingConfig) -> bool:
    """True where the config asks for bf16, or leaves it open and the processor has bf16 products."""
    if training.precision != "auto":
        return training.precision == "bf16"
    if training.device != "cpu" and torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _macro_f1(prediction: Any) -> dict[str, float]:
    logits: NDArray[np.float32] = prediction.predictions
    return {"macro_f1": float(f1_scores(logits >= 0, prediction.label_ids >= 0.5).mean())}
