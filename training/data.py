"""Labelled stories: load, check, drop duplicates across splits.

Records are read by the same code as in inference (classifier/stories.py). What makes the data unusable raises with
all problems at once; what can be mended (an empty text, a training story that also stands in validation or test)
is dropped and counted. Leaves out: when two texts are nearly the same (shingles.py), tokens and tensors (trainer.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from classifier.errors import DataError, bullet_list
from classifier.stories import ReadOptions, Story
from classifier.tokens import story_text
from training.annotation import read_corrections
from training.config import DataConfig
from training.filled import filled, is_sheet, sheet_fields
from training.labels import topics_of
from training.reading import read_origin
from training.readings import Shares, read_readings
from training.shingles import NearTexts


@dataclass(frozen=True, slots=True)
class Labelled:
    """A story with its topics (indices into the label list) and its primary topic, where the data names one."""

    story: Story
    topics: frozenset[int]
    primary: str | None = None
    shares: Shares | None = None  # of the readers that gave each topic, where that is known

    @property
    def text(self) -> str:
        """Title and text as the model reads them."""
        return story_text(self.story.title, self.story.text)


@dataclass(frozen=True, slots=True)
class Split:
    """The stories of one role.

    Attributes:
        role: "train", "validation" or "test".
        origin: File or hub id, as named in the config.
        sha256: Of the corrections and the records that were read, before anything was dropped.
        stories: What is left.
        dropped: How many stories were left out, by reason.
    """

    role: str
    origin: str
    sha256: str
    stories: Sequence[Labelled]
    dropped: Mapping[str, int] = field(default_factory=dict)

    def targets(self, num_labels: int) -> NDArray[np.float32]:
        """1 where a story has a topic, shape (stories, topics)."""
        targets = np.zeros((len(self.stories), num_labels), dtype=np.float32)
        for row, labelled in enumerate(self.stories):
            targets[row, list(labelled.topics)] = 1.0
        return targets

    def soft_targets(self, num_labels: int) -> NDArray[np.float32]:
        """The share of readers that gave each topic, where it is known; shape (stories, topics)."""
        targets = self.targets(num_labels)
        for row, labelled in enumerate(self.stories):
            if labelled.shares is not None:
                targets[row] = labelled.shares
        return targets


@dataclass(frozen=True, slots=True)
class Splits:
    """Training, validation and (where the config names one) test data."""

    train: Split
    validation: Split
    test: Split | None


def load_splits(config: DataConfig) -> Splits:
    """All splits, checked, with training stories that also stand elsewhere dropped.

    Raises:
        DataError: If a record, a label or the number of examples makes the data unusable.
        InputError: If a file cannot be read.
    """
    named = {"train": config.train, "validation": config.validation, "test": config.test}
    splits = {role: load_split(role, origin, config) for role, origin in named.items() if origin}
    if config.validation is None:
        splits["train"], splits["validation"] = held_out(splits["train"], config.validation_share)
    others = [split for role, split in splits.items() if role != "train"]
    train = splits["train"]
    if config.drop_duplicates:
        train = drop_duplicates(train, others, config.near_duplicate)
    thin = [
        f"topic '{label}' has {count} training stories, at least {config.min_examples} are needed."
        for label, count in zip(config.labels, train.targets(len(config.labels)).sum(axis=0).astype(int), strict=True)
        if count < config.min_examples
    ]
    thin += [f"{split.origin}: no story to {split.role} on." for split in splits.values() if not split.stories]
    if thin:
        raise DataError(bullet_list(splits["train"].origin, thin) + "\nLabel more stories, or lower data.min_examples.")
    return Splits(train, splits["validation"], splits.get("test"))


def load_split(role: str, origin: str | Sequence[str], config: DataConfig) -> Split:
    """The stories of files or hub datasets, labels corrected by `config.corrections`; empty texts are dropped.

    Rows of a review sheet that nobody filled are dropped too. Those that somebody did come first, so that of two
    copies of a story the one that a person looked at stays.

    Raises:
        DataError: With all unreadable records and unknown labels.
        InputError: If the file cannot be read.
    """
    origins = (origin,) if isinstance(origin, str) else tuple(origin)
    corrected, readings = read_corrections(config, role), read_readings(config, role)
    digest, problems, kept, seen = hashlib.sha256(), [], [], set()
    labelled_ids = {*readings, *corrected}
    dropped = {"empty": 0, "not filled in": 0, "without labels": 0}
    for key, right in sorted(corrected.items()):
        digest.update(f"{key}: {sorted(right)}".encode("utf-8", "replace"))
    for key, shares in sorted(readings.items()):
        digest.update(f"{key}: {shares}".encode("utf-8", "replace"))
    for read, fields in _read_all(role, origins, config):
        story = read
        digest.update(json.dumps(dict(story.columns), sort_keys=True, default=str).encode("utf-8", "replace"))
        if story.error is not None and not story.error.endswith("nothing to label."):
            problems.append(story.error)
            continue
        if story.error is not None or not story_text(story.title, story.text):
            dropped["empty"] += 1
            continue
        seen.add(str(story.id))
        if fields is not config:
            answer = filled(story, fields)
            if answer is None:
                dropped["not filled in"] += 1
                continue
            story = answer
        if readings and str(story.id) not in labelled_ids and fields.labels_field not in story.columns:
            dropped["without labels"] += 1
            continue
        labelled = _labelled(story, fields, corrected, readings.get(str(story.id)))
        if isinstance(labelled, str):
            problems.append(labelled)
        else:
            kept.append(labelled)
    problems += [
        f"{config.corrections}: story '{key}' is not in this file. Name the sheet that was written for it."
        for key in corrected
        if key not in seen
    ]
    problems += [f"{config.readings}: story '{key}' is in none of the files." for key in readings if key not in seen]
    shown = " + ".join(origins)
    if problems:
        raise DataError(bullet_list(shown, problems))
    return Split(role, shown, digest.hexdigest(), kept, {why: count for why, count in dropped.items() if count})


def _read_all(role: str, origins: Sequence[str], config: DataConfig) -> Iterator[tuple[Story, DataConfig]]:
    """Every record, review sheets first, with the config as it holds for its file: another one for a sheet."""
    sheets = {origin for origin in origins if config.columns is None and is_sheet(origin)}
    for origin in sorted(origins, key=lambda origin: origin not in sheets):
        fields = sheet_fields(config) if origin in sheets else config
        options = ReadOptions(
            text_field=None if fields.text_field == "text" else fields.text_field,  # a default may be missing
            title_field=None if fields.title_field == "title" else fields.title_field,
            split=False,
        )
        for story in read_origin(role, origin, options, fields.columns):
            yield story, fields


def _labelled(
    story: Story, config: DataConfig, corrected: Mapping[str, frozenset[int]], shares: Shares | None
) -> Labelled | str:
    """The story with its topics, corrected ones first, then those of several readers; or what is wrong with them."""
    primary = story.columns.get(config.primary_field)
    right = corrected.get(str(story.id))
    if right is not None:
        shares = None
    elif shares is not None:
        right = frozenset(topic for topic, share in enumerate(shares) if share > 0.5)
    topics = topics_of(story, config) if right is None else right
    if isinstance(topics, str):
        return topics
    outdated = right is not None and primary not in [config.labels[topic] for topic in right]
    kept = primary if isinstance(primary, str) and primary and not outdated else None
    return Labelled(story, topics, kept, shares)


def held_out(train: Split, share: float) -> tuple[Split, Split]:
    """The training split in two: what is left, and the validation stories.

    Of the stories with the same topics, `share` is held out: those whose text has the smallest SHA-256. So the same
    stories give the same parts, in whatever order they stand.
    """
    groups: dict[frozenset[int], list[Labelled]] = {}
    for labelled in train.stories:
        groups.setdefault(labelled.topics, []).append(labelled)
    chosen: set[int] = set()
    for group in groups.values():
        group.sort(key=lambda labelled: hashlib.sha256(labelled.text.encode("utf-8")).digest())
        chosen |= {id(labelled) for labelled in group[: round(share * len(group))]}
    parts = [[labelled for labelled in train.stories if (id(labelled) in chosen) == held] for held in (False, True)]
    return replace(train, stories=parts[0]), Split("validation", train.origin, train.sha256, parts[1])


def drop_duplicates(train: Split, others: Sequence[Split], near: float) -> Split:
    """The training split without stories that also stand in another split, or twice in itself (exactly).

    Two stories are near-duplicates if the share `near` of the smaller one's word 4-grams (of the first 60 words)
    is in the other.
    """
    elsewhere = NearTexts((labelled.text for split in others for labelled in split.stories), near)
    kept: list[Labelled] = []
    seen: set[str] = set()
    counts = {"exact duplicate in train": 0, "near-duplicate of validation or test": 0}
    for labelled in train.stories:
        text = labelled.text
        if text in seen:
            counts["exact duplicate in train"] += 1
        elif text in elsewhere:
            counts["near-duplicate of validation or test"] += 1
        else:
            kept.append(labelled)
        seen.add(text)
    return replace(train, stories=kept, dropped={**train.dropped, **{why: n for why, n in counts.items() if n}})
