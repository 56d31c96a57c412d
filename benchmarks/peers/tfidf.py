"""scikit-learn: TF-IDF of words and bigrams, one logistic regression a topic. Scores on one core."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from classifier.decide import Floats


class Peer:
    """A scikit-learn pipeline, kept with joblib in the cache folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def train(self, texts: Sequence[str], targets: Floats) -> None:
        """Fits the vocabulary and the heads."""
        import joblib
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.multiclass import OneVsRestClassifier
        from sklearn.pipeline import make_pipeline

        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=300_000),
            OneVsRestClassifier(LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)),
        )
        joblib.dump(model.fit(texts, targets.astype(int)), self.folder / "model.joblib")

    def load(self) -> None:
        """Loads the model."""
        import joblib

        self.model: Any = joblib.load(self.folder / "model.joblib")

    def tune(self, texts: Sequence[str]) -> dict[str, Any]:
        """Nothing to choose."""
        return {}

    def score(self, texts: Sequence[str]) -> Floats:
        """Probabilities, shape (stories, topics)."""
        probabilities: Floats = self.model.predict_proba(texts)
        return probabilities
