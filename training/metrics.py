"""How well predicted topics fit the true ones, with 95 % bootstrap intervals: pure functions over arrays.

Every figure is computed under weights (how often each story is drawn); the figure itself is the one under weights of
1. Leaves out: running a model (outcomes.py), parts of the data (slices.py), two models side by side (compare.py), how
probabilities and shares go together (reliability.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.decide import Floats
from training.reliability import calibration_error

Bools = NDArray[np.bool_]
SAMPLES = 1000
_BLOCK = 4_000_000  # weights held at a time: 32 MB


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model says of some stories beside what is true.

    Attributes:
        labels: The topics.
        true: Shape (stories, topics).
        predicted: Shape (stories, topics).
        probabilities: Shape (stories, topics), calibrated.
        review: Shape (stories,); flagged for a person.
        true_primary: Shape (stories,); index of the leading topic, -1 where the data names none.
        primary: Shape (stories,); index of the leading topic that was given, -1 for none.
    """

    labels: tuple[str, ...]
    true: Bools
    predicted: Bools
    probabilities: Floats
    review: Bools
    true_primary: NDArray[np.int64]
    primary: NDArray[np.int64]

    def at(self, rows: Bools) -> Outcome:
        """The same of some stories."""
        return Outcome(
            self.labels,
            self.true[rows],
            self.predicted[rows],
            self.probabilities[rows],
            self.review[rows],
            self.true_primary[rows],
            self.primary[rows],
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures in one or more resampled sets of stories; NaN where a set does not define one.

    Attributes:
        overall: Each of shape (samples,).
        none: Of the stories without any topic; each of shape (samples,).
        by_topic: Each of shape (samples, topics).
    """

    overall: Mapping[str, Floats]
    none: Mapping[str, Floats]
    by_topic: Mapping[str, Floats]


def f1_scores(predicted: Bools, true: Bools) -> Floats:
    """F1 of every topic, shape (topics,); 0 where a topic is neither predicted nor true."""
    return np.nan_to_num(known_f1_scores(predicted, true))


def known_f1_scores(predicted: Bools, true: Bools) -> Floats:
    """F1 of every topic, shape (topics,); NaN where a topic is neither predicted nor true."""
    hits, false_alarms, misses = (cell.sum(axis=0).astype(np.float64) for cell in _cells(predicted, true))
    return _precision_recall_f1(hits, false_alarms, misses)[2]


def macro_f1(predicted: Bools, true: Bools) -> float | None:
    """Mean F1 over the topics that are predicted or true, as in `evaluate`; None where there is none."""
    mean = float(mean_of_known(known_f1_scores(predicted, true)[None])[0])
    return None if np.isnan(mean) else mean


def bootstrap_weights(size: int, *, samples: int = SAMPLES, seed: int = 0) -> Floats:
    """How often each of `size` stories is drawn in each resampled set, shape (samples, size)."""
    return np.concatenate(list(weight_blocks(size, samples=samples, seed=seed)))


def weight_blocks(size: int, *, samples: int = SAMPLES, seed: int = 0) -> Iterator[Floats]:
    """The rows of `bootstrap_weights`, as many at a time as fit into the memory of a laptop."""
    rng, step = np.random.default_rng(seed), max(1, _BLOCK // max(1, size))
    for start in range(0, samples, step):
        count = min(step, samples - start)
        yield rng.multinomial(size, np.full(size, 1 / size), size=count).astype(np.float64)


def evaluate(outcome: Outcome, *, samples: int = SAMPLES, seed: int = 0) -> dict[str, Any]:
    """All figures, each `name` with its 95 % bootstrap interval as `name_95`; None where one is not defined.

    Args:
        outcome: At least one story.
        samples: Resampled sets of stories.
        seed: Of the resampling.
    """
    size = len(outcome.true)
    point = figures(outcome, np.ones((1, size)))
    drawn = [figures(outcome, weights) for weights in weight_blocks(size, samples=samples, seed=seed)]
    overall, none, topics = (
        {
            name: (value[0], np.concatenate([getattr(part, kind)[name] for part in drawn]))
            for name, value in group.items()
        }
        for kind, group in (("overall", point.overall), ("none", point.none), ("by_topic", point.by_topic))
    )
    errors = [calibration_error(outcome.true[:, k], outcome.probabilities[:, k]) for k in range(len(outcome.labels))]
    by_topic = {
        label: {
            **_with_intervals({name: (value[k], resampled[:, k]) for name, (value, resampled) in topics.items()}),
            "ece": errors[k],
            "stories": int(outcome.true[:, k].sum()),
        }
        for k, label in enumerate(outcome.labels)
    }
    return {
        "stories": size,
        **_with_intervals(overall),
        "ece": float(np.mean(errors)),
        "review_share": float(outcome.review.mean()),
        "none_of_the_topics": {**_with_intervals(none), "stories": int(without_topic(outcome.true).sum())},
        "by_topic": by_topic,
    }


def figures(outcome: Outcome, weights: Floats) -> Figures:
    """All figures that have an interval, in each set of stories.

    Args:
        outcome: At least one story.
        weights: Shape (samples, stories), how often a story is in each set.
    """
    true, predicted, total = outcome.true, outcome.predicted, weights.sum(axis=1)
    counts = [weights @ cell.astype(np.float64) for cell in _cells(predicted, true)]
    precision, recall, f1 = _precision_recall_f1(*counts)
    seen = ~np.isnan(f1)
    columns = range(len(outcome.labels))
    average = [average_precision(true[:, k], outcome.probabilities[:, k], weights) for k in columns]
    by_topic = {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "average_precision": np.stack(average, axis=1),
        "brier": weights @ (outcome.probabilities - true) ** 2 / total[:, None],
    }
    micro = _precision_recall_f1(*(count.sum(axis=1) for count in counts))
    none = _precision_recall_f1(*(weights @ cell for cell in _cells(without_topic(predicted), without_topic(true))))
    named = outcome.true_primary >= 0
    overall = {
        **{f"macro_{name}": mean_of_known(_zeros(by_topic[name], seen)) for name in ("precision", "recall", "f1")},
        "macro_average_precision": mean_of_known(by_topic["average_precision"]),
        **{f"micro_{name}": value for name, value in zip(("precision", "recall", "f1"), micro, strict=True)},
        "exact_match": weights @ (predicted == true).all(axis=1) / total,
        "primary_accuracy": _divide(weights @ (named & (outcome.primary == outcome.true_primary)), weights @ named),
        "brier": mean_of_known(by_topic["brier"]),
    }
    return Figures(overall, dict(zip(("precision", "recall", "f1"), none, strict=True)), by_topic)


def without_topic(topics: Bools) -> Bools:
    """Which stories have no topic, shape (stories,)."""
    return np.asarray(~topics.any(axis=1))


def _cells(predicted: Bools, true: Bools) -> tuple[Bools, Bools, Bools]:
    """Hits, false alarms, misses."""
    return predicted & true, predicted & ~true, ~predicted & true


def _precision_recall_f1(hits: Floats, false_alarms: Floats, misses: Floats) -> tuple[Floats, Floats, Floats]:
    """NaN where a ratio is 0 / 0: precision without predictions, recall without true ones, F1 without either."""
    precision, recall = _divide(hits, hits + false_alarms), _divide(hits, hits + misses)
    return precision, recall, _divide(2 * hits, 2 * hits + false_alarms + misses)


def _zeros(values: Floats, where: Bools) -> Floats:
    """0 in place of NaN there: means are taken as in scikit-learn, over the topics that are predicted or true."""
    return np.where(where & np.isnan(values), 0.0, values)


def average_precision(true: Bools, probabilities: Floats, weights: Floats) -> Floats:
    """Average precision of one topic in each set of stories, shape (samples,); NaN where no story has the topic.

    The same as scikit-learn's with `sample_weight`, for all sets at once.

    Args:
        true: Shape (stories,).
        probabilities: Shape (stories,).
        weights: Shape (samples, stories).
    """
    order = np.argsort(-probabilities, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(probabilities[order]) != 0, True))  # equal ones are taken together
    drawn = weights[:, order]
    taken, hits = np.cumsum(drawn, axis=1)[:, ends], np.cumsum(drawn * true[order], axis=1)[:, ends]
    steps = np.diff(hits, axis=1, prepend=0.0)
    return _divide((steps * hits / np.maximum(taken, 1)).sum(axis=1), hits[:, -1])


def _divide(value: Floats, by: Floats) -> Floats:
    """NaN where `by` is 0."""
    return np.where(by > 0, value / np.maximum(by, 1), np.nan)


def mean_of_known(values: Floats) -> Floats:
    """Mean over the topics that have a value, shape (samples,); NaN where none has."""
    known = ~np.isnan(values)
    return _divide(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64))


def _with_intervals(values: Mapping[str, tuple[float, Floats]]) -> dict[str, Any]:
    """Each figure, and its interval under `name_95`."""
    found: dict[str, Any] = {}
    for name, (value, resampled) in values.items():
        found[name] = None if np.isnan(value) else float(value)
        found[f"{name}_95"] = None if np.isnan(value) else interval(resampled)
    return found


def interval(resampled: Floats) -> list[float]:
    """The middle 95 % of a figure's resampled values, those that are not defined left out."""
    return [float(value) for value in np.nanpercentile(resampled, [2.5, 97.5])]
