"""Our metrics are scikit-learn's, with intervals that cover; confusion by hand."""

from __future__ import annotations

import numpy as np
import pytest
from made_outcomes import LABELS, PREDICTED, PROBABILITIES, REAL, TRUE, outcome
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_recall_fscore_support,
)

from training.ceiling import stated
from training.confusion import confusion
from training.metrics import (
    average_precision,
    bootstrap_weights,
    evaluate,
    f1_scores,
    figures,
    macro_f1,
    weight_blocks,
)
from training.plots import precision_recall
from training.reliability import calibration_error, reliability
from training.report import summary, undefined, without_width


def test_f1_is_that_of_scikit_learn() -> None:
    assert f1_scores(PREDICTED, TRUE) == pytest.approx(f1_score(TRUE, PREDICTED, average=None))


def test_f1_of_a_topic_that_nobody_names_is_zero() -> None:
    nothing = np.zeros((4, 1), bool)
    assert f1_scores(nothing, nothing).tolist() == [0.0]
    assert macro_f1(nothing, nothing) is None


def test_a_mean_of_f1_leaves_out_topics_that_nobody_names() -> None:
    for true in (TRUE, TRUE & [True, True, False]):
        predicted = PREDICTED & [True, True, bool(true[:, 2].any())]
        assert macro_f1(predicted, true) == pytest.approx(evaluate(outcome(predicted, true), samples=1)["macro_f1"])
    perfect = np.array([[True, False], [False, False]])
    assert macro_f1(perfect, perfect) == 1.0


def test_all_figures_are_those_of_scikit_learn() -> None:
    metrics = evaluate(REAL)
    precision, recall, f1, stories = precision_recall_fscore_support(TRUE, PREDICTED, average=None)
    for k, label in enumerate(LABELS):
        found = metrics["by_topic"][label]
        expected = [precision[k], recall[k], f1[k], stories[k]]
        assert [found[key] for key in ("precision", "recall", "f1", "stories")] == pytest.approx(expected)
        scores = PROBABILITIES[:, k]
        assert found["average_precision"] == pytest.approx(average_precision_score(TRUE[:, k], scores))
        assert found["brier"] == pytest.approx(brier_score_loss(TRUE[:, k], scores))
    for mean in ("macro", "micro"):
        expected = precision_recall_fscore_support(TRUE, PREDICTED, average=mean)[:3]
        assert [metrics[f"{mean}_{key}"] for key in ("precision", "recall", "f1")] == pytest.approx(expected)
    assert metrics["exact_match"] == pytest.approx((PREDICTED == TRUE).all(axis=1).mean())
    none = precision_recall_fscore_support(~TRUE.any(axis=1), ~PREDICTED.any(axis=1), average="binary")[:3]
    found = metrics["none_of_the_topics"]
    assert [found[key] for key in ("precision", "recall", "f1")] == pytest.approx(none)


def test_weighted_figures_are_those_of_scikit_learn_with_the_same_weights() -> None:
    weights = bootstrap_weights(len(TRUE), samples=3, seed=5)
    found = figures(REAL, weights)
    for sample, drawn in enumerate(weights):
        expected = f1_score(TRUE, PREDICTED, average=None, sample_weight=drawn)
        assert found.by_topic["f1"][sample] == pytest.approx(expected)
        for k in range(3):
            expected = average_precision_score(TRUE[:, k], PROBABILITIES[:, k], sample_weight=drawn)
            assert average_precision(TRUE[:, k], PROBABILITIES[:, k], weights)[sample] == pytest.approx(expected)


def test_the_bootstrap_is_repeatable_whatever_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bootstrap_weights(50, samples=20)
    monkeypatch.setattr("training.metrics._BLOCK", 150)
    assert len(list(weight_blocks(50, samples=20))) == 7
    assert np.array_equal(bootstrap_weights(50, samples=20), whole)
    assert whole.sum(axis=1).tolist() == [50] * 20


def test_95_percent_intervals_hold_the_truth_about_95_times_in_100() -> None:
    rng, held = np.random.default_rng(1), 0
    for seed in range(200):
        right = rng.random((150, 1)) < 0.8
        low, high = evaluate(outcome(right, np.ones((150, 1)), labels=("a",)), samples=300, seed=seed)["exact_match_95"]
        held += low <= 0.8 <= high
    assert 180 <= held <= 198


def test_what_no_story_defines_is_none_and_not_zero() -> None:
    metrics = evaluate(outcome([[1, 0], [0, 0]], [[1, 0], [0, 0]], labels=("a", "b")))
    assert metrics["by_topic"]["b"]["f1"] is None
    assert metrics["by_topic"]["b"]["average_precision_95"] is None
    assert metrics["macro_f1"] == 1.0  # the mean over the topics that occur
    assert metrics["primary_accuracy"] is None
    assert "–" in summary(metrics)


def test_columns_of_the_table_stand_under_each_other_with_long_names_too() -> None:
    metrics = evaluate(outcome([[1, 0], [0, 0]], [[1, 0], [0, 1]], labels=("a", "verbal cooperation of states")))
    lines = summary(metrics).splitlines()[:5]
    assert [line.split()[0] for line in lines] == ["topic", "a", "verbal", "macro", "micro"]
    assert len({len(line) for line in lines}) == 1
    assert "ceiling" in summary(metrics, stated({"": 0.9}, ("a", "verbal cooperation of states"))).splitlines()[0]


