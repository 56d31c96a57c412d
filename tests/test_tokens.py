"""Normalisation, the text of a story, token windows."""

from __future__ import annotations

import re
import time
import unicodedata
from pathlib import Path

import pytest
from conftest import WORDS, word_pieces
from hypothesis import given
from hypothesis import strategies as st

from classifier import ModelError, tokens
from classifier.tokens import Tokenizer, normalise, story_text

MARKUP = "&<#"
PLAIN = st.text(st.characters().filter(lambda char: not set(MARKUP) & set(unicodedata.normalize("NFKC", char))))
TEXTS = st.text(st.sampled_from("ab talks. ,\n")) | st.text(max_size=300)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        pytest.param("Iraq&#39;s &quot;army&quot;", 'Iraq\'s "army"', id="entities"),
        pytest.param("R&amp;amp;D", "R&D", id="escaped twice"),
        pytest.param("Iraq #39;s army", "Iraq 's army", id="entity without its ampersand"),
        pytest.param("issue a#39; of A&#39;s", "issue a#39; of A's", id="not an entity"),
        pytest.param("AT&T and #4 of 5", "AT&T and #4 of 5", id="ampersand and hash of their own"),
        pytest.param("<p>One<br/>two <a href='x'>three</a></p>", "One two three", id="tags"),
        pytest.param("&lt;b&gt;bold&lt;/b&gt; claim", "bold claim", id="escaped tags"),
        pytest.param("losses of 3 < 5 > 2, x<y", "losses of 3 < 5 > 2, x<y", id="comparisons"),
        pytest.param("a\u00a0b\u2003c", "a b c", id="odd spaces"),
        pytest.param("cease\u200bfire\u00ad \ufefftruce", "ceasefire truce", id="invisible characters"),
        pytest.param("e\u200b\u0301", "é", id="invisible character inside a letter"),
        pytest.param("ﬁrst № 1 ½", "first No 1 1⁄2", id="compatibility forms"),
        pytest.param("a\x00b\x07c\x7f", "a b c", id="control characters"),
        pytest.param("lone \ud800 surrogate", "lone ? surrogate", id="lone surrogate"),
        pytest.param("emoji 👍🏽 stays", "emoji 👍🏽 stays", id="astral characters"),
        pytest.param("one \r\n\r\n two\rthree\u2028four\x0bfive\n", "one\ntwo\nthree\nfour\nfive", id="line breaks"),
        pytest.param(" \n\t ", "", id="white space alone"),
        pytest.param("<br>&nbsp;\u200b", "", id="nothing to read"),
    ],
)
def test_what_is_left_of_markup_and_odd_characters(raw: str, read: str) -> None:
    assert normalise(raw) == read


@given(PLAIN)
def test_normalising_twice_changes_nothing(text: str) -> None:
    # Without markup characters: entities are resolved twice and no further, so `&amp;amp;amp;` cannot be idempotent.
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(st.characters() | st.sampled_from("ab \x00\x1c\x85\u1680\u2028\u3000\r\n\x0b\t")))
def test_spaces_and_breaks_are_those_of_the_plain_rule_put_in_for_every_run(text: str) -> None:
    text = unicodedata.normalize("NFKC", tokens.INVISIBLE.sub("", text)).encode("utf-8", "replace").decode("utf-8")
    plain = re.sub(
        r"[^\S\n\r\x0b\x0c\x85\u2028\u2029]+", " ", re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]", " ", text)
    )
    plain = re.sub(r" ?(?:\r\n?|\n|\x0b|\x0c|\x85|\u2028|\u2029)[\s]*", "\n", plain).strip()
    if not {"&", "#", "<"} & set(text):
        assert normalise(text) == plain


@given(st.text(st.characters() | st.sampled_from("\ud800\udfff\x00\x1b\x85\u2028\r\n \t&#<>;38")))
def test_normalised_text_can_be_encoded_and_has_no_control_characters(text: str) -> None:
    read = normalise(text)
    assert read.encode("utf-8").decode("utf-8") == read
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]|  |\n\n", read)
    assert read == read.strip()


