"""Sentences: where news text is cut, where it is not, and places that count the characters of the original."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.sentences import sentences
from classifier.tokens import normalise

ODD = ["\ufeff", "\u00a0", "\u00ad", "\u200b", "\r\n", "\n\n", "👩\u200d🚀", "e\u0301", "&nbsp;", "&amp;#39;", "<br>"]
PARTS = ["</p>", "Mr.", "U.S.", "Talks began.", "It", "fell", "3.5", '"Why?"', "…", "!", ".", " ", "<b", "&"]
TEXTS = st.lists(st.sampled_from([*ODD, *PARTS]), max_size=30).map(" ".join) | st.text(max_size=80)
SLOW = [".", " ", "<", "<a ", "&amp;", '"', "\n", ".\u200b", "#12", '."', "A. ", "x" * 50 + ". "]


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Talks opened in Geneva.", "Both sides stayed."],
        ["Mr. Li and Gen. Ana Ruiz met Dr. O. K. Holm in St. Aldan."],
        ["The U.S. envoy left the U.N. building at 5 p.m. on Monday.", "He said nothing."],
        ["Aid came from the U.S.", "The army kept it."],
        ["Prices rose 3.5 percent to $1.20 a loaf on Jan. 5 at No. 10.", "He said no.", "She left."],
        ['"We left."', "Nobody followed."],
        ['"Will it hold?" she asked.', "“It must!” he said."],
        ["They waited... and went on.", "Then it rained!", "Why?!", "Nobody knew."],
        ["Shares of Aldmark Steel Inc. fell.", "Ruvia Oil Co.", "Officials denied it."],
        ["(It was late.)", "[Nobody came.]"],
        ["停火开始。", "军队离开！"],
        ["TROOPS LEFT ON SUNDAY.", "GEN. HOLM STAYED."],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(parts: list[str]) -> None:
    joiner = "" if parts[0].endswith("。") else " "
    assert cut(joiner.join(parts)) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Truce holds\nEnvoys met again", ["Truce holds", "Envoys met again"]),
        ("Envoys of both\nsides met.", ["Envoys of both\nsides met."]),
        ("Envoys of both\n\nsides met.", ["Envoys of both", "sides met."]),
        ("The talks ended.Troops left", ["The talks ended.", "Troops left"]),
        ("", []),
        (" \n\u200b<br>&nbsp;", []),
    ],
)
def test_line_breaks_and_missing_spaces(text: str, parts: list[str]) -> None:
    assert cut(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("\ufeffTalks began.\r\nIt rained.\r\n", ["Talks began.", "It rained."]),
        ("Talks began.\u00a0It rained.\u00a0", ["Talks began.", "It rained."]),
        ("Talks began.&nbsp;It&nbsp;rained.", ["Talks began.", "It&nbsp;rained."]),
        ("Cafe\u0301 burned. The gov\u00adern\u00ador fled.", ["Cafe\u0301 burned.", "The gov\u00adern\u00ador fled."]),
        ("👩\u200d🚀 left! 🚀 It rained.", ["👩\u200d🚀 left!", "🚀 It rained."]),
        ("<p>Mr. <b>Li</b> left.</p><p>It rained.</p>", ["Mr. <b>Li</b> left.", "It rained."]),
        ('<a title="One. Two">Talks</a> began.', ["Talks</a> began."]),
        ("&amp;quot;It rained.&amp;quot; He left.", ["&amp;quot;It rained.&amp;quot;", "He left."]),
        ("Iraq #39;s army left. It rained.", ["Iraq #39;s army left.", "It rained."]),
    ],
)
def test_a_sentence_stands_in_the_input_as_it_is(text: str, parts: list[str]) -> None:
    """Hidden characters at the edges of a sentence are left out, those within it stay."""
    assert cut(text) == parts


@given(TEXTS)
def test_places_are_in_order_and_only_what_nobody_sees_lies_between(text: str) -> None:
    places = sentences(text)
    bounds = [0, *(bound for place in places for bound in place), len(text)]
    assert bounds == sorted(bounds)
    assert all(start < end for start, end in places)
    between = [text[end:start] for end, start in zip(bounds[::2], bounds[1::2], strict=True)]
    assert "".join(normalise(part) for part in between if "&" not in part).strip("<>&") == ""


@pytest.mark.parametrize(
    "unit", [".", " ", "<", "<a ", "&amp;", '"', "\n", ".\u200b", "#12", '."', "A. ", "x" * 50 + ". "]
)
def test_odd_texts_take_no_longer_than_others(unit: str) -> None:
    started = time.monotonic()
    sentences(unit * (50_000 // len(unit)))
    assert time.monotonic() - started < 10  # linear: well under a second; quadratic: a minute