def test_precision_of_what_is_never_given_and_recall_of_what_no_story_has_are_not_defined() -> None:
    #                      a right, b missed   c wrongly given   d neither
    true, given = np.array([[1, 1, 0, 0], [0, 0, 0, 0]]), np.array([[1, 0, 0, 0], [0, 0, 1, 0]])
    metrics = evaluate(outcome(given, true, labels=("a", "b", "c", "d")))
    found = {name: [topic[name] for topic in metrics["by_topic"].values()] for name in ("precision", "recall", "f1")}
    assert found == {"precision": [1, None, 0, None], "recall": [1, 0, None, None], "f1": [1, 0, 0, None]}
    assert metrics["by_topic"]["b"]["precision_95"] is None
    seen = slice(0, 3)  # the means are those of scikit-learn over the topics that are given or true
    expected = precision_recall_fscore_support(true[:, seen], given[:, seen], average="macro", zero_division=0)[:3]
    assert [metrics[f"macro_{name}"] for name in found] == pytest.approx(expected)
    said = (
        "b: given to no story, no precision (0 in the macro mean)\n"
        "c: no story has it, no recall (0 in the macro mean)\n"
        "d: no story has it or was given it (left out of the macro mean)\n"
    )
    assert said in summary(metrics)
    lines = {line.split()[0]: line.split() for line in summary(metrics).splitlines()}
    assert (lines["b"][1:4], lines["c"][1:4]) == (["–", "0.000", "0.000"], ["0.000", "–", "0.000"])
    assert undefined(evaluate(REAL)) == []


def test_what_a_few_stories_without_a_mistake_show_is_said() -> None:
    true = np.arange(40)[:, None] < [20, 6, 1, 30]
    given = true.copy()
    given[0, 3] = False
    metrics = evaluate(outcome(given, true, labels=("a", "b", "c", "d")), samples=100)
    assert metrics["by_topic"]["a"]["f1_95"] == [1, 1]
    assert without_width(metrics)[0] in summary(metrics)
    assert without_width(metrics) == [
        "without a mistake an interval has no width; with 95 % confidence F1 is above 0.925 for a (20 stories), "
        "0.755 for b (6 stories), 0.095 for c (1 story)"
    ]
    share = binomtest(20, 20).proportion_ci(0.9).low
    assert 2 * share / (1 + share) == pytest.approx(0.9253, abs=1e-4)
    assert without_width(evaluate(REAL)) == []


def test_a_model_that_gives_nothing_has_no_precision_and_is_drawn() -> None:
    nothing = outcome(np.zeros_like(TRUE), probabilities=PROBABILITIES)
    metrics = evaluate(nothing, samples=1)
    assert (metrics["micro_precision"], metrics["micro_recall"], metrics["micro_f1"]) == (None, 0, 0)
    assert len(precision_recall(nothing, metrics).axes) == 3


def test_primary_topics_count_where_the_data_names_one() -> None:
    metrics = evaluate(outcome(true_primary=[0, 1, 2, *[-1] * 297], primary=[0, 1, 0, *[2] * 297]))
    assert metrics["primary_accuracy"] == pytest.approx(2 / 3)


def test_reliability_is_that_of_scikit_learn() -> None:
    true, scores = TRUE[:, 0], PROBABILITIES[:, 0]
    shares, means = calibration_curve(true, scores, n_bins=10)
    bins = reliability(true, scores)
    assert [part["share"] for part in bins] == pytest.approx(shares)
    assert [part["probability"] for part in bins] == pytest.approx(means)
    assert sum(part["stories"] for part in bins) == len(true)


def test_calibration_error_by_hand() -> None:
    # Two bins: 0.9 on average with half of 2 true, 0.1 with none of 2 true: (2 * 0.4 + 2 * 0.1) / 4.
    assert calibration_error(np.array([True, False, False, False]), np.array([0.9, 0.9, 0.1, 0.1])) == pytest.approx(
        0.25
    )


def test_the_summary_shows_topics_means_and_the_ceiling() -> None:
    text = summary(evaluate(REAL), stated({"": 0.97, "b": 0.95}, LABELS))
    lines = {line.split()[0]: line for line in text.splitlines()}
    assert lines["topic"].endswith("ceiling")
    assert lines["b"].endswith("0.950")
    assert lines["macro"].endswith("0.970")
    assert lines["a"].endswith("–")


def test_confusion_counts_what_is_found_and_what_is_wrongly_given() -> None:
    #             a only → a, b   a and b → b   none → c   none → none   c → none
    true, given = (
        [[1, 0, 0], [1, 1, 0], [0] * 3, [0] * 3, [0, 0, 1]],
        [[1, 1, 0], [0, 1, 0], [0, 0, 1], [0] * 3, [0] * 3],
    )
    tables = confusion(outcome(given, true, true_primary=[0, 1, -1, -1, 2], primary=[0, 1, 2, -1, -1]))
    assert tables["topics"]["counts"] == [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1]]
    assert tables["topics"]["stories"] == [2, 1, 1, 2]
    assert tables["primary"]["counts"] == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1]]
    assert "primary" not in confusion(outcome(given, true))
