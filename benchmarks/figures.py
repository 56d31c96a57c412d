"""From raw measurements to figures: pure functions, no processes."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.decide import Floats

Bools = NDArray[np.bool_]
AGREEMENT_TARGET = 0.995


@dataclass(slots=True)
class Measured:
    """What was measured of one system; lists have one entry a run, in the same order for all systems.

    Attributes:
        name: The system.
        model: The name of the model folder that it runs; "" for a peer with weights of its own.
        probabilities: Shape (stories, topics).
        thresholds: Shape (topics,).
        seconds: Of scoring all stories.
        first_label_s: From the start of a process to its first label.
        latency_ms: Of one story alone.
        peak_mb: Resident memory of its process.
        notes: What was chosen or is worth knowing.
    """

    name: str
    model: str
    probabilities: Floats
    thresholds: Floats
    seconds: list[float] = field(default_factory=list)
    first_label_s: list[float] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def predicted(self) -> Bools:
        """Which topics each story gets, shape (stories, topics)."""
        return np.asarray(self.probabilities >= self.thresholds)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and greatest of some values; {} of none."""
    if not values:
        return {}
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def ratios(baseline_s: Sequence[float], seconds: Sequence[float]) -> list[float]:
    """How many times as fast as the baseline, run by run: [4.0, 5.0], [2.0, 2.0] -> [2.0, 2.5]."""
    return [base / own for base, own in zip(baseline_s, seconds, strict=True)]


def f1(predicted: Bools, true: Bools) -> Floats:
    """F1 of every topic, shape (topics,); 0 where a topic is neither predicted nor true."""
    hits, wrong = (predicted & true).sum(axis=0), (predicted ^ true).sum(axis=0)
    return np.asarray(2 * hits / np.maximum(2 * hits + wrong, 1), dtype=np.float64)


def macro_f1(predicted: Bools, true: Bools, *, samples: int = 1000, seed: int = 0) -> dict[str, float]:
    """Mean F1 over the topics, with its 95 % interval over resampled stories."""
    rows = np.random.default_rng(seed).integers(0, len(true), size=(samples, len(true)))
    low, high = np.percentile([f1(predicted[some], true[some]).mean() for some in rows], [2.5, 97.5])
    return {"value": float(f1(predicted, true).mean()), "low": float(low), "high": float(high)}


def agreement(predicted: Bools, reference: Bools) -> dict[str, float]:
    """The share of decisions (a topic of a story) and of stories (all topics) that are the reference's."""
    same = predicted == reference
    return {"decisions": float(same.mean()), "stories": float(same.all(axis=1).mean())}


def row(
    measured: Measured, baseline: Measured | None, reference: Measured | None, true: Bools, tokens: int
) -> dict[str, Any]:
    """All figures of one system.

    Args:
        measured: The system.
        baseline: What speeds are compared with; None where it was not measured.
        reference: The float32 run of the same weights; None for a peer with weights of its own.
        true: Shape (stories, topics).
        tokens: Content tokens of all stories.
    """
    stories = len(true)
    return {
        "name": measured.name,
        "model": measured.model,
        "stories_per_s": spread([stories / seconds for seconds in measured.seconds]),
        "tokens_per_s": spread([tokens / seconds for seconds in measured.seconds]),
        "times_baseline": spread(ratios(baseline.seconds, measured.seconds)) if baseline else {},
        "macro_f1": macro_f1(measured.predicted, true),
        "f1": f1(measured.predicted, true).tolist(),
        "thresholds": measured.thresholds.tolist(),
        "agreement": agreement(measured.predicted, reference.predicted) if reference else {},
        "first_label_s": spread(measured.first_label_s),
        "latency_ms": percentiles(measured.latency_ms),
        "peak_mb": measured.peak_mb,
        "notes": measured.notes,
        "runs_s": measured.seconds,
    }


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """50th and 99th percentile; {} of nothing."""
    if not values:
        return {}
    return {"p50": float(np.percentile(values, 50)), "p99": float(np.percentile(values, 99))}


def all_rows(
    measured: Sequence[Measured], true: Bools, tokens: int, *, baseline: str, references: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The figures of all systems.

    Args:
        measured: All systems.
        true: Shape (stories, topics).
        tokens: Content tokens of all stories.
        baseline: The name of the system that speeds are compared with.
        references: The name of the float32 run of each system, where it has one.
    """
    by_name = {one.name: one for one in measured}
    return [
        row(one, by_name.get(baseline), by_name.get(references.get(one.name, "")), true, tokens) for one in measured
    ]
