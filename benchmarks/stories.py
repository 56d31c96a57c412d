"""Labelled stories for the peers: all get the same texts, read and normalised by this project's code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.decide import Floats


@dataclass(frozen=True, slots=True)
class Texts:
    """The stories of one file.

    Attributes:
        role: "train", "validation" or "test".
        texts: Title and text of each story as one string; no text stands twice.
        targets: 1 where a story has a topic, shape (stories, topics).
    """

    role: str
    texts: tuple[str, ...]
    targets: Floats

    @property
    def sha256(self) -> str:
        """Of texts and targets, 64 hex digits."""
        return hashlib.sha256(json.dumps([self.texts, self.targets.tolist()]).encode()).hexdigest()

    def write(self, folder: Path) -> dict[str, str]:
        """Writes `texts` and `targets` as JSON for the workers; the paths."""
        paths = {name: folder / f"{self.role}.{name}.json" for name in ("texts", "targets")}
        paths["texts"].write_text(json.dumps(self.texts), encoding="utf-8")
        paths["targets"].write_text(json.dumps(self.targets.tolist()), encoding="utf-8")
        return {name: str(path.resolve()) for name, path in paths.items()}


def load_texts(role: str, origin: str, labels: Sequence[str], most: int | None = None) -> Texts:
    """The stories of a JSONL, CSV or Parquet file; where there are more than `most`, evenly spread ones.

    Raises:
        DataError: If records or labels cannot be used.
        InputError: If the file cannot be read.
    """
    from training.config import DataConfig
    from training.data import load_split

    config = DataConfig(train=origin, validation=origin, labels=tuple(labels))
    split = load_split(role, origin, config)
    targets = np.asarray(split.targets(len(labels)), dtype=np.float64)
    first = {labelled.text: number for number, labelled in reversed(list(enumerate(split.stories)))}
    rows = sorted(first.values())
    if most is not None and most < len(rows):
        rows = [rows[int(place)] for place in np.linspace(0, len(rows) - 1, most)]
    return Texts(role, tuple(split.stories[row].text for row in rows), targets[rows])
