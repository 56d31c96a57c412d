"""What is checked and said before a training starts: its settings, its splits, an earlier run in the folder.

Leaves out: the config by itself (config.py), the data by itself (data.py).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from classifier.errors import ClassifierError, ConfigError, ModelError, bullet_list, differences
from classifier.fields import likely_texts, long_texts
from classifier.manifest import load_manifest
from classifier.printed import counted
from training.checkpoints import is_any_whole
from training.codebook import codebook_advice, undescribed
from training.config import Config
from training.data import load_splits
from training.model_ids import model_ids
from training.splits import Split, Splits
from training.unlabelled import with_unlabelled

Read = TypeVar("Read")
_LOOKED_AT = 100  # stories whose other fields are looked at
FEW = 10  # stories of a topic on which a calibration and a threshold can be fitted, after a fashion


def check_settings(config: Config) -> list[str]:
    """What this machine, or this kind of problem, cannot do."""
    problems = []
    codebook = config.data.codebook
    if codebook is not None and not Path(codebook).is_file():
        problems.append(f"data.codebook: {codebook}: no such file.")
    if config.data.problem_type == "multi_class" and set(config.decision.pooling) == {"lead"}:
        problems.append("decision.pooling: lead alone, which multi_class does not have. Add first, max or mean.")
    if config.training.device == "cuda":
        import torch  # takes seconds

        if not torch.cuda.is_available():
            problems.append(
                f"training.device: cuda, but torch {torch.__version__} sees no CUDA device. Set auto or cpu."
            )
    merged = config.training.merge
    for setting, names in (("teacher", config.training.teachers), ("merge", () if merged is None else (merged,))):
        for name in names:
            try:
                load_manifest(name)
            except ModelError as error:
                problems.append(f"training.{setting}: {error}")
    return problems


def read_data(config: Config) -> Splits:
    """The splits of a config whose settings can be met.

    Raises:
        ConfigError: With every problem of the settings, and what is wrong with the data as well.
        ClassifierError: If the data alone stands against a training.
    """
    problems = check_settings(config)
    splits = read_with(problems, lambda: with_unlabelled(load_splits(config.data), config.data))
    if problems:
        raise ConfigError("\n".join(problems))
    return splits


def read_with(problems: Sequence[str], read: Callable[[], Read]) -> Read:
    """What `read` returns.

    Raises:
        ConfigError: If it raises and there are problems of the settings: with all of them.
        ClassifierError: What it raises by itself.
    """
    try:
        return read()
    except ClassifierError as error:
        if not problems:
            raise
        raise ConfigError("\n".join([*problems, str(error)])) from error


def describe(splits: Splits, config: Config) -> list[str]:
    """A line or two a split: how many stories, of which topics, what was dropped, what was corrected; then warnings."""
    labels, lines = config.data.labels, []
    for split in splits.labelled:
        counts = split.targets(len(labels)).sum(axis=0).astype(int)
        topics = ", ".join(f"{label} {count}" for label, count in zip(labels, counts, strict=True))
        none = sum(not labelled.topics for labelled in split.stories)
        lines.append(f"{split.role}: {_stories(split)} ({topics}, none {none}){_dropped(split)}")
        lines += _headlines_alone(split)
        if split.corrections is not None:
            filled, changed = split.corrections
            have_rows = counted(filled, "story has a filled row", "stories have filled rows")
            lines.append(f"corrections of {split.role}: {have_rows}, {changed:,} had other topics")
    if missing := undescribed(config.data):
        lines.append(f"warning: {codebook_advice(config.data, missing)}")
    if splits.unlabelled is not None:
        lines.append(f"unlabelled: {_stories(splits.unlabelled)}{_dropped(splits.unlabelled)}")
    if config.data.problem_type == "multi_class":
        return [*lines, *_without_effect(config)]
    return [*lines, *thin_topics(splits.validation, labels)]


def _stories(split: Split) -> str:
    return counted(len(split.stories), "story", "stories")


def _dropped(split: Split) -> str:
    return "".join(f"; dropped {count} {reason}" for reason, count in split.dropped.items())


def _headlines_alone(split: Split) -> list[str]:
    """A warning where no story has anything but a headline, and what else its record may call the text."""
    stories = [labelled.story for labelled in split.stories]
    if any(story.text for story in stories) or not any(story.title for story in stories):
        return []
    names = dict.fromkeys(name for story in stories[:_LOOKED_AT] for name in story.columns)
    long: dict[str, str] = {}
    for story in stories[:_LOOKED_AT]:
        long |= long_texts(story.columns, story.title)
    bodies = likely_texts(names, long)
    without = f", without {', '.join(bodies)}" if bodies else ""
    return [
        f"warning: no {split.role} story has a text: headlines alone are read{without}. "
        "Where there is more to read, name its field with data.text_field."
    ]


def thin_topics(validation: Split, labels: Sequence[str]) -> list[str]:
    """A warning for every topic that too few stories have, or lack, to fit a decision rule on."""
    counts = np.asarray(validation.targets(len(labels)).sum(axis=0), dtype=int).tolist()
    warnings = (_thin(validation, label, count) for label, count in zip(labels, counts, strict=True))
    return [f"warning: {warning}" for warning in warnings if warning]


def _thin(validation: Split, label: str, count: int) -> str | None:
    """What is wrong with a topic that `count` stories have."""
    role, lacking = validation.role, len(validation.stories) - count
    if not count:
        return (
            f"no {role} story has the topic {label}: nothing is fitted for it "
            f"(temperature 1, bias 0, threshold 0.5 unless one is set for all topics). Add at least {FEW}."
        )
    if not lacking:
        return (
            f"every {role} story has the topic {label}: its calibration is not fitted, and that it is seldom given "
            f"wrongly cannot be shown. Add at least {FEW} without it."
        )
    if min(count, lacking) >= FEW:
        return None
    found = f"with the topic {label}: {count}" if count <= lacking else f"without the topic {label}: {lacking}"
    return f"{role} stories {found}, too few to fit its calibration and threshold well. Add some, to at least {FEW}."


def _without_effect(config: Config) -> list[str]:
    """The settings that the config names, and that mean nothing where every story has exactly one topic."""
    given = config.decision.model_fields_set
    named = ["decision.late_evidence"] if "late_evidence" in given else []
    if "pooling" in given and "lead" in config.decision.pooling:
        named.append("lead in decision.pooling")
    return [f"note: without effect where data.problem_type is multi_class: {', '.join(named)}"] if named else []


def fingerprint(config: Config, splits: Splits) -> dict[str, Any]:
    """What must be the same for a run to go on."""
    data = {split.role: f"{split.sha256[:16]} ({len(split.stories)} stories)" for split in splits.all}
    return {"config": config.model_dump(mode="json"), "data": data, "models": model_ids(config)}


def check_model_is_ours(output: Path) -> None:
    """Refuses a folder whose model no run has made: a training would put its own in that place.

    Raises:
        ConfigError: With what to do.
    """
    model = output / "model"
    if os.path.lexists(model) and not (output / "run.json").is_file():
        raise ConfigError(
            f"{model}: was made by no run in {output} (there is no run.json), and training would replace it. "
            "Move it away, or set another output_dir."
        )


def has_trained(output: Path) -> bool:
    """True if a run left anything there that took it time: a model, a finished seed, an epoch to go on from."""
    is_seed_done = any((output / "seeds").glob("seed-*.json"))
    return (output / "model").is_dir() or is_seed_done or is_any_whole(output / "checkpoints")


def check_earlier_run(output: Path, now: Mapping[str, Any]) -> None:
    """Refuses to go on from a run with other settings, data or models, or over a finished one.

    One that trained nothing is none; of one that a version before began, the models are not known, and it goes on.
    A model beside checkpoints or seeds is that of a run before: the one in the folder was started over, and stopped.

    Raises:
        ConfigError: With what differs, or what to do.
    """
    if not (output / "run.json").is_file() or not has_trained(output):
        return
    earlier = json.loads((output / "run.json").read_bytes())
    if "models" not in earlier:  # of a version that did not note them
        earlier["models"] = now["models"]
    differing = differences(_flat(earlier), _flat(now))
    if differing:
        raise ConfigError(
            bullet_list(f"{output} holds a run with other settings, data or models", differing)
            + "\nStart over with --restart, or set another output_dir."
        )
    unfinished = (output / "checkpoints").is_dir() or (output / "seeds").is_dir()
    if (output / "model").is_dir() and not unfinished:
        raise ConfigError(f"{output}/model: this run is finished. Start over with --restart.")


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested objects as one level, keys joined by dots."""
    if not isinstance(value, Mapping):
        return {prefix: value}
    return {k: v for key, inner in value.items() for k, v in _flat(inner, f"{prefix}.{key}" if prefix else key).items()}
