"""Validation logits → the decision rule where every story has exactly one class: pooling, temperature, review cut.

Pure functions, beside those for topics that do not exclude each other (calibrate.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from classifier.decide import POOLINGS, Decision, Floats, Pooling, pool, softmax
from training.calibrate import WITHOUT_MARGIN, WindowLogits, cheapest_or_best

Bools = NDArray[np.bool_]
_HIGHEST_LOG_TEMPERATURE = float(np.log(20.0))


def fit_class_decision(
    validation: WindowLogits, labels: Sequence[str], *, review_target: float, rules: Sequence[Pooling] = POOLINGS
) -> Decision:
    """The decision rule that fits these stories.

    One pooling for all classes, that with the least calibrated log loss ("first", the cheapest, unless another is
    better by more than 1 %); one temperature (Guo et al. 2017, arXiv:1706.04599); one cut below which a person looks.

    Args:
        validation: What everything is fitted on; one class is true of a story.
        labels: The classes.
        review_target: The share of right answers to reach among the stories that are not flagged.
        rules: The poolings to choose from; "lead" has no meaning here, and is passed over.
    """
    size = len(labels)
    fits = {}
    for rule in (rule for rule in rules if rule in WITHOUT_MARGIN):
        logits = pool(validation.logits, validation.counts, [rule] * size)
        fits[rule] = (logits, *fit_temperature(logits, validation.true))
    best = cheapest_or_best({rule: loss for rule, (_, _, loss) in fits.items()}, "first")
    logits, temperature, _ = fits[best]
    cut = fit_review_cut(softmax(logits / temperature), validation.true, review_target)
    return Decision(
        labels=tuple(labels),
        pooling=(best,) * size,
        temperature=np.full(size, temperature),
        bias=np.zeros(size),
        thresholds=np.full(size, 0.5),
        review_low=np.zeros(size),
        review_high=np.full(size, cut),
        problem_type="multi_class",
    )


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


def fit_review_cut(probabilities: Floats, true: Bools, target: float) -> float:
    """The least probability of the class given from which on the share `target` of the stories is right.

    0 where all stories together reach it, 1 where no part of them does.

    Args:
        probabilities: Shape (stories, classes).
        true: Shape (stories, classes).
        target: 0 to 1.
    """
    sure = probabilities.max(axis=1)
    right = true[np.arange(len(true)), probabilities.argmax(axis=1)]
    if right.mean() >= target:
        return 0.0
    return next((float(cut) for cut in np.unique(np.round(sure, 4)) if _share(right[sure >= cut]) >= target), 1.0)


def _share(values: Bools) -> float:
    return float(values.mean()) if len(values) else 0.0
