"""The decision rule of classes that exclude each other is fitted as its description says."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.decide import POOLINGS, needs_review, probabilities_of, softmax, topics_given
from training.calibrate import WindowLogits
from training.class_decision import fit_class_decision, fit_temperature
from training.review_band import Aim


def logits_and_truth(count: int = 4000, temperature: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits z of three classes, and one class a story drawn with probability softmax(z / temperature)."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, (count, 3))
    drawn = (softmax(logits / temperature).cumsum(axis=1) < rng.random((count, 1))).sum(axis=1)
    return logits, np.arange(3) == drawn[:, None]


def test_the_temperature_that_made_the_classes_is_found() -> None:
    temperature, loss = fit_temperature(*logits_and_truth())
    assert temperature == pytest.approx(2.0, rel=0.08)
    assert 0 < loss < np.log(3)


def test_the_temperature_of_a_perfect_model_has_an_end() -> None:
    truth = np.eye(3, dtype=bool)[np.arange(30) % 3]
    temperature, _ = fit_temperature(np.where(truth, 2.0, -2.0), truth)
    assert 0.1 < temperature < 2.0
    assert softmax(np.where(truth, 2.0, -2.0) / temperature).max() < 0.999


def test_outside_the_review_cut_the_target_is_met_and_one_class_is_given() -> None:
    logits, truth = logits_and_truth()
    rule, review = fit_class_decision(WindowLogits(logits, [1] * len(truth), truth), ["a", "b", "c"], aim=Aim())
    probabilities = probabilities_of(logits, rule)
    chosen, flagged = topics_given(probabilities, rule), needs_review(probabilities, rule)
    assert (chosen.sum(axis=1) == 1).all()
    assert 0.1 < flagged.mean() < 0.9
    assert (chosen & truth)[~flagged].sum() >= 0.95 * (~flagged).sum()
    assert (review.proven, review.flagged) == ("stories", flagged.mean())
    assert (review.shares.right, review.shares.total) == ((chosen & truth)[~flagged].sum(), (~flagged).sum())
    assert rule.problem_type == "multi_class"
    assert len(set(rule.temperature)) == 1
    assert not rule.bias.any()


def test_pooling_is_the_same_for_all_classes_and_looks_on_only_where_that_helps() -> None:
    rng = np.random.default_rng(2)
    truth = np.eye(2, dtype=bool)[np.arange(400) % 2]
    for window, expected in ((0, {"first"}), (1, {"max", "mean"})):
        windows = rng.normal(0, 0.5, (400, 2, 2))  # story, window, class
        windows[:, window] += np.where(truth, 2, -2)
        validation = WindowLogits(windows.reshape(800, 2), [2] * 400, truth)
        rule, _ = fit_class_decision(validation, ["a", "b"], aim=Aim())
        assert len(set(rule.pooling)) == 1
        assert set(rule.pooling) <= expected


def test_only_the_poolings_that_are_named_are_chosen_from_and_lead_is_passed_over() -> None:
    truth = np.eye(2, dtype=bool)[np.arange(40) % 2]
    windows = np.stack([np.zeros((40, 2)), np.where(truth, 2.0, -2.0)], axis=1)  # story, window, class
    validation = WindowLogits(windows.reshape(80, 2), [2] * 40, truth)
    found = [
        fit_class_decision(validation, ["a", "b"], aim=Aim(), rules=rules)[0].pooling[0]
        for rules in (["first"], ["first", "lead"], ["lead", "mean"], POOLINGS)
    ]
    assert found[:3] == ["first", "first", "mean"]
    assert found[3] in ("max", "mean")
