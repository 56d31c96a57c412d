"""Metrics with intervals: pure functions over predicted and true topics.

Leaves out: running a model, drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from classifier.decide import Floats

Bools = NDArray[np.bool_]


def f1_scores(predicted: Bools, true: Bools) -> Floats:
    """F1 of every topic, shape (topics,); 0 where a topic is neither predicted nor true."""
    return _f1((predicted & true).sum(axis=0), (predicted & ~true).sum(axis=0), (~predicted & true).sum(axis=0))


def _f1(hits: NDArray[Any], false_alarms: NDArray[Any], misses: NDArray[Any]) -> Floats:
    return np.asarray(2 * hits / np.maximum(2 * hits + false_alarms + misses, 1e-12), dtype=np.float64)


def bootstrap_f1(predicted: Bools, true: Bools, *, samples: int = 1000, seed: int = 0) -> Floats:
    """F1 of every topic in resampled sets of stories, shape (samples, topics)."""
    weights = bootstrap_weights(len(true), samples=samples, seed=seed)
    counts = [weights @ cell.astype(np.float64) for cell in (predicted & true, predicted & ~true, ~predicted & true)]
    return _f1(*counts)


def bootstrap_weights(size: int, *, samples: int, seed: int) -> Floats:
    """How often each of `size` stories is drawn in each resampled set, shape (samples, size)."""
    return np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=samples).astype(np.float64)


def evaluate(probabilities: Floats, predicted: Bools, true: Bools, labels: Sequence[str]) -> dict[str, Any]:
    """Precision, recall, F1 (with 95 % bootstrap intervals) and average precision, by topic and over all.

    Args:
        probabilities: Shape (stories, topics).
        predicted: Shape (stories, topics).
        true: Shape (stories, topics).
        labels: The topics.
    """
    precision, recall, f1, support = precision_recall_fscore_support(true, predicted, average=None, zero_division=0)
    resampled = bootstrap_f1(predicted, true)
    none_predicted, none_true = ~predicted.any(axis=1), ~true.any(axis=1)
    micro = precision_recall_fscore_support(true, predicted, average="micro", zero_division=0)
    by_topic = {
        label: {
            "precision": float(precision[k]),
            "recall": float(recall[k]),
            "f1": float(f1[k]),
            "f1_95": _interval(resampled[:, k]),
            "average_precision": _average_precision(true[:, k], probabilities[:, k]),
            "stories": int(support[k]),
        }
        for k, label in enumerate(labels)
    }
    return {
        "stories": len(true),
        "macro_f1": float(f1.mean()),
        "macro_f1_95": _interval(resampled.mean(axis=1)),
        "micro_f1": float(micro[2]),
        "exact_match": float((predicted == true).all(axis=1).mean()),
        "none_of_the_topics": {
            "precision": float((none_predicted & none_true).sum() / max(1, none_predicted.sum())),
            "recall": float((none_predicted & none_true).sum() / max(1, none_true.sum())),
        },
        "by_topic": by_topic,
    }


def _interval(values: Floats) -> list[float]:
    return [float(value) for value in np.percentile(values, [2.5, 97.5])]


def _average_precision(true: Bools, probabilities: Floats) -> float:
    return float(average_precision_score(true, probabilities)) if true.any() else 0.0


def summary(metrics: Mapping[str, Any]) -> str:
    """The metrics as a text table."""
    low, high = metrics["macro_f1_95"]
    lines = [
        f"{'topic':<12} {'precision':>9} {'recall':>7} {'F1':>7}  95 % interval   stories",
        *(
            f"{label:<12} {m['precision']:>9.3f} {m['recall']:>7.3f} {m['f1']:>7.3f}  "
            f"{m['f1_95'][0]:.3f} to {m['f1_95'][1]:.3f}  {m['stories']:>7}"
            for label, m in metrics["by_topic"].items()
        ),
        f"{'macro':<12} {'':>9} {'':>7} {metrics['macro_f1']:>7.3f}  {low:.3f} to {high:.3f}  {metrics['stories']:>7}",
        f"exact sets of topics {metrics['exact_match']:.3f}, micro-F1 {metrics['micro_f1']:.3f}",
    ]
    if "primary_accuracy" in metrics:
        lines[-1] += f", primary topic {metrics['primary_accuracy']:.3f}"
    return "\n".join(lines)
