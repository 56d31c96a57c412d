"""A comparison calls nothing a gain that may be noise."""

from __future__ import annotations

import numpy as np
import pytest
from made_outcomes import TRUE, outcome
from numpy.typing import NDArray
from scipy.stats import chi2
from sklearn.metrics import f1_score

from training.compare import compare, holm, mcnemar, verdict


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
        ([-0.001, 0.02], (30, 10, 0.001), "better in exact sets alone"),
        ([-0.001, 0.02], (30, 16, 0.04), "no difference beyond noise"),
        ([0.001, 0.02], (30, 16, 0.04), "better"),
        ([-0.02, 0.001], (10, 30, 0.001), "worse in exact sets alone"),
        ([-0.001, 0.02], (30, 10, 0.06), "no difference beyond noise"),
        (None, (0, 30, 0.001), "worse in exact sets alone"),
        (None, (0, 1, 1.0), "no difference beyond noise"),
    ],
)
def test_the_verdict_needs_both_tests(around: list[float] | None, exact: tuple[int, int, float], expected: str) -> None:
    test = dict(zip(("only_new_right", "only_old_right", "p"), exact, strict=True))
    difference = None if around is None else sum(around) / 2
    assert verdict({"difference": difference, "difference_95": around}, test)["verdict"] == expected


def test_a_thin_topic_does_not_hide_a_gain_in_exact_sets() -> None:
    rng = np.random.default_rng(5)
    true = np.stack([rng.random(600) < 0.5, rng.random(600) < 0.3, np.arange(600) < 3], axis=1)
    old, new = flip(true, 0.1, 1), flip(true, 0.01, 2)
    old[:, 2], new[:, 2] = np.arange(600) < 2, np.isin(np.arange(600), [0, 9])  # the new one has one of three right
    found = compare(outcome(old, true), outcome(new, true))
    assert found["exact_sets"]["p"] < 1e-9
    assert found["verdict"] == "better in exact sets alone"
    assert compare(outcome(new, true), outcome(old, true))["verdict"] == "worse in exact sets alone"
    assert "on these stories a macro-F1 difference below about 0." in found["because"]


def test_false_alarms_of_a_topic_that_no_story_has_do_not_decide_macro_f1() -> None:
    true = TRUE & [True, True, False]
    old, new = flip(true, 0.1, 1) & [True, True, False], flip(true, 0.02, 2) & [True, True, False]
    new[:5, 2] = True  # five wrong of 300, which is all that the third topic's F1 of 0 says
    found = compare(outcome(old, true), outcome(new, true))
    shared = [f1_score(true[:, :2], one[:, :2], average="macro") for one in (old, new)]
    assert [found["macro_f1"][name] for name in ("old", "new")] == pytest.approx(shared)
    assert found["verdict"] == "better"
    assert found["because"].startswith("macro-F1 without c, which no story has and one model alone gives, +0.")
    assert compare(outcome(new, true), outcome(old, true))["verdict"] == "worse"
    old[0, 2] = True  # now both give it, and have 0
    both = compare(outcome(old, true), outcome(new, true))["macro_f1"]
    assert both["left_out"] == []
    assert both["old"] == pytest.approx(2 / 3 * shared[0])
    never = compare(outcome(TRUE & [True, True, False]), outcome(TRUE))["macro_f1"]  # stories have it: it counts
    assert (never["left_out"], never["old"], never["new"]) == ([], pytest.approx(2 / 3), 1)


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
