"""What tests of figures share: made-up outcomes of a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.metrics import Outcome

RNG = np.random.default_rng(0)
TRUE = RNG.random((300, 3)) < [0.5, 0.3, 0.05]
PROBABILITIES = np.round(np.clip(TRUE * 0.5 + RNG.random((300, 3)) * 0.6, 0, 1), 2)  # rounded: some are equal
PREDICTED = PROBABILITIES >= 0.5
LABELS = ("a", "b", "c")


def outcome(
    predicted: Any = PREDICTED,
    true: Any = TRUE,
    probabilities: Any = None,
    *,
    labels: tuple[str, ...] = LABELS,
    review: Any = None,
    true_primary: Any = None,
    primary: Any = None,
) -> Outcome:
    """An outcome; scores are 0.9 and 0.1 where none are given, and no story has a primary topic."""
    predicted, true = np.array(predicted, bool), np.array(true, bool)
    none = np.full(len(true), -1)
    return Outcome(
        labels,
        true,
        predicted,
        predicted * 0.8 + 0.1 if probabilities is None else np.array(probabilities),
        np.zeros(len(true), bool) if review is None else np.array(review, bool),
        none if true_primary is None else np.array(true_primary),
        none if primary is None else np.array(primary),
    )


REAL = outcome(probabilities=PROBABILITIES)
