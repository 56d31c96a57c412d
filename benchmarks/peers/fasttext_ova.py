"""fastText: averaged word and bigram vectors, one logistic regression a topic. Scores on one core."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifier.decide import Floats

_TOKEN = re.compile(r"\w+|[^\w\s]")
_PREFIX = "__label__"


class Peer:
    """A supervised fastText model with the loss "one against all"."""

    def __init__(self, folder: Path, *, num_topics: int, epochs: int) -> None:
        self.folder, self.num_topics, self.epochs = folder, num_topics, epochs

    def train(self, texts: Sequence[str], targets: Floats) -> None:
        """Trains from a text file in fastText's format; a story without a topic gets a label that is not read."""
        import fasttext

        path = self.folder / "train.txt"
        with path.open("w", encoding="utf-8") as file:
            for text, row in zip(texts, targets, strict=True):
                labels = [f"{_PREFIX}{topic}" for topic in np.flatnonzero(row)] or [f"{_PREFIX}none"]
                file.write(f"{' '.join(labels)} {one_line(text)}\n")
        model = fasttext.train_supervised(
            str(path),
            loss="ova",
            lr=0.5,
            dim=100,
            wordNgrams=2,
            minCount=2,
            bucket=200_000,
            epoch=self.epochs,
            thread=os.cpu_count() or 1,
            verbose=0,
        )
        model.save_model(str(self.folder / "model.bin"))
        path.unlink()

    def load(self) -> None:
        """Loads the model."""
        import fasttext

        self.model: Any = fasttext.load_model(str(self.folder / "model.bin"))

    def tune(self, texts: Sequence[str]) -> dict[str, Any]:
        """Nothing to choose."""
        return {}

    def score(self, texts: Sequence[str]) -> Floats:
        """Probabilities, shape (stories, topics)."""
        rows, scores = self.model.predict([one_line(text) for text in texts], k=-1)
        probabilities = np.zeros((len(texts), self.num_topics))
        for story, (labels, values) in enumerate(zip(rows, scores, strict=True)):
            for label, value in zip(labels, values, strict=True):
                topic = label.removeprefix(_PREFIX)
                if topic != "none":
                    probabilities[story, int(topic)] = min(float(value), 1.0)
        return probabilities


def one_line(text: str) -> str:
    """The text as fastText reads it: lower case, tokens between spaces, no line break.

    >>> one_line("Truce holds,\\nsays UN")
    'truce holds , says un'
    """
    return " ".join(_TOKEN.findall(text.lower()))
