"""Labelled stories: load, check, drop duplicates across splits.

Records are read by the same code as in inference (classifier/stories.py). What makes the data unusable raises with
all problems at once; what can be mended (an empty text, a training story that also stands in validation or test)
is dropped and counted. Leaves out: tokens and tensors (trainer.py).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import DataError, InputError, MissingExtraError, bullet_list, nearest
from classifier.sources import Source, format_of
from classifier.stories import ReadOptions, Story, read_stories, story_from_record
from classifier.tokens import story_text
from training.config import DataConfig

_HUB_ID = re.compile(r"^([\w.-]+/[\w.-]+)(?::([\w.\[\]%-]+))?$")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A story with its topics (indices into the label list) and its primary topic, where the data names one."""

    story: Story
    topics: frozenset[int]
    primary: str | None = None

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
        sha256: Of the records that were read, before anything was dropped.
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
    others = [split for role, split in splits.items() if role != "train"]
    train = drop_duplicates(splits["train"], others, config.near_duplicate)
    thin = [
        f"topic '{label}' has {count} training stories, at least {config.min_examples} are needed."
        for label, count in zip(config.labels, train.targets(len(config.labels)).sum(axis=0).astype(int), strict=True)
        if count < config.min_examples
    ]
    thin += [f"{split.origin}: no story to {split.role} on." for split in splits.values() if not split.stories]
    if thin:
        raise DataError(bullet_list(config.train, thin) + "\nLabel more stories, or lower data.min_examples.")
    return Splits(train, splits["validation"], splits.get("test"))


def load_split(role: str, origin: str, config: DataConfig) -> Split:
    """The stories of one file or hub dataset; empty texts are dropped and counted.

    Raises:
        DataError: With all unreadable records and unknown labels.
        InputError: If the file cannot be read.
    """
    options = ReadOptions(
        text_field=None if config.text_field == "text" else config.text_field,  # a default need not be in every record
        title_field=None if config.title_field == "title" else config.title_field,
        split=False,
    )
    digest, problems, kept, empty = hashlib.sha256(), [], [], 0
    for story in _read(role, origin, options):
        digest.update(json.dumps(dict(story.columns), sort_keys=True, default=str).encode("utf-8", "replace"))
        if story.error is not None and not story.error.endswith("nothing to label."):
            problems.append(story.error)
            continue
        if story.error is not None or not story_text(story.title, story.text):
            empty += 1
            continue
        topics = _topics(story, config)
        if isinstance(topics, str):
            problems.append(topics)
            continue
        primary = story.columns.get(config.primary_field)
        kept.append(Labelled(story, topics, primary if isinstance(primary, str) and primary else None))
    if problems:
        raise DataError(bullet_list(origin, problems))
    return Split(role, origin, digest.hexdigest(), kept, {"empty": empty} if empty else {})


def _read(role: str, origin: str, options: ReadOptions) -> Iterator[Story]:
    kind, compression = format_of(Path(origin))
    if kind in ("jsonl", "csv", "parquet"):
        yield from read_stories(Source(origin, kind, compression), options)
        return
    match = _HUB_ID.match(origin)
    if match is None:
        raise InputError(
            f"{origin}: expected a .jsonl, .csv, .tsv or .parquet file, or a hub id such as owner/name:split."
        )
    yield from _read_hub(match[1], match[2] or role, origin, options)


def _read_hub(name: str, split: str, origin: str, options: ReadOptions) -> Iterator[Story]:
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError(f"the dataset '{origin}'", "train") from error
    try:
        dataset = datasets.load_dataset(name, split=split)
    except Exception as error:  # the library raises many kinds, all of them the user's or the network's
        raise InputError(f"{origin}: datasets cannot load it ({type(error).__name__}: {error}).") from error
    for number, record in enumerate(dataset, 1):
        names = {key: _names(dataset.features[key], value) for key, value in record.items()}
        yield story_from_record(names, f"{origin}:{number}", options)


def _names(feature: Any, value: Any) -> Any:
    """Class numbers as class names; everything else as it is."""
    if isinstance(feature, list):
        feature = feature[0]
    inner: Any = getattr(feature, "feature", feature)
    return inner.int2str(value) if hasattr(inner, "int2str") and value is not None else value


def _topics(story: Story, config: DataConfig) -> frozenset[int] | str:
    """The story's topics, or what is wrong with them."""
    if config.labels_field not in story.columns:
        found = ", ".join(map(str, story.columns))
        return f"{story.id}: no field '{config.labels_field}'. Found: {found}. Name it with data.labels_field."
    value = story.columns[config.labels_field]
    if value is None:
        value = []
    if isinstance(value, str):
        value = [name.strip() for name in value.split("|") if name.strip()]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return f"{story.id}: field '{config.labels_field}' is {value!r}, expected a list of topic names."
    unknown = [name for name in value if name not in config.labels]
    if unknown:
        known = ", ".join(config.labels)
        return f"{story.id}: unknown label '{unknown[0]}'.{nearest(unknown[0], config.labels)} Known: {known}."
    return frozenset(config.labels.index(name) for name in value)


def drop_duplicates(train: Split, others: Sequence[Split], near: float) -> Split:
    """The training split without stories that also stand in another split, or twice in itself (exactly).

    Two stories are near-duplicates if the share `near` of the smaller one's word 4-grams (of the first 60 words)
    is in the other.
    """
    elsewhere = [shingles(labelled.text) for split in others for labelled in split.stories]
    index: dict[int, list[int]] = {}
    for number, grams in enumerate(elsewhere):
        for gram in grams:
            index.setdefault(gram, []).append(number)
    kept: list[Labelled] = []
    seen: set[str] = set()
    counts = {"exact duplicate in train": 0, "near-duplicate of validation or test": 0}
    for labelled in train.stories:
        text = labelled.text
        if text in seen:
            counts["exact duplicate in train"] += 1
        elif _is_near(shingles(text), elsewhere, index, near):
            counts["near-duplicate of validation or test"] += 1
        else:
            kept.append(labelled)
        seen.add(text)
    return replace(train, stories=kept, dropped={**train.dropped, **{why: n for why, n in counts.items() if n}})


def shingles(text: str, size: int = 4, words: int = 60) -> frozenset[int]:
    """Hashes of the word 4-grams of the first 60 words, lower case; a shorter text is one shingle."""
    found = _WORD.findall(text.lower())[:words]
    grams = (tuple(found[start : start + size]) for start in range(max(1, len(found) - size + 1)))
    return frozenset(hash(gram) for gram in grams)


def _is_near(
    grams: frozenset[int], elsewhere: Sequence[frozenset[int]], index: Mapping[int, Sequence[int]], near: float
) -> bool:
    shared: dict[int, int] = {}
    for gram in grams:
        for number in index.get(gram, ()):
            shared[number] = shared.get(number, 0) + 1
    return any(count >= near * min(len(grams), len(elsewhere[number])) for number, count in shared.items())
