"""Our metrics are scikit-learn's, with intervals that cover."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from training.evaluate import bootstrap_f1, evaluate, f1_scores, summary

RNG = np.random.default_rng(0)
TRUE = RNG.random((300, 3)) < [0.5, 0.3, 0.05]
PREDICTED = TRUE ^ (RNG.random((300, 3)) < 0.1)
LABELS = ["a", "b", "c"]


def test_f1_is_that_of_scikit_learn() -> None:
    assert f1_scores(PREDICTED, TRUE) == pytest.approx(f1_score(TRUE, PREDICTED, average=None))


def test_f1_of_a_topic_that_nobody_names_is_zero() -> None:
    nothing = np.zeros((4, 1), bool)
    assert f1_scores(nothing, nothing).tolist() == [0.0]


def test_bootstrap_is_repeatable_and_centred_on_the_figure() -> None:
    samples = bootstrap_f1(PREDICTED, TRUE, samples=500)
    assert np.array_equal(samples, bootstrap_f1(PREDICTED, TRUE, samples=500))
    assert samples.mean(axis=0)[:2] == pytest.approx(f1_scores(PREDICTED, TRUE)[:2], abs=0.01)


def test_the_report_has_every_figure_of_the_summary() -> None:
    metrics = evaluate(PREDICTED * 0.8 + 0.1, PREDICTED, TRUE, LABELS)
    assert metrics["macro_f1"] == pytest.approx(f1_score(TRUE, PREDICTED, average="macro"))
    assert metrics["micro_f1"] == pytest.approx(f1_score(TRUE, PREDICTED, average="micro"))
    low, high = metrics["macro_f1_95"]
    assert low < metrics["macro_f1"] < high
    assert metrics["exact_match"] == pytest.approx((PREDICTED == TRUE).all(axis=1).mean())
    none = ~TRUE.any(axis=1)
    assert metrics["none_of_the_topics"]["recall"] == pytest.approx((~PREDICTED.any(axis=1))[none].mean())
    text = summary(metrics)
    assert all(label in text for label in [*LABELS, "macro", "exact sets of topics"])
