"""Numbers in messages stand with the right form of their noun and verb."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

import classifier.printed
from classifier.errors import bullet_list
from classifier.printed import counted
from training.compare import verdict
from training.report import verdict_lines, what, worst_lines


def test_a_noun_goes_by_its_number() -> None:
    assert doctest.testmod(classifier.printed).failed == 0
    assert [counted(number, "item begins", "items begin") for number in (0, 1, 2)] == [
        "0 items begin",
        "1 item begins",
        "2 items begin",
    ]
    assert bullet_list("a.csv", ["no text."]) == "a.csv: 1 problem\n  - no text."


@pytest.mark.parametrize(("count", "stories", "have"), [(1, "1 story", "has"), (2, "2 stories", "have")])
def test_an_evaluation_of_one_story_says_so(count: int, stories: str, have: str) -> None:
    f1 = {"micro_f1": 0.5, "micro_f1_95": None, "stories": count}
    contents: dict[str, Any] = {
        "model": "new",
        "engine": "torch",
        "data": {"origin": "a.csv", "stories": count, "left_out": {}},
        "worst": {"year": "2024"},
        "slices": {"year": {"2024": f1}},
        "overall": f1,
        "comparison": {"old_model": "old", "verdict": "mixed", "because": "", "changed": count, "stories": 9},
    }
    assert what(contents) == f"new (torch) on a.csv: {stories}"
    assert worst_lines(contents, "year") == [f"worst by year: 2024, micro-F1 0.500 on {stories}; all stories 0.500"]
    assert verdict_lines(contents)[-1] == f"{count} of 9 stories {have} other topics."


def test_one_exact_set_is_right() -> None:
    f1 = {"difference": None}
    said = [verdict(f1, {"only_new_right": n, "only_old_right": 0, "p": 1.0})["because"] for n in (1, 3)]
    assert "; 1 exact set is right in the new model alone, 0 in the old alone" in said[0]
    assert "; 3 exact sets are right in the new model alone, 0 in the old alone" in said[1]
