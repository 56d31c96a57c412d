"""Validation logits → the decision rule where every story has exactly one class: pooling, temperature, review cut.

Pure functions, beside those for topics that do not exclude each other (calibrate.py). Leaves out: how the cut is fitted
(class_review.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from classifier.decide import POOLINGS, Decision, Floats, Pooling, pool, softmax
from training.calibrate import WITHOUT_MARGIN, WindowLogits, cheapest_or_best
from training.class_review import fit_class_review
from training.review_band import Aim, Review

Bools = NDArray[np.bool_]
_HIGHEST_LOG_TEMPERATURE = float(np.log(20.0))


def fit_class_decision(
    validation: WindowLogits, labels: Sequence[str], *, aim: Aim, rules: Sequence[Pooling] = POOLINGS
) -> tuple[Decision, Review]:
    """The decision rule that fits these stories, and what its review cut is good for.

    One pooling for all classes, that with the least calibrated log loss ("first", the cheapest, unless another is
    better by more than 1 %); one temperature (Guo et al. 2017, arXiv:1706.04599); one cut below which a person looks.

    Args:
        validation: What everything is fitted on; one class is true of a story.
        labels: The classes.
        aim: The accuracy to reach among the stories that are not flagged, and how sure one must be of it.
        rules: The poolings to choose from; "lead" has no meaning here, and is passed over.
    """
    size = len(labels)
    fits = {}
    for rule in (rule for rule in rules if rule in WITHOUT_MARGIN):
        logits = pool(validation.logits, validation.counts, [rule] * size)
        fits[rule] = (logits, *fit_temperature(logits, validation.true))
    best = cheapest_or_best({rule: loss for rule, (_, _, loss) in fits.items()}, "first")
    logits, temperature, _ = fits[best]
    review = fit_class_review(softmax(logits / temperature), validation.true, aim)
    decision = Decision(
        labels=tuple(labels),
        pooling=(best,) * size,
        temperature=np.full(size, temperature),
        bias=np.zeros(size),
        thresholds=np.full(size, 0.5),
        review_low=review.low,
        review_high=review.high,
        problem_type="multi_class",
    )
    return decision, review


def fit_temperature(logits: Floats, true: Bools) -> tuple[float, float]:
    """The temperature, 0.05 to 20, that minimises the log loss, and that loss per story.

    Where all stories are right, a lower temperature would always be better, without end; half a story of doubt, spread
    over the classes, ends it (as Platt's targets do for one topic).
    """
    stories, classes = true.shape
    doubt = 0.5 / max(1, stories)
    targets = np.where(true, 1 - doubt, doubt / max(1, classes - 1))

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        normaliser = np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return float((targets * (normaliser - scaled)).sum() / stories)

    fit = minimize_scalar(loss, bounds=(-_HIGHEST_LOG_TEMPERATURE, _HIGHEST_LOG_TEMPERATURE), method="bounded")
    return float(np.exp(fit.x)), float(fit.fun)
