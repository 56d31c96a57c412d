"""How far labellers agree: a model that is measured against one of them cannot be expected to do better.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import cohen_kappa_score

from classifier.errors import InputError, nearest
from training.metrics import known_f1_scores, macro_f1
from training.splits import Split


def stated(values: Mapping[str, float], labels: Sequence[str]) -> dict[str, Any]:
    """The ceiling that a user states.

    Args:
        values: F1 by topic; "" is the mean over topics, and is computed where every topic is there.
        labels: The topics.

    Raises:
        InputError: If a topic is not known.
    """
    topics = {topic: f1 for topic, f1 in values.items() if topic}
    for topic in topics:
        if topic not in labels:
            known = ", ".join(labels)
            raise InputError(f"--ceiling: unknown label '{topic}'.{nearest(topic, labels)} Known: {known}.")
    mean = float(np.mean(list(topics.values()))) if len(topics) == len(labels) else None
    return {"from": "stated with --ceiling", "macro_f1": values.get("", mean), "by_topic": topics}


def agreement(first: Split, second: Split, labels: Sequence[str], field: str) -> dict[str, Any]:
    """The agreement of two labellers of the same stories: F1 (the same whichever is held to be true) and kappa.

    None for a topic that neither gives; the mean is that of the others, as for a model.

    Args:
        first: With the labels that are held to be true.
        second: The same stories with another labeller's topics.
        labels: The topics.
        field: The column of the second labels, for the report.
    """
    ours, theirs = (split.targets(len(labels)) >= 0.5 for split in (first, second))
    f1 = known_f1_scores(ours, theirs)
    return {
        "from": f"against the labels in '{field}'",
        "macro_f1": macro_f1(ours, theirs),
        "by_topic": {label: None if np.isnan(f1[k]) else float(f1[k]) for k, label in enumerate(labels)},
        "kappa": {label: _kappa(ours[:, k], theirs[:, k]) for k, label in enumerate(labels)},
        "exact_sets": float((ours == theirs).all(axis=1).mean()),
    }


def _kappa(ours: Any, theirs: Any) -> float | None:
    """Cohen's kappa; None where both give every story the same answer, which says nothing."""
    return float(cohen_kappa_score(ours, theirs)) if len(np.unique([ours, theirs])) > 1 else None
