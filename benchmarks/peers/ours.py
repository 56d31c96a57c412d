"""This project's classifier, as `from classifier import Classifier` gives it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifier import Classifier
from classifier.decide import Floats


class Peer:
    """A model folder on one engine and device. Timed is `classify_many`: from texts to finished predictions."""

    def __init__(self, folder: Path, *, model: str, engine: str, cascade: bool = True, device: str = "cpu") -> None:
        self.model, self.engine, self.cascade, self.device = model, engine, cascade, device

    def train(self, texts: Sequence[str], targets: Floats) -> None:
        """Nothing: the model is trained."""

    def load(self) -> None:
        """Loads model and engine."""
        self.classifier = Classifier.load(self.model, engine=self.engine, device=self.device, cascade=self.cascade)

    def tune(self, texts: Sequence[str]) -> dict[str, Any]:
        """Nothing to choose: batches follow from the engine."""
        return {}

    def score(self, texts: Sequence[str]) -> Floats:
        """Probabilities, shape (stories, topics)."""
        predictions = self.classifier.classify_many(texts)
        return np.array([[prediction.scores[label] for label in self.classifier.labels] for prediction in predictions])
