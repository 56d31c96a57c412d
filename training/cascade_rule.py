"""When the first model of a cascade may answer: fitted on what both models say of many texts, labelled or not.

The first model's logits are brought onto the scale of those of both by one line a topic, fitted on the texts that it
answers, so that its probabilities there are likely to be theirs (fitted on all texts, "no" came out half as likely
again). It is sure where every topic is below d or from 1 - 2d on (a yes is rarer, and less extreme). The boldest d is
taken at which it is shown, with the given confidence, that no more than a given share of the texts gets other topics
than if both models had read it: exact binomial tests in a fixed sequence from careful to bold, as for the review bands
(review_band.py). A wrong answer that is sure cannot be flagged, and widens the bands for all others; people cost more
than processors, so that of the values that pass, those are left out with which clearly more stories are flagged.

    texts of which 10 in 10,000 get other topics  ->  with 90 % confidence, at most 15.4 in 10,000 do
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression

from classifier.cascade import Cascade
from classifier.decide import Decision, Floats, calibrate, probabilities_of, topics_given
from training.calibrate import calibrated_loss, cheapest_or_best, fit_platt
from training.export import rule_record
from training.review_band import Review

Bools = NDArray[np.bool_]
_DOUBTS = np.round(np.arange(0.01, 0.251, 0.01), 2)  # careful to bold
_SHARES = (0.0, 0.25, 0.5, 1.0)
_GRAIN = 1e-6
FLAG_ROOM = 0.01  # of the stories: more of them flagged than with the best rule is too dear
_SCOPES = ("nothing", "stories", "topics")  # what a review proves, from little to much


@dataclass(frozen=True, slots=True)
class Promise:
    """What a cascade may change.

    Attributes:
        most_changed: Share of texts with other topics, at most.
        confidence: That it holds, for texts like those it was fitted on.
    """

    most_changed: float = 0.0025
    confidence: float = 0.9

    @property
    def fewest(self) -> int:
        """How many texts must be answered alike, with none other, to show it."""
        return int(np.ceil(np.log(1 - self.confidence) / np.log(1 - self.most_changed)))

    def is_kept(self, changed: int, texts: int) -> bool:
        """True if so few changed texts would be a surprise, were the share above the limit."""
        return bool(binom.cdf(changed, texts, self.most_changed) <= 1 - self.confidence)


@dataclass(frozen=True, slots=True)
class Fitted:
    """How sure is sure, and what that gives on the texts.

    Attributes:
        scale: Shape (topics,).
        shift: Shape (topics,).
        doubt: d above; 0 if not even the most careful one keeps the promise.
        answered: Share of the texts that the first model answers.
        changed: How many of the texts get other topics.
        texts: How many there are.
    """

    scale: Floats
    shift: Floats
    doubt: float
    answered: float
    changed: int
    texts: int

    def cascade(self, model: str, manifest_sha256: str, max_length: int, share: float) -> Cascade:
        """The rule, for a folder."""
        return Cascade(model, manifest_sha256, max_length, self.scale, self.shift, *_cuts(self.doubt), share)


def fit_share(first: Floats, whole: Floats, true: Bools) -> float:
    """The share of the first model's logits that, added to the whole model's, gives the least calibrated log loss.

    None of it, unless another share is better by more than 1 %.

    Args:
        first: The first model's logits, shape (stories, topics).
        whole: The whole model's, pooled, of the same shape.
        true: Of the same shape.
    """

    def loss(share: float) -> float:
        columns = zip((whole + share * first).T, true.T, strict=True)
        return sum(calibrated_loss(logits, given, fit_platt(logits, given)) for logits, given in columns)

    return cheapest_or_best({share: loss(share) for share in _SHARES}, 0.0)


def fit_cascade(
    first: Floats, whole: Floats, decision: Decision, promise: Promise, review: Callable[[Fitted], Review]
) -> Fitted:
    """The boldest rule that keeps the promise and leaves people little to look at; one of doubt 0 where none keeps it.

    Args:
        first: The first model's logits, shape (texts, topics).
        whole: Those of both models together, of the same shape.
        decision: The rule for those.
        promise: What may change.
        review: The review that labelled stories need with a rule. Of the rules whose review proves most, those are left
            that flag no more than `FLAG_ROOM` above the fewest. (That one of a few rules is chosen by the stories that
            its bands are fitted on flatters the bands a little.)
    """
    on_all = fit_scale(first, whole, decision)
    kept = list(_kept(first, whole, decision, promise, on_all))
    if not kept:
        return Fitted(*on_all, doubt=0.0, answered=0.0, changed=0, texts=len(first))
    reviews = [review(fitted) for fitted in kept]
    most = max(_SCOPES.index(one.proven) for one in reviews)
    good = [number for number, one in enumerate(reviews) if _SCOPES.index(one.proven) == most]
    fewest = min(reviews[number].flagged for number in good)
    return kept[max(number for number in good if reviews[number].flagged <= fewest + FLAG_ROOM)]


def _kept(
    first: Floats, whole: Floats, decision: Decision, promise: Promise, on_all: tuple[Floats, Floats]
) -> Iterator[Fitted]:
    """The rules that keep the promise, from careful to bold, up to the first that does not."""
    given = topics_given(probabilities_of(whole, decision), decision)
    for doubt in _DOUBTS.tolist():
        likely = _sure(first, on_all, decision, doubt)[1]
        line = fit_scale(first[likely], whole[likely], decision) if likely.any() else on_all
        answers, is_sure = _sure(first, line, decision, doubt)
        changed = int((given != topics_given(answers, decision))[is_sure].any(axis=1).sum())
        if not promise.is_kept(changed, len(first)):
            return
        yield Fitted(*line, doubt=doubt, answered=float(is_sure.mean()), changed=changed, texts=len(first))


def answers_of_both(first: Floats, whole: Floats, fitted: Fitted, decision: Decision) -> Floats:
    """Probabilities as the cascade gives them, shape (stories, topics): the first model's where it is sure.

    Args:
        first: The first model's logits, shape (stories, topics).
        whole: Those of both models together, of the same shape.
        fitted: When the first may answer.
        decision: The rule for the logits of both.
    """
    answers, is_sure = _sure(first, (fitted.scale, fitted.shift), decision, fitted.doubt)
    return np.asarray(np.where(is_sure[:, None], answers, probabilities_of(whole, decision)))


def _sure(first: Floats, line: tuple[Floats, Floats], decision: Decision, doubt: float) -> tuple[Floats, Bools]:
    """The first model's probabilities, shape (texts, topics), and where they stand, shape (texts,)."""
    cascade = Cascade("", "", 0, *line, *_cuts(doubt))
    answers = probabilities_of(cascade.on_scale(first), decision)
    return answers, cascade.is_sure(answers)


