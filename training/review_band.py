"""Which stories a person should look at: two cuts a topic, so that the stories left reach a target, with a proof.

A topic is a sure no below `low`, a sure yes from `high` on; a story with a topic in between is flagged. One number
makes all cuts: the doubt d, with low = d and high = 1 - d (or the topic's threshold, where that lies outside). Cuts
fitted topic by topic flagged as many stories, and held less well on stories that they were not fitted on.

The doubt is found by risk control (Bates et al. 2021, arXiv:2101.02703; Angelopoulos et al. 2021, Learn then Test,
arXiv:2110.01052): values are tested from careful to bold, and the first that fails ends it, so that many tests cost no
confidence (fixed sequence). A value passes if exact binomial tests (Clopper and Pearson 1934) reject, for every topic,
that its precision, or its recall, is below the target among the stories left.

    45 stories, all right: 0.95 is shown with 90 % confidence (0.95 ** 45 < 0.1). One wrong: 77 are needed.

Few validation stories cannot show that for every topic. Then the same is tested over all topics: the share of stories
left that are given no wrong topic, and that miss none. If that fails too, the doubt with the highest lower bound is
taken, or the most careful one where even there most stories are wrong: of a model that knows nothing a person looks at
all. `Review` says which it was, and what each topic reached. The probabilities may be those of the stories that
calibration was fitted on, ten numbers a topic: on 3,737 stories, ten-fold cross-fitting gave d = 0.10 in place of 0.12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom

from classifier.decide import Floats, in_band

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]
Scope = Literal["topics", "stories", "nothing"]
DOUBTS = np.round(np.concatenate([np.arange(0.01, 0.1, 0.01), np.arange(0.1, 0.901, 0.02)]), 2)  # careful to bold


@dataclass(frozen=True, slots=True)
class Aim:
    """Precision and recall to reach outside the bands, and how sure one must be of it."""

    target: float = 0.95
    confidence: float = 0.9

    @property
    def fewest(self) -> int:
        """How many must be right, with none wrong, to show it."""
        return int(np.ceil(np.log(1 - self.confidence) / np.log(self.target)))


@dataclass(frozen=True, slots=True)
class Shares:
    """Precision and recall over the stories that are not flagged.

    The rows are the topics and, last, whole stories: given topics and none of them wrong, about topics and none missed.
    With exactly one class a story there is one figure, the accuracy, and the shapes below are (1, 1).

    Attributes:
        right: Shape (topics + 1, 2): how many of `total` are right.
        total: Of the same shape: how many are given (precision), and how many are true (recall).
    """

    right: Counts
    total: Counts

    def bound(self, confidence: float) -> Floats:
        """The share that is reached with this confidence, shape (topics + 1, 2); 0 where nothing is right."""
        bound = beta.ppf(1 - confidence, np.maximum(self.right, 1), self.total - self.right + 1)
        return np.asarray(np.where(self.right > 0, bound, 0.0))

    def passes(self, aim: Aim, rows: slice) -> bool:
        """True if as many right would be a surprise, were any of the shares just below the target."""
        chance = binom.sf(self.right[rows] - 1, self.total[rows], aim.target)
        return bool((chance <= 1 - aim.confidence).all())

    def is_mostly_wrong(self) -> bool:
        """True if less than half of the stories are right, of those given topics or of those about some."""
        return bool((2 * self.right[-1] < self.total[-1]).any())


@dataclass(frozen=True, slots=True)
class Review:
    """The fitted bands, and what they are good for.

    Attributes:
        low: Shape (topics,).
        high: Shape (topics,).
        proven: "topics" if every topic's precision and recall were shown to reach the target, "stories" if those over
            all topics (or the accuracy) were, else "nothing".
        flagged: Share of the stories, 0 to 1.
        shares: What the other stories reach.
        aim: What they should reach.
    """

    low: Floats
    high: Floats
    proven: Scope
    flagged: float
    shares: Shares
    aim: Aim


def fit_review(probabilities: Floats, true: Bools, thresholds: Floats, aim: Aim) -> Review:
    """The narrowest bands that are shown to meet the aim, or come nearest to it.

    Args:
        probabilities: Shape (stories, topics), calibrated.
        true: Shape (stories, topics).
        thresholds: Shape (topics,), where a topic's band closes.
        aim: What to reach.
    """
    path = [measure(probabilities, true, *bands(doubt, thresholds)) for doubt in DOUBTS]
    scopes: dict[Scope, slice] = {"topics": slice(0, -1), "stories": slice(-1, None)}
    chosen: int
    proven: Scope = "nothing"
    for scope, rows in scopes.items():
        chosen = boldest(path, aim, rows, _begin(path, aim, rows))
        if chosen >= 0:
            proven = scope
            break
    else:
        chosen = nearest(path, aim)
    low, high = bands(DOUBTS[chosen], thresholds)
    return Review(low, high, proven, float(_inside(probabilities, low, high).mean()), path[chosen], aim)


def _begin(path: Sequence[Shares], aim: Aim, rows: slice) -> int:
    """Where half of what the model gives is left, and enough to pass: what is true has no say in it.

    Begun earlier, the run often ends at once on two errors among a hundred, and flags half of all stories.
    """
    given = np.array([shares.total[rows, 0].min() for shares in path])
    return int(np.argmax(given >= max(aim.fewest, given[-1] / 2)))


def boldest(path: Sequence[Shares], aim: Aim, rows: slice, begin: int) -> int:
    """The last of an unbroken run of values that pass, from `begin` on; -1 if the first fails."""
    last = -1
    for number in range(begin, len(path)):
        if not path[number].passes(aim, rows):
            break
        last = number
    return last


def nearest(path: Sequence[Shares], aim: Aim) -> int:
    """Where nothing passes: the value with the highest lower bound, or the first where even there most is wrong."""
    worst = [shares.bound(aim.confidence)[-1].min() for shares in path]
    chosen = len(path) - 1 - int(np.argmax(worst[::-1]))  # the boldest of equals
    return 0 if path[chosen].is_mostly_wrong() else chosen


def bands(doubt: float, thresholds: Floats) -> tuple[Floats, Floats]:
    """(low, high), each of shape (topics,)."""
    return np.minimum(doubt, thresholds), np.maximum(1 - doubt, thresholds)


def measure(probabilities: Floats, true: Bools, low: Floats, high: Floats) -> Shares:
    """What holds outside the bands; probabilities and truth of shape (stories, topics)."""
    left = ~_inside(probabilities, low, high)
    given, true = probabilities[left] >= high, true[left]
    hits, named, about = (given & true).sum(axis=0), given.any(axis=1), true.any(axis=1)
    clean, whole = named & ~(given & ~true).any(axis=1), about & ~(true & ~given).any(axis=1)
    right = np.vstack([np.stack([hits, hits], axis=1), [clean.sum(), whole.sum()]])
    total = np.vstack([np.stack([given.sum(axis=0), true.sum(axis=0)], axis=1), [named.sum(), about.sum()]])
    return Shares(right.astype(np.int64), total.astype(np.int64))


def _inside(probabilities: Floats, low: Floats, high: Floats) -> Bools:
    return np.asarray(in_band(probabilities, low, high).any(axis=1))


def review_record(review: Review, labels: Sequence[str]) -> dict[str, Any]:
    """For the manifest: the aim, whether it was shown and for what, and each figure as right, of, at least."""
    bound = review.shares.bound(review.aim.confidence)
    rows, columns = bound.shape
    names = ("accuracy",) if columns == 1 else ("precision", "recall")

    def figures(row: int) -> dict[str, Any]:
        return {
            name: {
                "right": int(review.shares.right[row, column]),
                "of": int(review.shares.total[row, column]),
                "at_least": round(float(bound[row, column]), 4),
            }
            for column, name in enumerate(names)
        }

    return {
        "target": review.aim.target,
        "confidence": review.aim.confidence,
        "proven_for": review.proven,
        "flagged": round(review.flagged, 4),
        "over_all_topics": figures(-1),
        "by_topic": {label: figures(row) for row, label in zip(range(rows - 1), labels, strict=False)},
    }


def review_lines(record: dict[str, Any]) -> list[str]:
    """A record of `review_record` as sentences; what could not be shown is said for each figure."""
    target, confidence = record["target"], record["confidence"]
    if record["flagged"] == 1:
        return [
            "review: every validation story is flagged: the model is sure of none, or wrong of most even where it is "
            "surest. Train longer, or label more stories."
        ]
    figures = record["over_all_topics"]
    reach = f"{' and '.join(figures)} {'reach' if len(figures) > 1 else 'reaches'} {target}"
    shown = {
        "topics": f"precision and recall of every topic reach {target}",
        "stories": f"over all topics, {reach}",
        "nothing": f"it is not shown that {reach}",
    }[record["proven_for"]]
    lines = [
        f"review: {record['flagged']:.1%} of validation flagged; with {confidence:.0%} confidence, {shown} elsewhere"
    ]
    for name, figures in [*record["by_topic"].items(), ("all topics", record["over_all_topics"])]:
        short = [
            f"{kind} {found['right']} of {found['of']}, at least {found['at_least']:.3f}"
            for kind, found in figures.items()
            if found["at_least"] < target
        ]
        if short:
            lines.append(f"  {name}: {target} not provable with so few stories or so many errors: {'; '.join(short)}")
    return lines
