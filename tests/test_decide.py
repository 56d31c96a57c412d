"""Logits → probabilities → topics: pure functions against plain re-implementations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import LABELS, decision
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classifier import decide
from classifier.decide import calibrate, margins, needs_review, pool, ranked_topics

TOPICS = len(LABELS)
PROBABILITIES = arrays(np.float64, TOPICS, elements=st.floats(0, 1))
THRESHOLDS = arrays(np.float64, TOPICS, elements=st.floats(0.01, 0.99))
ANY_LOGITS = arrays(np.float64, (3, TOPICS), elements=st.floats(-1e6, 1e6))


def ranked(probabilities: decide.Floats, rule: decide.Decision) -> tuple[str, ...]:
    """The topics of one story."""
    return ranked_topics(probabilities[None], rule)[0]


@given(st.lists(st.integers(1, 5), max_size=6), st.data())
def test_pooling_is_first_largest_or_mean_of_a_storys_own_windows(counts: list[int], data: st.DataObject) -> None:
    logits = data.draw(arrays(np.float64, (sum(counts), 3), elements=st.floats(-50, 50)))
    pooled = pool(logits, counts, ("first", "max", "mean"))
    assert pooled.shape == (len(counts), 3)
    start = 0
    for row, count in zip(pooled, counts, strict=True):
        own = logits[start : start + count]
        assert row == pytest.approx([own[0, 0], own[:, 1].max(), own[:, 2].mean()], abs=1e-9)
        start += count


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.floats(0, 5), st.data())
def test_what_comes_later_counts_less_a_margin_and_only_behind_a_lead_about_no_topic(
    counts: list[int], margin: float, data: st.DataObject
) -> None:
    logits = data.draw(arrays(np.float64, (sum(counts), 2), elements=st.floats(-5, 5)))
    pooled = pool(logits, counts, ("lead", "lead"), np.array([margin, 0.0]))
    start = 0
    for row, count in zip(pooled, counts, strict=True):
        first, later = logits[start], logits[start + 1 : start + count]
        if count > 1 and (first < 0).all():
            assert row.tolist() == np.maximum(first, (later - [margin, 0.0]).max(axis=0)).tolist()
        else:
            assert row.tolist() == first.tolist()
        start += count


def test_only_pooling_that_looks_on_reads_whole_stories() -> None:
    assert not decision(pooling=("first",) * TOPICS).reads_whole
    assert decision(pooling=("first", "first", "first", "mean")).reads_whole


@given(arrays(np.float64, (2, TOPICS), elements=st.floats(-30, 30)))
def test_calibration_is_the_sigmoid_of_the_scaled_logit(logits: decide.Floats) -> None:
    temperature, bias = np.array([0.5, 1.0, 2.0, 3.0]), np.array([-1.0, 0.0, 0.5, 2.0])
    expected = [
        [1 / (1 + math.exp(-(x / t + b))) for x, t, b in zip(row, temperature, bias, strict=True)] for row in logits
    ]
    np.testing.assert_allclose(calibrate(logits, temperature, bias), expected, atol=1e-12)


@given(ANY_LOGITS)
def test_calibration_never_overflows_and_keeps_the_order(logits: decide.Floats) -> None:
    # Warnings are errors in this suite, so an overflow fails here.
    probabilities = calibrate(logits, np.full(TOPICS, 0.01), np.zeros(TOPICS))
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    for topic in range(TOPICS):
        assert (np.diff(probabilities[np.argsort(logits[:, topic]), topic]) >= 0).all()


def test_calibration_refuses_a_temperature_that_is_not_above_zero() -> None:
    with pytest.raises(ValueError, match=r"temperature must be above 0, got \[1\.0, 0\.0, 1\.0, 1\.0\]"):
        calibrate(np.zeros((1, TOPICS)), np.array([1.0, 0.0, 1.0, 1.0]), np.zeros(TOPICS))


def test_a_probability_at_its_threshold_gives_the_topic() -> None:
    at = np.array([0.5, 0.6, 0.6, 0.7])
    assert decide.topics_given(at, decision(thresholds=np.full(TOPICS, 0.6))).tolist() == [False, True, True, True]


@given(PROBABILITIES, THRESHOLDS, st.integers(0, TOPICS - 1), st.floats(0, 0.5))
def test_raising_a_threshold_never_adds_a_topic(
    probabilities: decide.Floats, thresholds: decide.Floats, topic: int, by: float
) -> None:
    higher = thresholds.copy()
    higher[topic] += by
    before = ranked(probabilities, decision(thresholds=thresholds))
    assert set(ranked(probabilities, decision(thresholds=higher))) <= set(before)


@given(PROBABILITIES, THRESHOLDS)
def test_topics_are_those_given_and_the_primary_one_is_furthest_beyond_its_threshold(
    probabilities: decide.Floats, thresholds: decide.Floats
) -> None:
    topics = ranked(probabilities, decision(thresholds=thresholds))
    assert sorted(topics) == sorted(
        label for label, p, t in zip(LABELS, probabilities, thresholds, strict=True) if p >= t
    )
    beyond = dict(zip(LABELS, margins(probabilities, thresholds), strict=True))
    assert [beyond[topic] for topic in topics] == sorted((beyond[topic] for topic in topics), reverse=True)


def test_the_margin_counts_from_each_topics_own_threshold() -> None:
    thresholds = np.array([0.2, 0.8, 0.5, 0.5])
    probabilities = np.array([0.6, 0.9, 0.5, 0.25])
    assert margins(probabilities, thresholds).tolist() == pytest.approx([0.5, 0.5, 0.0, -0.5])


def test_equal_margins_keep_the_order_of_the_labels() -> None:
    assert ranked(np.full(TOPICS, 0.9), decision()) == LABELS


def test_a_story_is_for_review_where_any_probability_is_inside_its_band() -> None:
    rule = decision(review_low=np.array([0.4, 0.4, 0.4, 0.7]), review_high=np.array([0.6, 0.6, 0.6, 0.7]))
    probabilities = np.array(
        [
            [0.1, 0.9, 0.3, 0.7],  # an empty band holds nothing
            [0.1, 0.4, 0.9, 0.9],  # its lower end is inside
            [0.6, 0.9, 0.1, 0.1],  # its upper end is not
            [np.nan, np.nan, np.nan, np.nan],  # a story that could not be scored
        ]
    )
    assert needs_review(probabilities, rule).tolist() == [False, True, False, False]


def classes(**changes: object) -> decide.Decision:
    """Four classes that exclude each other, flagged below 0.7."""
    values = {"problem_type": "multi_class", "review_low": np.zeros(TOPICS), "review_high": np.full(TOPICS, 0.7)}
    return decision(**values | changes)


@given(ANY_LOGITS, st.floats(0.05, 20))
def test_the_scores_of_classes_are_the_softmax_of_the_scaled_logits(logits: decide.Floats, temperature: float) -> None:
    # Warnings are errors in this suite, so an overflow fails here.
    rule = classes(temperature=np.full(TOPICS, temperature), bias=np.full(TOPICS, 3.0))
    probabilities = decide.probabilities_of(logits, rule)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    small = logits / 1e5
    powers = np.exp(small / temperature)
    np.testing.assert_allclose(
        decide.probabilities_of(small, rule), powers / powers.sum(axis=1, keepdims=True), rtol=1e-9, atol=1e-300
    )


@given(PROBABILITIES)
def test_of_classes_exactly_one_is_given_the_most_probable(probabilities: decide.Floats) -> None:
    topics = ranked(probabilities, classes(thresholds=np.full(TOPICS, 0.99)))
    assert topics == (LABELS[int(np.argmax(probabilities))],)
    assert decide.topics_given(probabilities[None], classes()).sum(axis=1).tolist() == [1]


def test_a_story_that_could_not_be_scored_gets_no_class_and_no_flag() -> None:
    unknown = decide.probabilities_of(np.full((1, TOPICS), np.nan), classes())
    assert np.isnan(unknown).all()
    assert not decide.topics_given(unknown, classes()).any()
    assert needs_review(unknown, classes()).tolist() == [False]


def test_a_class_is_for_review_where_its_own_probability_is_below_the_cut() -> None:
    probabilities = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.69, 0.11, 0.1], [0.25, 0.25, 0.25, 0.25]])
    assert needs_review(probabilities, classes()).tolist() == [False, True, True]


@given(ANY_LOGITS)
def test_topics_that_do_not_exclude_each_other_are_calibrated_and_given_one_by_one(logits: decide.Floats) -> None:
    rule = decision(temperature=np.full(TOPICS, 2.0), bias=np.full(TOPICS, 0.5))
    probabilities = decide.probabilities_of(logits, rule)
    assert (probabilities == calibrate(logits, rule.temperature, rule.bias)).all()
    assert (decide.topics_given(probabilities, rule) == (probabilities >= rule.thresholds)).all()
