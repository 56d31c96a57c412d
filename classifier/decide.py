"""Window logits → story logits → calibrated probabilities → topics, primary topic, review flag.

Pure functions over arrays; the model's rules (`Decision`) come from its manifest. Leaves out: where logits come
from, and how the rules were fitted (training/calibrate.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pooling = Literal["first", "max", "mean", "lead"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)
ProblemType = Literal["multi_label", "multi_class", "binary"]
PROBLEM_TYPES: tuple[ProblemType, ...] = get_args(ProblemType)


@dataclass(frozen=True, slots=True)
class Decision:
    """How a model's logits become topics; every array has one entry a topic, in the order of `labels`.

    Attributes:
        labels: The topics.
        pooling: How the windows of a long story are joined: "first" reads the first alone, "max" takes the highest
            logit, "mean" the mean, "lead" the first or, where the first window is about no topic at all (its logits
            are below 0), the highest later one less `late_margin` if that is higher.
        temperature: Above 0; divides the logit.
        bias: Added after the division.
        thresholds: A topic is given from this probability on.
        review_low: Below this probability a topic is a sure no.
        review_high: From this probability on it is a sure yes; in between, a person should look.
        problem_type: "multi_label": several topics, one or none. "binary": the one topic, or not. "multi_class":
            exactly one, the most probable; thresholds, bias and `review_low` have no effect, and a person should look
            where the probability of that topic is below its `review_high`.
        late_margin: At least 0, in logits; has an effect with "lead" alone.
        curve: Shape (topics, 2, knots), both rows of a topic rising: after temperature and bias, the log-odds in the
            first row become those in the second; linear in between and beyond. Shape (0, 2, 0) changes nothing.
    """

    labels: tuple[str, ...]
    pooling: tuple[Pooling, ...]
    temperature: Floats
    bias: Floats
    thresholds: Floats
    review_low: Floats
    review_high: Floats
    problem_type: ProblemType = "multi_label"
    late_margin: Floats = field(default_factory=lambda: np.zeros(1))
    curve: Floats = field(default_factory=lambda: np.zeros((0, 2, 0)))

    @property
    def reads_whole(self) -> bool:
        """True if any topic looks beyond the first window of a story."""
        return any(rule != "first" for rule in self.pooling)


def pool(
    logits: Floats, counts: Sequence[int], pooling: Sequence[Pooling], late_margin: Floats | float = 0.0
) -> Floats:
    """Story logits from window logits, shape (stories, topics).

    Args:
        logits: Shape (windows, topics), the windows of a story next to each other and in order.
        counts: How many windows each story has, at least 1 each; they add up to the rows of `logits`.
        pooling: One rule a topic (see `Decision`).
        late_margin: One a topic, or one for all; taken from later windows where the rule is "lead".
    """
    if not len(counts):
        return np.zeros((0, len(pooling)))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    is_silent = (logits[starts] < 0).all(axis=1)
    lessened = np.where(np.repeat(is_silent, counts)[:, None], logits - late_margin, -np.inf)
    lessened[starts] = logits[starts]
    by_rule = {
        "first": logits[starts],
        "max": np.maximum.reduceat(logits, starts, axis=0),
        "mean": np.add.reduceat(logits, starts, axis=0) / np.asarray(counts)[:, None],
        "lead": np.maximum.reduceat(lessened, starts, axis=0),
    }
    return np.stack([by_rule[rule][:, topic] for topic, rule in enumerate(pooling)], axis=1)


def story_probabilities(window_logits: Floats, counts: Sequence[int], decision: Decision) -> Floats:
    """The scores of stories from the logits of their windows, shape (stories, topics), each 0 to 1; see `pool`."""
    return probabilities_of(pool(window_logits, counts, decision.pooling, decision.late_margin), decision)


def calibrate(logits: Floats, temperature: Floats, bias: Floats, curve: Floats | None = None) -> Floats:
    """Calibrated probabilities, shape (stories, topics), each 0 to 1.

    Args:
        logits: Shape (stories, topics), unbounded.
        temperature: Shape (topics,), above 0; divides the logits. With `bias` this is Platt scaling, fitted on
            the validation split (Platt 1999; Guo et al. 2017, arXiv:1706.04599).
        bias: Shape (topics,); added after the division.
        curve: Shape (topics, 2, knots); None, or one of no topics, changes nothing (see `Decision`).

    Raises:
        ValueError: If a temperature is not above 0.
    """
    if not np.all(temperature > 0):
        raise ValueError(f"temperature must be above 0, got {temperature.tolist()}")
    scaled = logits / temperature + bias
    if curve is not None and len(curve):
        scaled = np.stack([_bent(scaled[..., topic], *knots) for topic, knots in enumerate(curve)], axis=-1)
    return sigmoid(scaled)


def _bent(values: Floats, at: Floats, to: Floats) -> Floats:
    """The piecewise linear function through (at, to); its first and last pieces go on without end."""
    below, above = np.minimum(values - at[0], 0.0), np.maximum(values - at[-1], 0.0)
    first, last = (to[1] - to[0]) / (at[1] - at[0]), (to[-1] - to[-2]) / (at[-1] - at[-2])
    return np.asarray(np.interp(values, at, to) + first * below + last * above)


def sigmoid(log_odds: Floats) -> Floats:
    """The probability with these log-odds, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)), dtype=np.float64)


