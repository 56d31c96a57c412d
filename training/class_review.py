"""The review cut where every story has exactly one class: the probability of that class below which a person looks.

Fitted by the risk control of review_band.py: cuts are tested from careful to bold, and the last before the first that
fails is taken. A cut passes if an exact binomial test rejects that the accuracy among the stories left is below the
target. The run begins where it is likeliest to pass if the probabilities are right; what is true has no say in it but
for the temperature, one number. Where it fails at once, the cut with the highest lower bound is taken, but none bolder
than where the run began: the highest of many bounds flatters.

    200 stories, of which the model is sure of 90 (0.99 each) and in doubt of the others: it begins with these 90.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from classifier.decide import Floats
from training.review_band import DOUBTS, Aim, Bools, Review, Shares, boldest, nearest

_CUTS = np.round(1 - np.concatenate([[0.0, 0.001, 0.002, 0.005], DOUBTS, [1.0]]), 3)  # careful to bold


def fit_class_review(probabilities: Floats, true: Bools, aim: Aim) -> Review:
    """The lowest cut that is shown to meet the aim, or comes nearest to it: 0 flags no story, 1 nearly all.

    Args:
        probabilities: Shape (stories, classes), calibrated.
        true: Of the same shape; one class is true of a story.
        aim: The accuracy to reach among the stories that are not flagged, and how sure one must be of it.
    """
    sure = probabilities.max(axis=1)
    right = true[np.arange(len(true)), probabilities.argmax(axis=1)]
    path = [_shares(right[sure >= cut]) for cut in _CUTS]
    begin = _begin(sure, aim)
    shown = boldest(path, aim, slice(None), begin)
    chosen = shown if shown >= 0 else min(begin, nearest(path, aim))
    cut, classes = _CUTS[chosen], true.shape[1]
    return Review(
        low=np.zeros(classes),
        high=np.full(classes, cut),
        proven="stories" if shown >= 0 else "nothing",
        flagged=float((sure < cut).mean()),
        shares=path[chosen],
        aim=aim,
    )


def _begin(sure: Floats, aim: Aim) -> int:
    """Where as many right answers as the probabilities promise would be the greatest surprise below the target."""
    left = [sure[sure >= cut] for cut in _CUTS]
    return int(np.argmin([binom.sf(round(float(one.sum())) - 1, len(one), aim.target) for one in left]))


def _shares(right: Bools) -> Shares:
    return Shares(np.array([[right.sum()]]), np.array([[len(right)]]))
