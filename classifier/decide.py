"""Window logits → story logits → calibrated probabilities → topics, primary topic, review flag.

Pure functions over arrays; the model's rules (`Decision`) come from its manifest. Leaves out: where logits come
from, and how the rules were fitted (training/calibrate.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pooling = Literal["first", "max", "mean"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)


@dataclass(frozen=True, slots=True)
class Decision:
    """How a model's logits become topics; every array has one entry a topic, in the order of `labels`.

    Attributes:
        labels: The topics.
        pooling: How the windows of a long story are joined: "first" reads the first alone.
        temperature: Above 0; divides the logit.
        bias: Added after the division.
        thresholds: A topic is given from this probability on.
        review_low: From this probability on, up to
        review_high: … this one, a person should look.
    """

    labels: tuple[str, ...]
    pooling: tuple[Pooling, ...]
    temperature: Floats
    bias: Floats
    thresholds: Floats
    review_low: Floats
    review_high: Floats

    @property
    def reads_whole(self) -> bool:
        """True if any topic looks beyond the first window of a story."""
        return any(rule != "first" for rule in self.pooling)


def pool(logits: Floats, counts: Sequence[int], pooling: Sequence[Pooling]) -> Floats:
    """Story logits from window logits, shape (stories, topics).

    Args:
        logits: Shape (windows, topics), the windows of a story next to each other and in order.
        counts: How many windows each story has, at least 1 each; they add up to the rows of `logits`.
        pooling: One rule a topic.
    """
    if not len(counts):
        return np.zeros((0, len(pooling)))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    by_rule = {
        "first": logits[starts],
        "max": np.maximum.reduceat(logits, starts, axis=0),
        "mean": np.add.reduceat(logits, starts, axis=0) / np.asarray(counts)[:, None],
    }
    return np.stack([by_rule[rule][:, topic] for topic, rule in enumerate(pooling)], axis=1)


def calibrate(logits: Floats, temperature: Floats, bias: Floats) -> Floats:
    """Calibrated probabilities, shape (stories, topics), each 0 to 1.

    Args:
        logits: Shape (stories, topics), unbounded.
        temperature: Shape (topics,), above 0; divides the logits. With `bias` this is Platt scaling, fitted on
            the validation split (Platt 1999; Guo et al. 2017, arXiv:1706.04599).
        bias: Shape (topics,); added after the division.

    Raises:
        ValueError: If a temperature is not above 0.
    """
    if not np.all(temperature > 0):
        raise ValueError(f"temperature must be above 0, got {temperature.tolist()}")
    scaled = logits / temperature + bias
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scaled)), dtype=np.float64)  # the sigmoid, without overflow


def given(probabilities: Floats, thresholds: Floats) -> NDArray[np.bool_]:
    """Which topics a story gets, shape (stories, topics)."""
    return np.asarray(probabilities >= thresholds)


def margins(probabilities: Floats, thresholds: Floats) -> Floats:
    """How far each probability is beyond its threshold: 0 at the threshold, 1 at certainty, below 0 short of it."""
    above = (probabilities - thresholds) / np.maximum(1.0 - thresholds, 1e-9)
    below = (probabilities - thresholds) / np.maximum(thresholds, 1e-9)
    return np.asarray(np.where(probabilities >= thresholds, above, below))


def needs_review(probabilities: Floats, decision: Decision) -> NDArray[np.bool_]:
    """True where any topic's probability lies inside its review band, shape (stories,)."""
    inside = (probabilities >= decision.review_low) & (probabilities < decision.review_high)
    return np.asarray(inside.any(axis=-1))


def ranked_topics(probabilities: Floats, decision: Decision) -> tuple[str, ...]:
    """The topics of one story, the primary topic first.

    Args:
        probabilities: Shape (topics,), calibrated.
    """
    chosen = np.flatnonzero(given(probabilities, decision.thresholds))
    beyond = margins(probabilities, decision.thresholds)
    order = sorted(chosen, key=lambda topic: (-beyond[topic], topic))
    return tuple(decision.labels[topic] for topic in order)
