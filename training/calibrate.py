"""Validation logits → the decision rule: pooling, calibration, thresholds, review band.

Pure functions. The window logits must come from the engine that users run. Leaves out: intervals on unseen data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from classifier.decide import POOLINGS, Decision, Floats, Pooling, calibrate, pool
from training.calibration_curve import fit_curve, platt_targets
from training.metrics import bootstrap_weights
from training.review_band import Aim, Review, fit_review

Bools = NDArray[np.bool_]
Choice = tuple[Pooling, float]
Rule = TypeVar("Rule")
WITHOUT_MARGIN: tuple[Pooling, ...] = ("first", "max", "mean")
_MARGINS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)  # logits
_GRID = np.round(np.arange(0.10, 0.901, 0.01), 2)


@dataclass(frozen=True, slots=True)
class WindowLogits:
    """The window logits of some stories beside what is true.

    Attributes:
        logits: Shape (windows, topics), the windows of a story next to each other.
        counts: Windows of each story.
        true: Shape (stories, topics).
    """

    logits: Floats
    counts: Sequence[int]
    true: Bools

    def pooled(self, topic: int, rule: Pooling, margin: float) -> Floats:
        """Story logits of one topic, shape (stories,)."""
        return pool(self.logits, self.counts, [rule] * self.logits.shape[1], margin)[:, topic]


def fit_decision(
    validation: WindowLogits,
    labels: Sequence[str],
    *,
    aim: Aim,
    rules: Sequence[Pooling] = POOLINGS,
    threshold: float | None = None,
    late: WindowLogits | None = None,
    late_share: float = 0.0,
) -> tuple[Decision, Review]:
    """The decision rule that fits these stories, and what its review bands are good for.

    Per topic: the pooling with the least calibrated log loss ("first", the cheapest, unless another is better by
    more than 1 %), Platt scaling (Platt 1999), its bend (calibration_curve.py), the threshold with the best F1 to be
    expected from the calibrated probabilities. Then the review bands of all topics (review_band.py).

    Args:
        validation: What everything is fitted on.
        labels: The topics.
        aim: Precision and recall to reach outside the review bands, and how sure one must be of it.
        rules: The poolings to choose from.
        threshold: Of all topics; None for the best one of each.
        late: Texts with late evidence (late_evidence.py); they have a say in the choice of the pooling alone.
        late_share: Their share of the loss by which it is chosen, 0 to 1.
    """
    topics, true = range(len(labels)), validation.true
    chosen = [_best_pooling(k, validation, rules, late, late_share) for k in topics]
    logits = np.stack([validation.pooled(k, *choice) for k, choice in enumerate(chosen)], axis=1)
    fits = [fit_platt(logits[:, k], true[:, k]) for k in topics]
    temperature, bias = np.array([fit[0] for fit in fits]), np.array([fit[1] for fit in fits])
    curve = np.stack([fit_curve(logits[:, k] / temperature[k] + bias[k], true[:, k]) for k in topics])
    probabilities = calibrate(logits, temperature, bias, curve)
    thresholds = np.array(
        [best_threshold(probabilities[:, k]) if true[:, k].any() else 0.5 for k in topics]
        if threshold is None
        else [threshold] * len(labels)
    )
    review = fit_review(probabilities, true, thresholds, aim)
    decision = Decision(
        labels=tuple(labels),
        pooling=tuple(rule for rule, _ in chosen),
        temperature=temperature,
        bias=bias,
        thresholds=thresholds,
        review_low=review.low,
        review_high=review.high,
        late_margin=np.array([margin for _, margin in chosen]),
        curve=curve,
    )
    return decision, review


def _best_pooling(
    topic: int, validation: WindowLogits, rules: Sequence[Pooling], late: WindowLogits | None, late_share: float
) -> Choice:
    """The pooling of a topic, and its margin (0 where the rule has none)."""
    losses: dict[Choice, float] = {}
    for rule in rules:
        for margin in _MARGINS if rule == "lead" else (0.0,):
            fit = fit_platt(validation.pooled(topic, rule, margin), validation.true[:, topic])
            losses[rule, margin] = sum(
                share * calibrated_loss(windows.pooled(topic, rule, margin), windows.true[:, topic], fit)
                for windows, share in ((validation, 1 - late_share), (late, late_share))
                if windows is not None and share
            )
    return cheapest_or_best(losses, ("first", 0.0))


def calibrated_loss(logits: Floats, true: Bools, fit: tuple[float, float]) -> float:
    """The log loss of calibrated probabilities, per story."""
    probabilities = calibrate(logits[:, None], np.array([fit[0]]), np.array([fit[1]]))[:, 0]
    return float(log_loss(true, probabilities, labels=[False, True]))


def cheapest_or_best(losses: Mapping[Rule, float], cheapest: Rule) -> Rule:
    """The rule with the least loss: the cheapest, where it is among them, unless another is better by more than 1 %."""
    best = min(losses, key=lambda rule: losses[rule])
    return best if cheapest not in losses or losses[best] < 0.99 * losses[cheapest] else cheapest


def fit_platt(logits: Floats, true: Bools) -> tuple[float, float]:
    """Temperature and bias that minimise the log loss of one topic; (1, 0) where the logits say nothing."""
    if true.all() or not true.any():
        return 1.0, 0.0
    target = platt_targets(true)
    fit = LogisticRegression(C=100.0).fit(
        np.concatenate([logits, logits])[:, None],
        np.repeat([True, False], len(logits)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    slope = float(fit.coef_[0, 0])
    return (1.0 / slope, float(fit.intercept_[0])) if slope > 1e-3 else (1.0, 0.0)


def best_threshold(probabilities: Floats) -> float:
    """The threshold with the best F1 to be expected if the probabilities are right; 0.10 to 0.90.

    The expected hits at a threshold are the sum of the probabilities above it, so that every story counts by how
    likely it is, and no label can tip the scale (Lipton et al. 2014, arXiv:1402.1892: it is half of the best F1).
    """
    if not probabilities.size:
        return 0.5
    given = probabilities[:, None] >= _GRID  # (stories, thresholds)
    f1 = 2 * (probabilities[:, None] * given).sum(axis=0) / (given.sum(axis=0) + probabilities.sum())
    return _middle_of_best(f1)


def fit_threshold(probabilities: Floats, true: Bools, *, samples: int = 200, seed: int = 0) -> float:
    """The threshold whose F1, averaged over bootstrap samples of the stories, is best; 0.10 to 0.90.

    For probabilities that are not calibrated.
    """
    if not true.any():
        return 0.5
    given = probabilities[:, None] >= _GRID  # (stories, thresholds)
    weights = bootstrap_weights(len(true), samples=samples, seed=seed)
    hits = weights @ (given & true[:, None]).astype(np.float64)
    predicted, positives = weights @ given.astype(np.float64), (weights @ true.astype(np.float64))[:, None]
    f1 = (2 * hits / np.maximum(predicted + positives, 1)).mean(axis=0)
    return _middle_of_best(f1)


def _middle_of_best(f1: Floats) -> float:
    """The middle one of the thresholds with the best F1, which has the shape of `_GRID`."""
    best = np.flatnonzero(f1 >= f1.max() - 1e-9)
    return float(_GRID[best[len(best) // 2]])
