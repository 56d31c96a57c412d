"""Transformers' `pipeline` on the same weights, the common way to run such a model; the batch size that suits it best.

It reads a story's first window, as the model was trained, and its logits get the calibration of the model folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import fastest
from classifier.decide import Floats, probabilities_of
from classifier.manifest import load_manifest

BATCH_SIZES = {"cpu": (1, 2, 4, 8, 16, 32, 64), "cuda": (8, 16, 32, 64, 128, 256, 512)}


class Peer:
    """A text-classification pipeline in "float32", "bfloat16" or "float16", on "cpu" or "cuda"."""

    def __init__(self, folder: Path, *, model: str, dtype: str, device: str = "cpu") -> None:
        self.model, self.dtype, self.device, self.batch_size = model, dtype, device, 8

    def train(self, texts: Sequence[str], targets: Floats) -> None:
        """Nothing: the model is trained."""

    def load(self) -> None:
        """Loads the pipeline."""
        from transformers import pipeline

        self.manifest = load_manifest(self.model)
        self.pipeline: Any = pipeline(
            "text-classification",
            model=self.model,
            device=self.device,
            dtype=self.dtype,
            top_k=None,
            function_to_apply="none",
        )

    def tune(self, texts: Sequence[str]) -> dict[str, Any]:
        """The fastest batch size."""
        self.batch_size = fastest(BATCH_SIZES[self.device], lambda size: self._run(texts, size))
        return {"batch_size": self.batch_size}

    def score(self, texts: Sequence[str]) -> Floats:
        """Probabilities, shape (stories, topics)."""
        labels, decision = self.manifest.labels, self.manifest.decision
        by_label = [{row["label"]: row["score"] for row in rows} for rows in self._run(texts, self.batch_size)]
        logits = np.array([[scores[label] for label in labels] for scores in by_label])
        return probabilities_of(logits, decision)

    def _run(self, texts: Sequence[str], batch_size: int) -> list[list[dict[str, Any]]]:
        max_length = self.manifest.max_length
        return list(self.pipeline(list(texts), batch_size=batch_size, truncation=True, max_length=max_length))
