"""Which topics are taken for which: two tables of counts. Pure functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix

from training.metrics import Outcome


def confusion(outcome: Outcome) -> dict[str, Any]:
    """Counts for all topics of a story, and for its primary topic where the data names any.

    In `topics` a row is a topic (the last: none); a cell says how many of its stories were given the column's topic:
    rightly on the diagonal, and elsewhere only where it is not true as well. The last column: given nothing.
    """
    tables: dict[str, Any] = {"labels": list(outcome.labels), "topics": _topics(outcome)}
    if (outcome.true_primary >= 0).any():
        tables["primary"] = _primary(outcome)
    return tables


def _topics(outcome: Outcome) -> dict[str, Any]:
    true, given = _with_none(outcome.true), _with_none(outcome.predicted)
    wrong = given & ~true
    counts = true.T.astype(int) @ wrong.astype(int)
    np.fill_diagonal(counts, (true & given).sum(axis=0))
    return {
        "title": "Topics: found (diagonal), and wrongly given",
        "true": "true topic (stories)",
        "given": "given topic",
        "stories": true.sum(axis=0).tolist(),
        "counts": counts.tolist(),
    }


def _with_none(topics: Any) -> Any:
    """A last column for stories without a topic."""
    return np.column_stack([topics, ~topics.any(axis=1)])


def _primary(outcome: Outcome) -> dict[str, Any]:
    count = len(outcome.labels)
    named = (outcome.true_primary >= 0) | ~outcome.true.any(axis=1)
    true, given = (np.where(index[named] < 0, count, index[named]) for index in (outcome.true_primary, outcome.primary))
    counts = confusion_matrix(true, given, labels=range(count + 1))
    return {
        "title": "Primary topic",
        "true": "true primary topic (stories)",
        "given": "given primary topic",
        "stories": counts.sum(axis=1).tolist(),
        "counts": counts.tolist(),
    }
