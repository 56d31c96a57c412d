"""Whether probabilities mean what they say: of the stories with 0.8, eight in ten have the topic. Pure functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.decide import Floats

Bools = NDArray[np.bool_]
BINS = 10


def reliability(true: Bools, probabilities: Floats, bins: int = BINS) -> list[dict[str, float]]:
    """Mean probability, share of true ones and number of stories, for every equally wide bin that has any.

    Args:
        true: Shape (stories,).
        probabilities: Shape (stories,).
        bins: How many between 0 and 1.
    """
    number = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], probabilities)
    counts = np.bincount(number, minlength=bins)
    means, shares = (np.bincount(number, values, bins) / np.maximum(counts, 1) for values in (probabilities, true))
    return [
        {"probability": float(means[k]), "share": float(shares[k]), "stories": int(counts[k])}
        for k in np.flatnonzero(counts)
    ]


def calibration_error(true: Bools, probabilities: Floats) -> float:
    """Expected calibration error of one topic (Naeini et al. 2015), over ten equally wide bins."""
    bins = reliability(true, probabilities)
    return sum(part["stories"] * abs(part["probability"] - part["share"]) for part in bins) / max(1, len(true))