def fit_scale(first: Floats, whole: Floats, decision: Decision) -> tuple[Floats, Floats]:
    """(scale, shift), each of shape (topics,): Platt scaling (1999) towards what the whole model says.

    Args:
        first: The first model's logits, shape (texts, topics).
        whole: Those of both models together, of the same shape.
        decision: The rule for those; the line must undo its temperature and bias, and its curve bends both alike.
    """
    scale, shift = np.ones(first.shape[1]), np.zeros(first.shape[1])
    probabilities = calibrate(whole, decision.temperature, decision.bias)
    for topic, (temperature, bias) in enumerate(zip(decision.temperature, decision.bias, strict=True)):
        found = probabilities[:, topic].clip(_GRAIN, 1 - _GRAIN)
        column = first[:, [topic]]
        line = LogisticRegression(C=1e6).fit(
            np.vstack([column, column]),
            np.repeat([1, 0], len(column)),
            sample_weight=np.concatenate([found, 1 - found]),
        )
        scale[topic] = temperature * max(float(line.coef_[0, 0]), _GRAIN)
        shift[topic] = temperature * (float(line.intercept_[0]) - bias)
    return scale, shift


def _cuts(doubt: float) -> tuple[float, float]:
    return round(doubt, 6), round(1 - 2 * doubt, 6)


def cascade_record(cascade: Cascade, fitted: Fitted, promise: Promise, first_id: str) -> dict[str, Any]:
    """For the manifest: the rule, and what it was shown to change."""
    return {
        "model": cascade.model,
        "id": first_id,
        "manifest_sha256": cascade.manifest_sha256,
        "max_length": cascade.max_length,
        "scale": [round(value, 6) for value in cascade.scale.tolist()],
        "shift": [round(value, 6) for value in cascade.shift.tolist()],
        "sure_below": cascade.sure_below,
        "sure_from": cascade.sure_from,
        "share": cascade.share,
        **({"rule": rule_record(cascade.decision)} if cascade.decision is not None else {}),
        "shown": {
            "texts": fitted.texts,
            "with_other_topics": fitted.changed,
            "answered_by_the_first": round(fitted.answered, 4),
            "most_changed": promise.most_changed,
            "confidence": promise.confidence,
        },
    }