def softmax(logits: Floats) -> Floats:
    """Probabilities that add up to 1 over the last axis; NaN where a logit is."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float64)


def probabilities_of(logits: Floats, decision: Decision) -> Floats:
    """The scores of stories: their calibrated probabilities, shape (stories, topics), each 0 to 1.

    Args:
        logits: Shape (stories, topics), pooled, unbounded.
        decision: With more than one class, the temperature alone calibrates (Guo et al. 2017, arXiv:1706.04599).
    """
    if decision.problem_type == "multi_class":
        return softmax(logits / decision.temperature)
    return calibrate(logits, decision.temperature, decision.bias, decision.curve)


def topics_given(probabilities: Floats, decision: Decision) -> NDArray[np.bool_]:
    """Which topics a story gets, shape (stories, topics); none where the probabilities are NaN."""
    if decision.problem_type == "multi_class":
        return _most_probable(probabilities)
    return np.asarray(probabilities >= decision.thresholds)


def _most_probable(probabilities: Floats) -> NDArray[np.bool_]:
    """True at the largest probability of each story, the first of equal ones."""
    chosen = np.arange(probabilities.shape[-1]) == probabilities.argmax(axis=-1)[..., None]
    return np.asarray(chosen & ~np.isnan(probabilities))


def margins(probabilities: Floats, thresholds: Floats) -> Floats:
    """How far each probability is beyond its threshold: 0 at the threshold, 1 at certainty, below 0 short of it."""
    above = (probabilities - thresholds) / np.maximum(1.0 - thresholds, 1e-9)
    below = (probabilities - thresholds) / np.maximum(thresholds, 1e-9)
    return np.asarray(np.where(probabilities >= thresholds, above, below))


def needs_review(probabilities: Floats, decision: Decision) -> NDArray[np.bool_]:
    """True where a person should look, shape (stories,): where a probability lies in the band of its topic.

    With exactly one class a story: where the probability of that class is below its `review_high`.
    """
    if decision.problem_type == "multi_class":
        return np.asarray((_most_probable(probabilities) & (probabilities < decision.review_high)).any(axis=-1))
    return np.asarray(in_band(probabilities, decision.review_low, decision.review_high).any(axis=-1))


def in_band(probabilities: Floats, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """True where a probability is neither a sure no (below `low`) nor a sure yes (from `high` on)."""
    return np.asarray((probabilities >= low) & (probabilities < high))


def ranked_topics(probabilities: Floats, decision: Decision) -> list[tuple[str, ...]]:
    """The topics of each story, the primary topic first.

    Args:
        probabilities: Shape (stories, topics), calibrated.
    """
    is_given = topics_given(probabilities, decision).tolist()
    orders = np.argsort(-margins(probabilities, decision.thresholds), axis=-1, kind="stable").tolist()
    return [
        tuple(decision.labels[topic] for topic in order if given_here[topic])
        for given_here, order in zip(is_given, orders, strict=True)
    ]
