"""Rows: what was read, what the model says, and nothing lost between writing and reading again."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import LABELS
from hypothesis import given
from hypothesis import strategies as st

from classifier import Prediction, Story
from classifier.column_names import utf8_names
from classifier.rows import OTHER_COLUMNS, OUTPUT_COLUMNS, CsvWriter, JsonlWriter, output_row
from classifier.sources import Source
from classifier.stories import ReadOptions, read_stories
from classifier.tables import read_table
from classifier.terminal import TableWriter

SCORES = {"diplomacy": 0.91234, "military": 0.1, "disaster": 0.0, "ceasefire": 0.95}
GOOD = Prediction(("ceasefire", "diplomacy"), SCORES, True, 12, 15, "tiny@0")
BAD = Prediction(model="tiny@0", error="feed.csv:3: broken")

NAMES = st.text(max_size=8) | st.sampled_from(
    ["title", *OUTPUT_COLUMNS, "input_topic", "input_input_topic", "score_military", OTHER_COLUMNS]
)
TEXT = st.text(max_size=20)
SURROGATES = st.text(st.sampled_from('\udc80\udfffa,"'), max_size=5)  # second halves alone: two never make a pair
NUMBERS = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
PREDICTIONS = st.sampled_from([GOOD, BAD, Prediction(scores=SCORES, model="tiny@0")])


def written(writer: Any, results: list[tuple[Story, Prediction]], *chunks: int, **options: Any) -> str:
    """What a writer writes for results given in chunks that end at these places."""
    file = io.StringIO(newline="")
    out = writer(file, **options)
    bounds = [0, *chunks, len(results)]
    for start, stop in pairwise(bounds):
        out.write(results[start:stop])
    return file.getvalue()


def as_csv(results: list[tuple[Story, Prediction]], *chunks: int, one_table: bool = False) -> list[dict[str, str]]:
    """The rows of what CsvWriter writes, read by our reader."""
    text = written(CsvWriter, results, *chunks, labels=LABELS, one_table=one_table)
    table = read_table(io.BytesIO(text.encode("utf-8")), "out.csv")
    rows = [record for _, record in table.records]
    assert not [row for row in rows if isinstance(row, str)]
    return [row for row in rows if isinstance(row, dict)]


def test_a_row_is_the_contract() -> None:
    row = output_row(Story("Both agree.", "Truce", 7, {"id": 7, "text": "Both agree.", "source": "wire"}), GOOD)
    assert row == {
        "id": 7,
        "text": "Both agree.",
        "source": "wire",
        "topic": "ceasefire",
        "topics": ["ceasefire", "diplomacy"],
        "scores": {"diplomacy": 0.9123, "military": 0.1, "disaster": 0.0, "ceasefire": 0.95},
        "review": True,
        "evidence": {},
        "tokens_read": 12,
        "tokens_total": 15,
        "model": "tiny@0",
        "error": None,
    }
    assert list(row)[-len(OUTPUT_COLUMNS) :] == list(OUTPUT_COLUMNS)


def test_a_row_with_an_error_has_no_labels() -> None:
    row = output_row(Story(id="feed.csv:3"), BAD)
    assert (row["topic"], row["topics"], row["scores"], row["error"]) == (None, [], {}, "feed.csv:3: broken")


def test_own_columns_with_the_name_of_an_output_column_are_kept() -> None:
    row = output_row(Story(columns={"topic": "a", "error": "b", "text": "c"}), GOOD)
    assert (row["input_topic"], row["input_error"], row["text"], row["topic"]) == ("a", "b", "c", "ceasefire")


def test_labelling_again_and_again_loses_no_labels() -> None:
    columns: dict[str, Any] = {"text": "a"}
    for topic in ("first", "second", "third"):
        columns = output_row(Story(columns=columns), Prediction((topic,), {topic: 0.9}))
    assert (columns["input_topic"], columns["input_input_topic"], columns["topic"]) == ("first", "second", "third")


@given(st.lists(st.tuples(st.dictionaries(NAMES, VALUES, max_size=6), PREDICTIONS), max_size=5))
def test_json_lines_read_again_are_the_rows(user_cache: Path, pairs: list[tuple[dict[str, Any], Prediction]]) -> None:
    results = [(Story("a", id=number, columns=columns), given_) for number, (columns, given_) in enumerate(pairs)]
    path = user_cache / "out.jsonl"
    path.write_text(written(JsonlWriter, results), encoding="utf-8", newline="")
    again = [dict(story.columns) for story in read_stories(Source(str(path), "jsonl"), ReadOptions())]
    assert again == [output_row(story, prediction) for story, prediction in results]


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_no_own_value_is_lost(columns: dict[str, Any]) -> None:
    columns.pop("id", None)
    row = output_row(Story(columns=columns), GOOD)
    kept = [value for name, value in row.items() if name not in ("id", *OUTPUT_COLUMNS)]
    assert kept == list(columns.values())


@given(st.lists(NAMES, max_size=5, unique=True), st.lists(PREDICTIONS, max_size=5), st.booleans(), st.data())
def test_csv_read_again_has_every_cell(
    names: list[str], predictions: list[Prediction], one_table: bool, data: st.DataObject
) -> None:
    names = [name for name in names if name != "id"]
    cells = [dict(zip(names, data.draw(st.tuples(*[TEXT] * len(names))), strict=True)) for _ in predictions]
    stories = [Story(id=number, columns=own) for number, own in enumerate(cells)]
    results = list(zip(stories, predictions, strict=True))
    rows = as_csv(results, min(2, len(results)), one_table=one_table)
    for row, (story, prediction) in zip(rows, results, strict=True):
        own = list(row.values())[1 : 1 + len(names)]
        assert own == list(story.columns.values())
        assert (row["id"], row["topics"]) == (str(story.id), "|".join(prediction.topics))
        assert (row["topic"], row["error"]) == (prediction.topic or "", prediction.error or "")
        assert [row[f"score_{label}"] for label in LABELS] == [
            str(round(prediction.scores[label], 4)) if prediction.scores else "" for label in LABELS
        ]


def test_csv_columns_are_in_a_fixed_order_and_lists_are_json() -> None:
    text = written(
        CsvWriter,
        [(Story(id=1, columns={"tags": ["a", {"b": True}], "live": False, "text": 'say "a"\r\nb'}), GOOD)],
        labels=LABELS,
        one_table=True,
    )
    assert text == (
        "id,tags,live,text,topic,topics,score_diplomacy,score_military,score_disaster,score_ceasefire,review,"
        "tokens_read,tokens_total,model,error\n"
        '1,"[""a"", {""b"": true}]",false,"say ""a""\r\nb",ceasefire,ceasefire|diplomacy,0.9123,0.1,0.0,0.95,true,'
        "12,15,tiny@0,\n"
    )


def test_a_lone_carriage_return_is_quoted() -> None:
    [row] = as_csv([(Story(columns={"text": "a\rb"}), GOOD)])
    assert row["text"] == "a\rb"


def test_own_columns_that_look_like_scores_are_kept_in_csv() -> None:
    [row] = as_csv([(Story(columns={"score_military": "0.5", OTHER_COLUMNS: "x", "text": "a"}), GOOD)])
    assert (row["input_score_military"], row["score_military"]) == ("0.5", "0.1")
    assert (row[f"input_{OTHER_COLUMNS}"], row[OTHER_COLUMNS]) == ("x", "")


def test_a_column_that_turns_up_later_is_kept_in_other_columns() -> None:
    first, later = Story(id=1, columns={"text": "a"}), Story(id=2, columns={"text": "b", "source": "wire", "n": 3})
    rows = as_csv([(first, GOOD), (later, GOOD)], 1)
    assert [row[OTHER_COLUMNS] for row in rows] == ["", '{"source": "wire", "n": 3}']
    assert [row["text"] for row in rows] == ["a", "b"]


def test_a_table_whose_first_rows_are_all_broken_loses_no_column() -> None:
    results = [(Story(id="feed.csv:2"), BAD), (Story(id=2, columns={"text": "b"}), GOOD)]
    rows = as_csv(results, 1, one_table=True)
    assert json.loads(rows[1][OTHER_COLUMNS]) == {"text": "b"}
    assert OTHER_COLUMNS not in as_csv(results, one_table=True)[0]


@given(SURROGATES, SURROGATES)
def test_lone_surrogates_do_not_stop_a_job(name: str, value: str) -> None:
    results = [(Story(value, value, value, {name: value, "nested": [value], "text": value}), GOOD)]
    line = written(JsonlWriter, results)
    assert line.encode("utf-8").count(b"\n") == 1
    assert json.loads(line) == output_row(*results[0])
    for writer in (CsvWriter, TableWriter):
        options = {"labels": LABELS} | ({"one_table": False} if writer is CsvWriter else {})
        assert written(writer, results, **options).encode("utf-8")


@given(st.lists(SURROGATES | st.sampled_from(["a?", "input_a?", "?", "a"]), unique=True))
def test_names_that_utf8_can_hold_are_kept_and_all_stay_different(names: list[str]) -> None:
    new = utf8_names(names)
    assert len(set(new)) == len(names)
    assert "".join(new).isascii()
    assert all(after == name for name, after in zip(names, new, strict=True) if name.isascii())


# The table for people


def table(*results: tuple[Story, Prediction]) -> str:
    """The printed table with its spaces and line breaks joined."""
    return " ".join(written(TableWriter, list(results), labels=LABELS).split())


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


def test_the_table_shows_place_opening_and_topics_with_probabilities() -> None:
    story = Story("Both sides agree.", "Truce", "page.txt#1", {"page_id": "page.txt", "first_line": 3, "last_line": 9})
    shown = table((story, GOOD))
    assert "page.txt, lines 3-9" in shown
    assert "Truce Both sides agree." in shown
    assert "ceasefire 0.95" in shown
    assert "diplomacy 0.91" in shown
    assert "review: not sure enough" in shown
    assert "military" not in shown


def test_the_table_says_none_with_the_highest_topic_and_shows_errors() -> None:
    none = Prediction(scores=SCORES)
    assert "none (highest: ceasefire 0.95)" in table((Story("a", id=5), none))
    assert "feed.csv:3: broken" in table((Story(id="feed.csv:3"), BAD))


def test_one_line_is_not_a_span_and_a_repeated_title_is_shown_once() -> None:
    columns = {"page_id": "page.txt", "first_line": 3, "last_line": 3}
    shown = table((Story("Truce holds\nBoth agree.", "Truce holds", columns=columns), GOOD))
    assert "page.txt, line 3 " in shown
    assert shown.count("Truce holds") == 1


def test_a_record_with_columns_named_like_a_pages_is_shown() -> None:
    assert "feed.csv:2" in table((Story("a", id="feed.csv:2", columns={"first_line": "x"}), GOOD))


def test_a_long_story_is_cut_at_a_word() -> None:
    shown = table((Story("word " * 10_000, id=1), GOOD))
    assert "word word …" in shown
    assert len(shown) < 1000


def test_text_cannot_steer_the_terminal() -> None:
    shown = table((Story("red \x1b[31m alert \x07 [bold]not markup[/bold]", id="\x1b]0;title\x07"), BAD))
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[bold]not markup[/bold]" in shown


def test_the_header_of_the_table_is_shown_once() -> None:
    shown = written(TableWriter, [(Story("a", id=n), GOOD) for n in range(4)], 1, 2, labels=LABELS)
    assert shown.count("story") == 1