@pytest.mark.parametrize("part", ["<", "<p ", "&", "#12", " \r", "&#", "</b", "\u200b"])
def test_normalising_takes_time_in_proportion_to_the_text(part: str) -> None:
    def seconds(times: int) -> float:
        start = time.process_time()
        normalise(part * times)
        return time.process_time() - start

    assert min(seconds(20_000) for _ in range(3)) < 0.25 + 40 * min(seconds(2_000) for _ in range(3))


@pytest.mark.parametrize(
    ("title", "text", "read"),
    [
        ("Truce", "Both sides agree.", "Truce\nBoth sides agree."),
        ("Truce", "", "Truce"),
        ("", "Both sides agree.", "Both sides agree."),
        ("Truce", "Truce\nBoth sides agree.", "Truce\nBoth sides agree."),
        ("Truce &amp; talks ", "Truce & talks begin", "Truce & talks begin"),
        (" ", "\u200b", ""),
    ],
)
def test_title_and_text_are_read_as_one_and_a_repeated_title_once(title: str, text: str, read: str) -> None:
    assert story_text(title, text) == read


@pytest.fixture(scope="module")
def ours() -> Tokenizer:
    return Tokenizer(word_pieces(), max_length=10, stride=3)


@given(text=TEXTS)
def test_ids_are_those_of_the_transformers_tokenizer(tiny_model: Path, text: str) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(tiny_model)
    read = normalise(text)
    [windows] = Tokenizer.from_file(tiny_model / "tokenizer.json", max_length=64, stride=4).windows([read])
    assert list(windows.input_ids[0]) == theirs(read, truncation=True, max_length=64)["input_ids"]


def cut(ids: list[int], room: int, stride: int) -> list[list[int]]:
    """Windows of `room` content ids, each beginning with the last `stride` of the one before."""
    windows = [ids[:room]]
    while len(ids) > room:
        ids = ids[room - stride :]
        windows.append(ids[:room])
    return windows


@given(text=TEXTS, max_length=st.integers(6, 20), stride=st.integers(0, 3))
def test_windows_overlap_by_the_stride_and_cover_every_token(text: str, max_length: int, stride: int) -> None:
    content = word_pieces().encode(text, add_special_tokens=False).ids
    [windows] = Tokenizer(word_pieces(), max_length=max_length, stride=stride).windows([text])
    cls, sep = 2, 3
    assert [list(ids) for ids in windows.input_ids] == [
        [cls, *window, sep] for window in cut(content, max_length - 2, stride)
    ]
    assert windows.tokens_total == windows.tokens_read == len(content)


def test_the_example_of_the_docstring() -> None:
    [windows] = Tokenizer(word_pieces(), max_length=6, stride=1).windows(["a b c d e f g"])
    assert [[word_pieces().id_to_token(token) for token in ids] for ids in windows.input_ids] == [
        ["[CLS]", "a", "b", "c", "d", "[SEP]"],
        ["[CLS]", "d", "e", "f", "g", "[SEP]"],
    ]


def test_windows_beyond_the_most_are_left_out_and_counted_as_unread(ours: Tokenizer) -> None:
    text = " ".join(WORDS * 2)  # windows of 8, then 5 new ones each
    [whole], [windows], [more] = (ours.windows([text], max_windows=most) for most in (None, 2, 9))
    assert windows.input_ids == whole.input_ids[:2]
    assert (len(windows.input_ids), windows.tokens_read, windows.tokens_total) == (2, 13, 20)
    assert (len(whole.input_ids), whole.tokens_read, more) == (4, 20, whole)


def test_several_texts_come_back_in_order_and_none_is_fine(ours: Tokenizer) -> None:
    texts = ["talks", "", "troops " * 30, "flood"]
    assert ours.windows(texts) == [ours.windows([text])[0] for text in texts]
    assert ours.windows([]) == []
    assert ours.windows([""])[0].tokens_total == 0


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=rf"{re.escape(str(path))}: not a tokenizer \(.+\)\. Export the model again\."):
        Tokenizer.from_file(path, max_length=8, stride=1)
