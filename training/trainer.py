"""Fine-tuning: a thin hold on transformers.Trainer.

What is ours: batches of similar length (examples.py), the loss (objective.py), bf16 where the processor has it, a line
an epoch and checkpoints between epochs (callbacks.py). Leaves out: several seeds (seeds.py), thresholds and export.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Sampler
from transformers import Trainer, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from classifier.decide import ProblemType
from training.callbacks import CheckpointBetweenEpochs, Progress
from training.checkpoints import newest_checkpoint
from training.config import Config, TrainingConfig
from training.examples import Augmentation, Collator, LengthGroupedSampler, StoryDataset, Targets
from training.metrics import macro_f1
from training.model import mask_id, pad_id, story_tokenizer
from training.objective import (
    layer_groups,
    smoothed,
    story_loss,
    taught,
    teacher_probabilities,
    weight_decay_groups,
)
from training.splits import Split, Splits


class StoryTrainer(Trainer):  # type: ignore[misc]  # transformers is untyped here
    """Transformers' Trainer with batches of similar length, and a learning rate that may fall from layer to layer."""

    def __init__(self, *, layer_decay: float = 1.0, **settings: Any) -> None:
        super().__init__(**settings)
        self._layer_decay = layer_decay

    def create_optimizer(self, model: Any = None) -> Any:
        """The optimizer of the arguments, with a group of parameters a layer where the rate falls."""
        trained = model or self.model
        if self._layer_decay < 1 and getattr(self, "optimizer", None) is None:
            kind, settings = self.get_optimizer_cls_and_kwargs(self.args, trained)
            groups = layer_groups(trained, settings["lr"], self._layer_decay)
            decayed = set(self.get_decay_parameter_names(trained))
            self.optimizer = kind(weight_decay_groups(groups, decayed, self.args.weight_decay), **settings)
        return super().create_optimizer(model)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return LengthGroupedSampler(self.train_dataset, batch_size=self.args.train_batch_size, seed=self.args.seed)


class TrainingSet(NamedTuple):
    """The stories to train on, and their targets, shape (stories, topics), each 0 to 1."""

    stories: Split
    targets: Targets


def what_to_learn(splits: Splits, config: Config) -> TrainingSet:
    """The stories that training sees and what it aims at, the same for every seed.

    Labels or readers' shares are smoothed, and mixed with what a teacher says; of stories without labels it aims at
    what the teacher says alone.
    """
    train, data, settings = splits.train, config.data, config.training
    shares = smoothed(train.soft_targets(len(data.labels)), settings.label_smoothing, data.problem_type)
    if not settings.teachers:
        return TrainingSet(train, shares)
    others = [] if splits.unlabelled is None else splits.unlabelled.stories
    origin = train.origin if splits.unlabelled is None else f"{train.origin} + {splits.unlabelled.origin}"
    every = replace(train, origin=origin, stories=[*train.stories, *others])
    said = teacher_probabilities(every, settings.teachers, data)
    learned = [
        replace(labelled, topics=frozenset(np.flatnonzero(row > 0.5).tolist()), shares=tuple(row.tolist()))
        for labelled, row in zip(others, said[len(train.stories) :], strict=True)
    ]
    targets = taught(shares, said, settings.teacher_weight)
    return TrainingSet(replace(train, stories=[*train.stories, *learned]), targets)


def fine_tune(
    model: Any, tokenizer: Any, config: Config, *, train: TrainingSet, validation: Split, checkpoints: Path
) -> float:
    """Trains `model` in place, and leaves it with the weights of the best epoch on validation.

    Goes on from the last checkpoint found there.

    Args:
        model: A Transformers classifier.
        tokenizer: Its Transformers tokenizer.
        config: The run's; its seed is the one to train with.
        train: What `what_to_learn` gives.
        validation: What the epochs are compared on.
        checkpoints: The folder of this seed's.

    Returns:
        Validation macro-F1 of that epoch, uncalibrated, at a threshold of 0.5.
    """
    if config.seeds > 1:
        print(f"seed {config.seed}", flush=True)
    set_seed(config.seed)
    trainer = _trainer(model, tokenizer, config, train=train, validation=validation, checkpoints=checkpoints)
    trainer.add_callback(Progress())
    trainer.add_callback(CheckpointBetweenEpochs())
    last = newest_checkpoint(checkpoints)
    if last is not None:
        print(f"going on from {last}", flush=True)
    trainer.train(resume_from_checkpoint=None if last is None else str(last))
    return float(trainer.state.best_metric)


def validation_macro_f1(model: Any, tokenizer: Any, config: Config, *, validation: Split, checkpoints: Path) -> float:
    """The figure that `fine_tune` returns, for a model as it is."""
    trainer = _trainer(model, tokenizer, config, train=None, validation=validation, checkpoints=checkpoints)
    return float(trainer.evaluate()["eval_macro_f1"])


def _trainer(
    model: Any, tokenizer: Any, config: Config, *, train: TrainingSet | None, validation: Split, checkpoints: Path
) -> StoryTrainer:
    """`train` is None for a trainer that only evaluates."""
    kind = config.data.problem_type
    windows = story_tokenizer(tokenizer, max_length=config.model.max_length, stride=config.model.stride)
    examples = None
    if train is not None:
        augmentation = _augmentation(config, mask_id(tokenizer, config))
        examples = StoryDataset(train.stories, windows, train.targets, augmentation)
    trainer = StoryTrainer(
        model=model,
        args=_arguments(config, len(examples or ()), checkpoints),
        data_collator=Collator(pad_id(tokenizer)),
        train_dataset=examples,
        eval_dataset=StoryDataset(validation, windows, validation.targets(len(config.data.labels))),
        compute_loss_func=functools.partial(story_loss, problem_type=kind),
        compute_metrics=functools.partial(_macro_f1, problem_type=kind),
        layer_decay=config.training.layer_decay,
    )
    for callback in (PrinterCallback, ProgressCallback):  # they print raw dictionaries
        trainer.remove_callback(callback)
    return trainer


def _augmentation(config: Config, mask_id: int | None) -> Augmentation:
    training = config.training
    return Augmentation(
        title_dropout=training.title_dropout,
        body_cut=training.body_cut,
        later_window=training.later_window,
        embedded=training.embedded,
        word_dropout=training.word_dropout,
        mask_id=mask_id,
        seed=config.seed,
    )


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


def _macro_f1(prediction: Any, problem_type: ProblemType) -> dict[str, float]:
    logits: NDArray[np.float32] = prediction.predictions
    chosen = logits >= 0
    if problem_type == "multi_class":
        chosen = np.arange(logits.shape[1]) == logits.argmax(axis=1)[:, None]
    true = prediction.label_ids >= 0.5
    known = true.any(axis=0)  # else one false alarm on a topic that no story has would decide between epochs
    return {"macro_f1": macro_f1(chosen[:, known], true[:, known]) or 0.0}
