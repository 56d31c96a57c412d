"""Sentence embeddings with logistic regression on top: what SetFit does without its contrastive fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import fastest
from classifier.decide import Floats

BATCH_SIZES = (8, 16, 32, 64)
MAX_LENGTH = 256  # tokens, as the shipped model reads


class Peer:
    """An embedding model of sentence-transformers, and one logistic regression a topic."""

    def __init__(self, folder: Path, *, base: str) -> None:
        self.folder, self.base, self.batch_size = folder, base, 32

    def train(self, texts: Sequence[str], targets: Floats) -> None:
        """Embeds all stories and fits the heads."""
        from sklearn.linear_model import LogisticRegression

        self._load_base()
        vectors = self._embed(texts, self.batch_size)
        heads = [LogisticRegression(C=10.0, max_iter=1000).fit(vectors, column) for column in targets.T]
        np.savez(
            self.folder / "heads.npz",
            weights=np.stack([head.coef_[0] for head in heads], axis=1),
            bias=np.array([head.intercept_[0] for head in heads]),
        )

    def load(self) -> None:
        """Loads the embedding model and the heads."""
        self._load_base()
        with np.load(self.folder / "heads.npz") as heads:
            self.weights, self.bias = heads["weights"].astype(np.float32), heads["bias"].astype(np.float32)

    def tune(self, texts: Sequence[str]) -> dict[str, Any]:
        """The fastest batch size."""
        self.batch_size = fastest(BATCH_SIZES, lambda size: self._embed(texts, size))
        return {"batch_size": self.batch_size}

    def score(self, texts: Sequence[str]) -> Floats:
        """Probabilities, shape (stories, topics)."""
        logits = self._embed(texts, self.batch_size) @ self.weights + self.bias
        return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), dtype=np.float64)

    def _load_base(self) -> None:
        from sentence_transformers import SentenceTransformer

        self.encoder: Any = SentenceTransformer(self.base, device="cpu")
        self.encoder.max_seq_length = MAX_LENGTH

    def _embed(self, texts: Sequence[str], batch_size: int) -> Any:
        """Shape (stories, hidden), float32."""
        return self.encoder.encode(list(texts), batch_size=batch_size, show_progress_bar=False)
