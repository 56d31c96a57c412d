"""Above the review cut of classes the accuracy reaches the target, or it is said that this could not be shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.decide import softmax
from training.class_review import fit_class_review
from training.review_band import Aim, Review, review_lines, review_record

AIM = Aim(0.95, 0.9)
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def fitted(sure: Floats, right: Bools, aim: Aim = AIM) -> Review:
    """The review of two classes, of which the first is given with these probabilities."""
    return fit_class_review(np.stack([sure, 1 - sure], axis=1), np.stack([right, ~right], axis=1), aim)


def drawn(count: int, rng: np.random.Generator) -> tuple[Floats, Bools]:
    """Calibrated probabilities of four classes, and one class a story drawn by them."""
    probabilities = softmax(rng.normal(0, 5, (count, 4)))
    classes = (probabilities.cumsum(axis=1) < rng.random((count, 1))).sum(axis=1)
    return probabilities, np.arange(4) == classes[:, None]


def test_what_one_is_sure_of_is_shown_and_the_rest_flagged() -> None:
    sure, right = np.repeat([0.99, 0.7], [90, 110]), np.repeat([True, False], [150, 50])
    review = fitted(sure, right)
    assert (review.proven, review.flagged) == ("stories", 0.55)
    assert 0.7 < review.high[0] == review.high[1] <= 0.99
    record = review_record(review, ["a", "b"])
    shown = {"accuracy": {"right": 90, "of": 90, "at_least": 0.9747}}
    assert (record["target"], record["confidence"], record["over_all_topics"]) == (0.95, 0.9, shown)
    assert record["by_topic"] == {}
    assert review_lines(record) == [
        "review: 55.0% of validation flagged; with 90% confidence, over all topics, accuracy reaches 0.95 elsewhere"
    ]


def test_a_share_that_reaches_the_target_by_chance_shows_nothing() -> None:
    sure, right = np.full(60, 0.96), np.arange(60) > 1  # 0.967, but it may well be 0.91
    record = review_record(fitted(sure, right), ["a", "b"])
    assert record["proven_for"] == "nothing"
    assert review_lines(record)[0].endswith("with 90% confidence, it is not shown that accuracy reaches 0.95 elsewhere")
    assert "0.95 not provable with so few stories or so many errors: accuracy 58 of 60" in review_lines(record)[1]
    assert fitted(sure, right, Aim(0.9, 0.9)).proven == "stories"


def test_all_right_flags_no_story_and_mostly_wrong_every_one() -> None:
    sure = np.full(60, 0.97)
    assert (fitted(sure, sure > 0).flagged, fitted(sure, sure > 0).high[0]) == (0.0, 0.0)
    assert (fitted(sure, sure < 0).flagged, fitted(sure, sure < 0).high[0]) == (1.0, 1.0)
    assert "every validation story is flagged" in review_lines(review_record(fitted(sure, sure < 0), ["a", "b"]))[0]


def test_the_target_holds_for_other_stories_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    others, true = drawn(20_000, rng)
    right = true[np.arange(len(true)), others.argmax(axis=1)]
    cuts = [fit_class_review(*drawn(200, rng), AIM).high[0] for _ in range(60)]
    reached = np.array([right[others.max(axis=1) >= cut].mean() for cut in cuts])
    assert (reached < 0.95).sum() <= 10  # at most 6 are to be expected, 11 by chance in 3 of 100 such tests
    assert (reached > 0.95).any()
