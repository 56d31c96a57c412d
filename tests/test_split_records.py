"""`--split all`: a page in a field of a record is cut into its stories, each a row with the record's columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classifier.scorable import CHUNK
from classifier.sources import find_sources
from classifier.stories import ReadOptions, Story, read_stories

PAGE = (Path(__file__).parents[1] / "examples" / "page.txt").read_text(encoding="utf-8")
LINES = [(1, 14), (15, 15), (16, 16), (17, 17), (18, 18)]

pytestmark = pytest.mark.usefixtures("in_tmp")


def read(record: dict[str, Any], **options: Any) -> list[Story]:
    """The stories of a file with this record alone."""
    Path("feed.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    chosen = ReadOptions(split_records=True, **options)
    return [story for source in find_sources(["feed.jsonl"]) for story in read_stories(source, chosen)]


def test_every_story_of_the_text_has_the_columns_of_the_record_and_its_place() -> None:
    stories = read({"id": 7, "title": "Missiles", "text": PAGE, "feed": "wire"})
    assert [story.id for story in stories] == ["7#1", "7#2", "7#3", "7#4", "7#5"]
    assert [(story.columns["first_line"], story.columns["last_line"]) for story in stories] == LINES
    assert {(story.columns["page_id"], story.columns["feed"]) for story in stories} == {(7, "wire")}
    assert [story.columns["text"] for story in stories] == [story.text for story in stories]
    assert "\n".join(story.text for story in stories) == PAGE.strip()


def test_the_title_of_the_record_is_that_of_its_first_story() -> None:
    stories = read({"headline": "Missiles", "body": PAGE}, text_field="body", title_field="headline")
    assert [story.title for story in stories] == ["Missiles", "", "", "", ""]
    assert [story.columns["headline"] for story in stories] == ["Missiles", "", "", "", ""]
    assert all("title" not in story.columns for story in stories)


def test_a_record_of_one_story_keeps_its_id_and_has_the_same_columns() -> None:
    [story] = read({"id": "a", "text": "Talks open in the capital today."})
    assert (story.id, story.text) == ("a", "Talks open in the capital today.")
    assert set(story.columns) == {"id", "text", "page_id", "first_line", "last_line"}


def test_a_headline_alone_and_a_broken_record_are_one_row_each() -> None:
    [headline] = read({"id": "a", "title": "Truce holds", "text": ""})
    assert (headline.id, headline.title, headline.error) == ("a", "Truce holds", None)
    [broken] = read({"id": "a", "text": 3})
    assert broken.error == "feed.jsonl:1: field 'text' is a number (3), not text."


def test_the_rows_of_a_table_stay_under_its_header(predict_code: Callable[..., tuple[int, str]]) -> None:
    table = io.StringIO()
    csv.writer(table).writerows([["id", "text", "feed"], ["a", PAGE, "wire"], ["b", "Talks open.", "wire"]])
    Path("feed.csv").write_text(table.getvalue(), encoding="utf-8")
    assert predict_code("feed.csv", "--split", "all", "-o", "out.csv", "--quiet") == (0, "")
    with open("out.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["page_id"], row["feed"]) for row in rows] == [
        *((f"a#{number}", "a", "wire") for number in range(1, 6)),
        ("b", "b", "wire"),
    ]


def test_records_are_taken_whole_unless_they_are_to_be_cut(predict_code: Callable[..., tuple[int, str]]) -> None:
    Path("feed.jsonl").write_text(json.dumps({"text": PAGE}) + "\n", encoding="utf-8")
    assert predict_code("feed.jsonl", "-o", "out.jsonl", "--quiet") == (0, "")
    assert len(Path("out.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_own_columns_of_the_names_of_places_are_kept() -> None:
    own = {"page_id": "mine", "first_line": "own"}
    stories = read({"id": "a", "text": PAGE, **own})
    assert {(story.columns["input_page_id"], story.columns["input_first_line"]) for story in stories} == {
        ("mine", "own")
    }
    assert [story.columns["first_line"] for story in stories] == [first for first, _ in LINES]
    for record in ({"id": "a", "title": "Truce holds", "text": ""}, {"id": "a", "text": 3}):
        [story] = read({**record, **own})
        assert (story.columns["page_id"], story.columns["input_page_id"]) == ("a", "mine")
        assert (story.columns["input_first_line"], story.columns.get("first_line")) == ("own", None)


def test_a_text_of_boilerplate_alone_is_one_story() -> None:
    text = "Advertisement\nHome | World | Business\nRelated: Floods\nRead more\nAll rights reserved"
    [story] = read({"id": "a", "text": text})
    assert story.text == text


def test_columns_that_turn_up_after_the_first_rows_are_written(predict_code: Callable[..., tuple[int, str]]) -> None:
    table = io.StringIO()
    csv.writer(table).writerows([["title", "text"], *[["Talks open", ""]] * CHUNK, ["", PAGE]])
    Path("feed.csv").write_text(table.getvalue(), encoding="utf-8")
    assert predict_code("feed.csv", "--split", "all", "--format", "csv")[0] == 0


def test_a_text_on_the_command_line_is_no_record(predict_code: Callable[..., tuple[int, str]]) -> None:
    with pytest.raises(SystemExit, match="2"):
        predict_code("--text", PAGE, "--split", "all")
