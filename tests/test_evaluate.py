"""Our metrics are scikit-learn's, with intervals that cover; slices, comparisons and ceilings by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_recall_fscore_support,
)

from classifier.errors import InputError
from classifier.stories import Story
from training.ceiling import agreement, stated
from training.compare import compare, holm, mcnemar, verdict
from training.confusion import confusion
from training.data import Labelled, Split
from training.metrics import (
    Outcome,
    average_precision,
    bootstrap_weights,
    calibration_error,
    evaluate,
    f1_scores,
    figures,
    reliability,
    weight_blocks,
)
from training.report import summary
from training.slices import OTHER, UNKNOWN, evaluate_slices, length, slice_names, worst_slice, year

RNG = np.random.default_rng(0)
TRUE = RNG.random((300, 3)) < [0.5, 0.3, 0.05]
PROBABILITIES = np.round(np.clip(TRUE * 0.5 + RNG.random((300, 3)) * 0.6, 0, 1), 2)  # rounded: some are equal
PREDICTED = PROBABILITIES >= 0.5
LABELS = ("a", "b", "c")


def outcome(
    predicted: Any = PREDICTED,
    true: Any = TRUE,
    probabilities: Any = None,
    *,
    labels: tuple[str, ...] = LABELS,
    review: Any = None,
    true_primary: Any = None,
    primary: Any = None,
) -> Outcome:
    """An outcome; scores are 0.9 and 0.1 where none are given, and no story has a primary topic."""
    predicted, true = np.array(predicted, bool), np.array(true, bool)
    none = np.full(len(true), -1)
    return Outcome(
        labels,
        true,
        predicted,
        predicted * 0.8 + 0.1 if probabilities is None else np.array(probabilities),
        np.zeros(len(true), bool) if review is None else np.array(review, bool),
        none if true_primary is None else np.array(true_primary),
        none if primary is None else np.array(primary),
    )


REAL = outcome(probabilities=PROBABILITIES)


def test_f1_is_that_of_scikit_learn() -> None:
    assert f1_scores(PREDICTED, TRUE) == pytest.approx(f1_score(TRUE, PREDICTED, average=None))


def test_f1_of_a_topic_that_nobody_names_is_zero() -> None:
    nothing = np.zeros((4, 1), bool)
    assert f1_scores(nothing, nothing).tolist() == [0.0]


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


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2025-10-19", "2025"),
        ("24-Aug-2023", "2023"),
        ("November 15, 2017 ", "2017"),
        ("2004-2005", "2004"),
        (2019, "2019"),
        (None, UNKNOWN),
        ("5 YEARS AGO", UNKNOWN),
        ("id 120190", UNKNOWN),
    ],
)
def test_years_are_found_in_any_notation(date: Any, expected: str) -> None:
    assert year(date) == expected


@pytest.mark.parametrize(
    ("tokens", "expected"), [(1, "1 to 32"), (32, "1 to 32"), (33, "33 to 64"), (9999, "513 and more")]
)
def test_lengths_fall_into_buckets(tokens: int, expected: str) -> None:
    assert length(tokens) == expected


def test_slices_come_from_columns_length_and_parts() -> None:
    stories = [
        Story(text="x", title="y", columns={"source": "wire", "date": "2025-01-02"}),
        Story(title="y", columns={"source": None}),
        Story(text="x", columns={}),
    ]
    groups = slice_names(stories, [10, 40, 600], fields=["source", "missing"], date_field="date")
    assert groups == {
        "source": ["wire", UNKNOWN, UNKNOWN],
        "year": ["2025", UNKNOWN, UNKNOWN],
        "length in tokens": ["1 to 32", "33 to 64", "513 and more"],
        "parts": ["headline and text", "headline only", "text only"],
    }


def test_slices_add_up_small_ones_are_pooled_and_the_worst_is_found() -> None:
    names = ["2024"] * 4 + ["2023"] * 4 + ["2022", "2021"]
    right = [[1]] * 4 + [[1], [0], [0], [1]] + [[0], [0]]
    slices = evaluate_slices(outcome(right, [[1]] * 10, labels=("a",)), names, least=3, samples=100)
    assert {name: metrics["stories"] for name, metrics in slices.items()} == {"2023": 4, "2024": 4, OTHER: 2}
    assert list(slices) == ["2023", "2024", OTHER]
    assert slices["2023"]["micro_f1"] == pytest.approx(2 / 3)
    assert worst_slice(slices, least=3) == "2023"  # what is pooled is worse, but no slice
    assert worst_slice(slices, least=5) is None
    alone = evaluate_slices(outcome(right, [[1]] * 10, labels=("a",)), ["x"] * 9 + ["y"], least=3, samples=100)
    assert set(alone) == {"x", "y"}  # one small slice keeps its name


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


def flip(true: NDArray[np.bool_], share: float, seed: int) -> NDArray[np.bool_]:
    """Decisions that are wrong in about this share."""
    return true ^ (np.random.default_rng(seed).random(true.shape) < share)


def test_a_clear_gain_is_better_and_its_mirror_worse() -> None:
    old, new = outcome(flip(TRUE, 0.3, 1)), outcome(flip(TRUE, 0.02, 2))
    assert compare(old, new)["verdict"] == "better"
    found = compare(new, old)
    assert found["verdict"] == "worse"
    assert found["by_topic"]["a"]["difference"] == pytest.approx(
        f1_score(TRUE[:, 0], old.predicted[:, 0]) - f1_score(TRUE[:, 0], new.predicted[:, 0])
    )


def test_a_difference_inside_noise_is_no_gain() -> None:
    base = flip(TRUE, 0.1, 3)
    nearly = base.copy()
    wrong = np.argwhere(base != TRUE)[0]
    nearly[tuple(wrong)] = TRUE[tuple(wrong)]  # one more decision is right
    found = compare(outcome(base), outcome(nearly))
    assert found["macro_f1"]["difference"] > 0
    assert found["verdict"] == "no difference beyond noise"
    assert "includes 0" in found["because"]
    assert "cannot be told from noise" in found["because"]
    assert found["changed"] == 1


def test_two_models_of_the_same_quality_are_seldom_called_different() -> None:
    verdicts = [
        compare(outcome(flip(TRUE, 0.1, seed)), outcome(flip(TRUE, 0.1, 1000 + seed)), samples=300)["verdict"]
        for seed in range(60)
    ]
    assert verdicts.count("no difference beyond noise") >= 52


def test_comparing_other_stories_is_refused() -> None:
    with pytest.raises(ValueError, match="not on the same labels and stories"):
        compare(outcome(), outcome(true=~TRUE))


@pytest.mark.parametrize(
    ("around", "exact", "expected"),
    [
        ([0.001, 0.02], (30, 10, 0.001), "better"),
        ([-0.02, -0.001], (10, 30, 0.001), "worse"),
        ([0.001, 0.02], (30, 29, 1.0), "better in macro-F1 alone"),
        ([-0.02, -0.001], (29, 30, 1.0), "worse in macro-F1 alone"),
        ([0.001, 0.02], (10, 30, 0.001), "mixed"),
        ([-0.001, 0.02], (30, 10, 0.001), "no difference beyond noise"),
    ],
)
def test_the_verdict_needs_both_tests(around: list[float], exact: tuple[int, int, float], expected: str) -> None:
    test = dict(zip(("only_new_right", "only_old_right", "p"), exact, strict=True))
    assert verdict({"difference": sum(around) / 2, "difference_95": around}, test)["verdict"] == expected


def test_mcnemar_by_hand_and_near_its_chi_square() -> None:
    # 1 against 5 of 6 cases: twice (1 + 6) / 64.
    old, new = np.array([1] + [0] * 5 + [1] * 4, bool), np.array([0] + [1] * 5 + [1] * 4, bool)
    assert mcnemar(old, new) == {"only_old_right": 1, "only_new_right": 5, "p": pytest.approx(14 / 64)}
    assert mcnemar(old, old)["p"] == 1.0
    many = mcnemar(np.arange(1000) < 450, np.arange(1000) >= 450)
    assert many["p"] == pytest.approx(chi2.sf((abs(450 - 550) - 1) ** 2 / 1000, 1), rel=0.05)


def test_p_values_are_corrected_for_how_many_there_are() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]


def test_a_stated_ceiling_has_a_mean_only_if_it_is_known() -> None:
    assert stated({"": 0.96}, LABELS)["macro_f1"] == 0.96
    assert stated({"a": 0.9, "b": 0.8, "c": 1.0}, LABELS)["macro_f1"] == pytest.approx(0.9)
    assert stated({"a": 0.9}, LABELS)["macro_f1"] is None
    with pytest.raises(InputError, match=r"--ceiling: unknown label 'aa'. Did you mean 'a'\? Known: a, b, c\."):
        stated({"aa": 0.9}, LABELS)


def test_agreement_of_two_labellers_by_hand() -> None:
    # Of 4 stories both give a to 1, each alone to 1; chance agreement is 1/2: kappa (2/4 - 1/2) / (1/2).
    first, second = ([{0}, {0}, set(), set()], [{0}, set(), {0}, set()])
    splits = [Split("test", "x", "", [Labelled(Story(), frozenset(t)) for t in topics]) for topics in (first, second)]
    found = agreement(*splits, ("a", "b"), "labels_2")
    assert found["by_topic"] == {"a": pytest.approx(0.5), "b": 0.0}
    assert found["kappa"] == {"a": pytest.approx(0.0), "b": None}
    assert found["exact_sets"] == 0.5
