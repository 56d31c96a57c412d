"""Texts whose topics stand late, and the report on what reading whole finds in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import word_pieces

from benchmarks.long_stories import report
from classifier import Classifier, Story
from classifier.tokens import Tokenizer
from training.late_evidence import LONGEST_WORDS, late_stories, late_windows
from training.outcomes import window_logits
from training.splits import Labelled


def test_later_windows_are_read_only_where_a_rule_looks_at_them(tiny_model: Path) -> None:
    classifier = Classifier.load(tiny_model)
    texts, true = ["the river said " * 40, "talks"], np.zeros((2, 4), dtype=bool)
    assert list(window_logits(classifier, texts, true, ["first"]).counts) == [1, 1]
    whole = window_logits(classifier, texts, true, ["first", "max"]).counts
    assert whole[0] > 1
    assert whole[1] == 1


def labelled(text: str, *topics: int, title: str = "") -> Labelled:
    return Labelled(Story(text=text, title=title), frozenset(topics))


STORIES = [
    labelled("the river said\nof the city", title="in the"),
    labelled("talks of the river", 0),
    labelled("the market " * 9),
    labelled("troops " * 300, 1, title="air strike"),
]


def test_the_story_begins_behind_so_many_tokens_and_is_cut() -> None:
    tokenizer = Tokenizer(word_pieces(), max_length=32, stride=4)
    late = late_stories(STORIES, tokenizer, tokens=40)
    assert [story.topics for story in late] == [{0}, {1}]
    for story in late:
        assert tokenizer.windows([story.front])[0].tokens_total >= 40
        assert story.text.startswith(f"{story.front}\n")
    behind = [story.text.removeprefix(f"{story.front}\n") for story in late]
    assert behind[0] == "talks of the river"
    assert behind[1].startswith("air strike\ntroops troops")
    assert len(behind[1].split()) == LONGEST_WORDS


def test_the_same_seed_gives_the_same_texts_and_another_one_others() -> None:
    tokenizer = Tokenizer(word_pieces(), max_length=32, stride=4)
    once, again, other = (late_stories(STORIES, tokenizer, tokens=60, seed=seed) for seed in (1, 1, 2))
    assert once == again != other


@pytest.mark.parametrize("stories", [[], STORIES[1:2], [labelled("", title="")]])
def test_nothing_to_put_in_front_gives_no_text(stories: Sequence[Labelled]) -> None:
    assert late_stories(stories, Tokenizer(word_pieces(), max_length=32, stride=4)) == []


def test_the_report_sets_the_whole_story_beside_its_first_window(tiny_model: Path) -> None:
    whole, first = (Classifier.load(tiny_model, engine="openvino", max_windows=most) for most in (None, 1))
    stories = [*STORIES, labelled("the river " * 200, 0), labelled("troops " * 200, 1, 2)]
    lines = list(report(whole, first, whole, stories, tokens=50, rounds=1))
    assert lines[1] == "long stories: 4 of 6 have more than 50 tokens"
    assert lines[2].startswith("  macro-F1 ")
    assert any(line.startswith("late evidence: 4 texts") for line in lines)
    assert sum("of the fronts alone; with later topics in " in line for line in lines) == 3
    assert any(line.startswith("  later topics: ") for line in lines)
    assert [line.split(":")[0] for line in lines[-2:]] == [
        "cost of reading whole, long stories",
        "cost of finding later topics, long stories",
    ]


def test_the_windows_of_the_texts_come_first_and_those_of_their_fronts_are_about_nothing(tiny_model: Path) -> None:
    windows = late_windows(Classifier.load(tiny_model, engine="openvino"), STORIES)
    assert windows is not None
    assert windows.logits.shape == (sum(windows.counts), 4)
    assert windows.true.argmax(axis=1).tolist() == [0, 1, 0, 0]
    assert windows.true.sum(axis=1).tolist() == [1, 1, 0, 0]
    assert late_windows(Classifier.load(tiny_model, engine="openvino"), STORIES[:1]) is None
