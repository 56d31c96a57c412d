"""Trainings that differ in their seed → one model: the best on validation, or the average of their weights.

    OUTPUT/checkpoints/seed-13/                       the epochs of a seed while it trains
    OUTPUT/seeds/seed-13.safetensors, seed-13.json    its best epoch, once it is done

A run that was interrupted finds finished seeds there and goes on with the next. Leaves out: one training (trainer.py).
"""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, load_model, save_model

from training.base_check import check_base
from training.checkpoints import forget
from training.config import Config
from training.merging import mix, weights_to_merge
from training.model import load_base
from training.splits import Split, Splits
from training.trainer import TrainingSet, fine_tune, validation_macro_f1, what_to_learn

AVERAGE = "average of the weights"


@dataclass(frozen=True, slots=True)
class Seeds:
    """What the trainings came to, on validation, by macro-F1 (uncalibrated, at 0.5, before other weights are mixed in).

    Attributes:
        macro_f1: Of each seed.
        kept: "seed 14", or "average of the weights".
        average: Macro-F1 of the average of the weights; None where it was not asked for.
    """

    macro_f1: Mapping[int, float]
    kept: str
    average: float | None = None

    @property
    def spread(self) -> float:
        """The standard deviation between seeds; 0 for one."""
        return statistics.stdev(self.macro_f1.values()) if len(self.macro_f1) > 1 else 0.0

    def record(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "validation_macro_f1": {str(seed): round(value, 6) for seed, value in self.macro_f1.items()},
            "mean": round(statistics.mean(self.macro_f1.values()), 6),
            "standard_deviation": round(self.spread, 6),
            "average_of_weights": None if self.average is None else round(self.average, 6),
            "kept": self.kept,
        }

    def sentence(self) -> str:
        """The same for the terminal."""
        values = list(self.macro_f1.values())
        average = "" if self.average is None else f"; the average of the weights has {self.average:.4f}"
        return (
            f"{len(values)} seeds: validation macro-F1 {statistics.mean(values):.4f} on average, standard deviation "
            f"{self.spread:.4f}, {min(values):.4f} to {max(values):.4f}{average}; kept: {self.kept}"
        )


def train_seeds(splits: Splits, config: Config, output: Path) -> tuple[Any, Any, Seeds]:
    """The model that is kept, its Transformers tokenizer, and what all seeds came to."""
    seeds = range(config.seed, config.seed + config.seeds)
    model, tokenizer = load_base(config)  # what is wrong with it shows before a teacher reads all stories
    merged = config.training.merge
    other = None if merged is None else weights_to_merge(model, tokenizer, merged)  # likewise
    left = [seed for seed in seeds if _result(output, seed) is None]
    if left:
        check_base(model, tokenizer, config)
        train = what_to_learn(splits, config)  # a teacher reads all stories for it: once
        for seed in left:
            _train_one(seed, train, splits.validation, config, output)
    found = {seed: float(_result(output, seed) or 0.0) for seed in seeds}
    best = max(found, key=lambda seed: found[seed])
    share = config.training.base_share
    base = {name: value.clone() for name, value in model.state_dict().items()} if share else None
    kept, average = f"seed {best}", None
    if config.keep == "average" and len(found) > 1:
        model.load_state_dict(averaged([_weights(output, seed) for seed in found]))
        average = validation_macro_f1(
            model, tokenizer, config, validation=splits.validation, checkpoints=output / "checkpoints"
        )
    if average is not None and average > found[best]:
        kept = AVERAGE
    else:
        load_model(model, _weights(output, best), device="cpu")
    if base is not None:
        mix(model, base, share)
    if other is not None:
        mix(model, other, config.training.merge_share)
    return model, tokenizer, Seeds(found, kept, average)


def _train_one(seed: int, train: TrainingSet, validation: Split, config: Config, output: Path) -> None:
    """Trains one seed and leaves its weights and figure in `output`."""
    seeded = config.model_copy(update={"seed": seed})
    model, tokenizer = load_base(config if config.keep == "average" else seeded)  # an average needs one new head
    checkpoints = output / "checkpoints" / f"seed-{seed}"
    macro_f1 = fine_tune(model, tokenizer, seeded, train=train, validation=validation, checkpoints=checkpoints)
    weights = _weights(output, seed)
    weights.parent.mkdir(parents=True, exist_ok=True)
    save_model(model, str(weights))
    result = weights.with_suffix(".json.part")
    result.write_text(json.dumps({"macro_f1": macro_f1}) + "\n", encoding="utf-8")
    result.rename(weights.with_suffix(".json"))  # from here on the seed is done
    forget(checkpoints)


def averaged(files: Sequence[Path]) -> dict[str, torch.Tensor]:
    """The mean of every weight over the files; what is no floating-point number is that of the first."""
    total = load_file(files[0])
    for file in files[1:]:
        for name, value in load_file(file).items():
            if value.is_floating_point():
                total[name] += value
    return {name: value / len(files) if value.is_floating_point() else value for name, value in total.items()}


def forget_seeds(output: Path) -> None:
    """Removes the checkpoints and seeds of a finished or abandoned run."""
    forget(output / "checkpoints")
    shutil.rmtree(output / "seeds", ignore_errors=True)


def _weights(output: Path, seed: int) -> Path:
    return output / "seeds" / f"seed-{seed}.safetensors"


def _result(output: Path, seed: int) -> float | None:
    """The figure of a finished seed."""
    path = _weights(output, seed).with_suffix(".json")
    return float(json.loads(path.read_bytes())["macro_f1"]) if path.is_file() else None
