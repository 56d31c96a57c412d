"""The decision rule is fitted as its description says."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.decide import calibrate
from training.calibrate import WindowLogits, best_threshold, fit_decision, fit_platt, fit_threshold
from training.review_band import Aim


def logits_and_truth(count: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits z, and truth drawn with probability sigmoid(z / 2 - 1)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 4, count)
    return logits, rng.random(count) < 1 / (1 + np.exp(-(logits / 2 - 1)))


def test_platt_scaling_finds_the_temperature_and_bias_that_made_the_labels() -> None:
    temperature, bias = fit_platt(*logits_and_truth())
    assert temperature == pytest.approx(2, rel=0.15)
    assert bias == pytest.approx(-1, abs=0.15)


def test_platt_scaling_leaves_alone_what_says_nothing() -> None:
    logits, truth = logits_and_truth(50)
    assert fit_platt(logits, np.zeros(50, bool)) == (1.0, 0.0)
    assert fit_platt(-logits, truth) == (1.0, 0.0)


def test_calibrated_probabilities_are_as_often_right_as_they_say() -> None:
    logits, truth = logits_and_truth()
    temperature, bias = fit_platt(logits, truth)
    probabilities = calibrate(logits[:, None], np.array([temperature]), np.array([bias]))[:, 0]
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        inside = (probabilities >= low) & (probabilities < low + 0.2)
        assert probabilities[inside].mean() == pytest.approx(truth[inside].mean(), abs=0.06)


def test_the_threshold_lies_in_the_gap_that_separates_the_topics() -> None:
    probabilities = np.concatenate([np.linspace(0, 0.3, 50), np.linspace(0.6, 1, 50)])
    assert 0.3 < fit_threshold(probabilities, probabilities > 0.5) <= 0.6


def test_a_topic_without_examples_keeps_the_middle() -> None:
    assert fit_threshold(np.array([0.2, 0.9]), np.array([False, False])) == 0.5


def test_pooling_looks_beyond_the_first_window_only_where_that_helps() -> None:
    rng = np.random.default_rng(2)
    truth = np.stack([np.arange(400) % 2 == 0] * 2, axis=1)
    windows = rng.normal(0, 0.5, (400, 2, 2))  # story, window, topic
    windows[:, 0, 0] += np.where(truth[:, 0], 3, -3)  # topic 0 shows in the first window
    windows[:, 1, 1] += np.where(truth[:, 1], 3, -3)  # topic 1 in the second
    windows[:, 0, 1] -= 3
    validation = WindowLogits(windows.reshape(800, 2), [2] * 400, truth)
    decision, review = fit_decision(validation, ["a", "b"], aim=Aim(0.95, 0.9))
    assert decision.pooling[0] == "first"
    assert decision.pooling[1] != "first"
    assert decision.reads_whole
    assert (decision.review_low == review.low).all()
    assert (decision.review_high == review.high).all()
    opening, _ = fit_decision(validation, ["a", "b"], aim=Aim(0.95, 0.9), rules=["first"])
    assert opening.pooling == ("first", "first")


def test_a_threshold_that_is_given_holds_for_every_topic_and_changes_nothing_else() -> None:
    logits, truth = logits_and_truth(600)
    validation = WindowLogits(np.stack([logits] * 2, axis=1), [1] * 600, np.stack([truth, np.zeros(600, bool)], axis=1))
    fitted, _ = fit_decision(validation, ["a", "b"], aim=Aim(0.95, 0.9))
    even, _ = fit_decision(validation, ["a", "b"], aim=Aim(0.95, 0.9), threshold=0.6)
    assert fitted.thresholds[0] < 0.5
    assert even.thresholds.tolist() == [0.6, 0.6]
    assert even.bias.tolist() == fitted.bias.tolist()


def test_late_evidence_has_its_say_in_the_pooling_and_in_nothing_else() -> None:
    rng = np.random.default_rng(3)
    truth = np.arange(400)[:, None] % 2 == 0
    first = rng.normal(0, 0.5, 400) + np.where(truth[:, 0], 3, -3)
    later = rng.normal(-1.5, 1.5, 400)  # of no use on validation
    validation = WindowLogits(np.stack([first, later], axis=1).reshape(800, 1), [2] * 400, truth)
    shown = np.stack([rng.normal(-3, 0.5, 100), rng.normal(4, 0.5, 100)], axis=1).reshape(200, 1)
    late = WindowLogits(shown, [2] * 100, np.ones((100, 1), dtype=bool))
    alone, _ = fit_decision(validation, ["a"], aim=Aim(0.95, 0.9), late=late, late_share=0.0)
    heard, _ = fit_decision(validation, ["a"], aim=Aim(0.95, 0.9), late=late, late_share=0.1)
    assert alone.pooling == ("first",)
    assert heard.pooling == ("lead",)
    assert 0 < heard.late_margin[0] <= 4
    assert np.isclose(heard.thresholds[0], alone.thresholds[0], atol=0.15)  # no story is near it


def test_the_expected_threshold_is_half_of_the_best_f1() -> None:
    probabilities = np.random.default_rng(0).beta(0.3, 0.9, 20_000)
    threshold = best_threshold(probabilities)
    given = probabilities >= threshold
    best_f1 = 2 * probabilities[given].sum() / (given.sum() + probabilities.sum())
    assert abs(threshold - best_f1 / 2) < 0.015


def test_certain_probabilities_have_a_threshold_between_them_and_none_has_the_middle() -> None:
    assert 0.1 < best_threshold(np.array([0.02] * 50 + [0.98] * 50)) < 0.9
    assert best_threshold(np.array([])) == 0.5
