"""What is not flagged for review reaches the target, and what could not be shown is said."""

from __future__ import annotations

import numpy as np
import pytest

from training.review_band import Aim, Shares, bands, fit_review, measure, review_lines, review_record

AIM = Aim(0.95, 0.9)
HALF = np.full(2, 0.5)


def stories(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of two topics, mostly near 0 or 1, and truth drawn with them."""
    rng = np.random.default_rng(seed)
    probabilities = 1 / (1 + np.exp(-rng.normal(-3, 8, (count, 2))))
    return probabilities, rng.random((count, 2)) < probabilities


def shares(right: list[int], total: list[int]) -> Shares:
    """One figure of each of some topics, as its precision and its recall."""
    return Shares(np.array([right, right]).T, np.array([total, total]).T)


def test_forty_five_of_forty_five_show_what_forty_four_do_not() -> None:
    assert AIM.fewest == 45
    assert shares([45], [45]).passes(AIM, slice(None))
    assert not shares([44], [44]).passes(AIM, slice(None))
    assert shares([76], [77]).passes(AIM, slice(None))
    assert not shares([75], [76]).passes(AIM, slice(None))


def test_the_lower_bound_is_that_of_clopper_and_pearson() -> None:
    bound = shares([45, 90, 0], [45, 100, 3]).bound(0.9)[:, 0]
    assert bound[0] == pytest.approx(0.1 ** (1 / 45))
    assert bound[1] == pytest.approx(0.8501, abs=1e-3)  # 90 of 100: the lower end of the two-sided 80 % interval
    assert bound[2] == 0.0


def test_a_band_lies_around_the_threshold_and_closes_there() -> None:
    low, high = bands(0.1, np.array([0.05, 0.5, 0.95]))
    assert low.tolist() == [0.05, 0.1, 0.1]
    assert high.tolist() == [0.9, 0.9, 0.95]
    low, high = bands(0.9, np.array([0.2, 0.5, 0.8]))
    assert low.tolist() == high.tolist() == [0.2, 0.5, 0.8]


def test_a_story_is_flagged_for_any_of_its_topics() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.5], [0.1, 0.1], [0.1, 0.9]])
    true = np.array([[True, False], [True, False], [True, False], [False, False]])
    found = measure(probabilities, true, np.full(2, 0.3), np.full(2, 0.7))
    assert found.right.tolist() == [[1, 1], [0, 0], [1, 1]]  # topics, then stories
    assert found.total.tolist() == [[1, 2], [1, 0], [2, 2]]  # given and true


def test_nothing_is_flagged_where_nothing_is_wrong() -> None:
    true = np.arange(400)[:, None] % np.array([2, 4]) == 0
    review = fit_review(np.where(true, 0.9, 0.1), true, HALF, AIM)
    assert review.proven == "topics"
    assert (review.flagged, review.low.tolist(), review.high.tolist()) == (0.0, [0.5, 0.5], [0.5, 0.5])


def test_what_is_claimed_holds_on_new_stories_as_often_as_it_says() -> None:
    unseen = stories(50_000, 1000)
    claims = broken = 0
    for seed in range(60):
        review = fit_review(*stories(2000, seed), HALF, AIM)
        if review.proven == "topics":
            found = measure(*unseen, review.low, review.high)
            claims += 1
            broken += bool((found.right[:-1] / found.total[:-1]).min() < AIM.target)
    assert claims > 50
    assert broken / claims <= 0.1


def test_a_higher_target_flags_more() -> None:
    probabilities, true = stories(4000, 3)
    flagged = [fit_review(probabilities, true, HALF, Aim(target, 0.9)).flagged for target in (0.8, 0.9, 0.95, 0.98)]
    assert flagged == sorted(flagged)
    assert flagged[0] < flagged[-1]


def test_a_rare_topic_falls_back_to_all_topics_together() -> None:
    true = np.stack([np.arange(400) % 2 == 0, np.arange(400) % 20 == 1], axis=1)  # 200 and 20 stories
    review = fit_review(np.where(true, 0.9, 0.1), true, HALF, AIM)
    assert (review.proven, review.flagged) == ("stories", 0.0)
    lines = review_lines(review_record(review, ["common", "rare"]))
    assert lines[0].endswith("with 90% confidence, over all topics, precision and recall reach 0.95 elsewhere")
    assert len(lines) == 2
    assert "rare: 0.95 not provable" in lines[1]
    assert "precision 20 of 20, at least 0.891; recall 20 of 20, at least 0.891" in lines[1]


def test_too_few_stories_are_never_passed_over_in_silence() -> None:
    true = np.arange(30)[:, None] % np.array([2, 3]) == 0
    record = review_record(fit_review(np.where(true, 0.9, 0.1), true, HALF, AIM), ["a", "b"])
    assert record["proven_for"] == "nothing"
    assert record["by_topic"]["a"]["recall"] == {"right": 15, "of": 15, "at_least": 0.8577}
    assert [line.split(":")[0].strip() for line in review_lines(record)] == ["review", "a", "b", "all topics"]
    assert "it is not shown that precision and recall reach 0.95" in review_lines(record)[0]


def test_without_any_story_of_a_topic_there_is_still_an_answer() -> None:
    review = fit_review(np.full((50, 2), 0.1), np.zeros((50, 2), bool), HALF, AIM)
    assert (review.proven, review.flagged) == ("nothing", 0.0)
    assert review_record(review, ["a", "b"])["by_topic"]["b"]["precision"] == {"right": 0, "of": 0, "at_least": 0.0}


@pytest.mark.parametrize("topics", [1, 2, 6])
def test_of_a_model_that_knows_nothing_all_is_flagged(topics: int) -> None:
    rng = np.random.default_rng(0)
    probabilities = np.clip(rng.normal(0.18, 0.04, (50, topics)), 0.01, 0.99)
    true = rng.random((50, topics)) < 0.18  # a few stories are right by chance, the more the fewer topics there are
    for thresholds in (0.1, 0.5):  # every topic for every story; none for any
        review = fit_review(probabilities, true, np.full(topics, thresholds), AIM)
        assert (review.proven, review.flagged) == ("nothing", 1.0)
        [line] = review_lines(review_record(review, [f"topic {number}" for number in range(topics)]))
        assert line.startswith("review: every validation story is flagged: the model is sure of none, or wrong of most")


def test_few_stories_that_are_right_are_no_reason_to_flag_all() -> None:
    true = np.arange(60)[:, None] % np.array([20, 30]) == 0
    review = fit_review(np.where(true, 0.9, 0.1), true, HALF, AIM)
    assert (review.proven, review.flagged) == ("nothing", 0.0)
