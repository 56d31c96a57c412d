"""A field that was named and that no record of JSON lines has: said once, at the end of the source, and no error."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import CommandError
from classifier.scorable import CHUNK
from classifier.source_check import broken_sources
from classifier.sources import find_sources
from classifier.stories import ReadOptions, read_stories

RECORD = {"guid": "g", "headline": "Truce", "text": "talks"}
NO_TITLE = (
    "no field 'headlin' in any record. Found: guid, headline, text. Did you mean 'headline'? "
    "Name it with --title-field."
)


pytestmark = pytest.mark.usefixtures("in_tmp")


def write(*records: Any, name: str = "feed.jsonl") -> None:
    """A record a line; text is a line as it is."""
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def warnings(*records: Any, **options: str) -> list[str]:
    """What is said of a source of these records."""
    write(*records)
    said: list[str] = []
    for source in find_sources(["feed.jsonl"]):
        list(read_stories(source, ReadOptions(**options), warn=said.append))
    return said


def test_columns_are_not_named_where_there_are_only_pages() -> None:
    for name in ("one.txt", "two.html", "feed.jsonl", "feed.rss"):
        Path(name).write_text('{"body": "x"}\n', encoding="utf-8")
    options = ReadOptions(text_field="body", id_field="key")
    with pytest.raises(CommandError) as refused:
        broken_sources(find_sources(["one.txt", "two.html"]), options)
    assert str(refused.value) == (
        "one.txt and 1 more: pages have no columns for --text-field, --id-field. Leave that out, or say which records "
        "they hold: --input-format csv."
    )
    assert broken_sources(find_sources(["one.txt", "two.html"]), ReadOptions()) == []
    for records in (["one.txt", "feed.jsonl"], ["feed.rss"]):
        assert broken_sources(find_sources(records), ReadOptions(text_field="body")) == []
    assert broken_sources(find_sources(["one.txt"], "jsonl"), ReadOptions(text_field="body")) == []


def test_an_item_of_a_feed_has_the_id_that_is_named() -> None:
    item = "<item><title>Truce</title><link>http://x/1</link><description>Talks go on.</description></item>"
    Path("feed.rss").write_text(f"<rss version='2.0'><channel>{item}</channel></rss>", encoding="utf-8")
    options, sources = ReadOptions(id_field="link"), find_sources(["feed.rss"])
    assert broken_sources(sources, options) == []
    assert [story.id for story in read_stories(sources[0], options)] == ["http://x/1"]


def test_a_named_field_that_no_record_has_is_said_with_the_nearest_name() -> None:
    assert warnings(RECORD, RECORD, title_field="headlin") == [f"feed.jsonl: {NO_TITLE}"]
    assert warnings(RECORD, {"text": "flood", "date": "today"}, id_field="url") == [
        "feed.jsonl: no field 'url' in any record. Found: guid, headline, text, date. Name it with --id-field."
    ]


@pytest.mark.parametrize("options", [{}, {"text_field": "story"}])
def test_json_lines_whose_first_records_all_lack_the_text_are_refused(options: dict[str, str]) -> None:
    write(*[{"body": "talks"}] * 100)
    with pytest.raises(CommandError) as caught:
        broken_sources(find_sources(["feed.jsonl"]), ReadOptions(**options))
    wanted = options.get("text_field", "text")
    assert str(caught.value) == (
        f"feed.jsonl: no field '{wanted}' in the first 100 records. Found: body. Name it with --text-field."
    )


@pytest.mark.parametrize("one", [{"text": "talks"}, {"title": "talks"}, {"text": None}, "broken {"])
def test_a_few_json_lines_without_the_text_are_rows_with_errors(one: Any) -> None:
    write(*[{"body": "talks"}] * 99)
    assert broken_sources(find_sources(["feed.jsonl"]), ReadOptions()) == []
    write(*[{"body": "talks"}] * 99, one, {"body": "talks"})
    assert broken_sources(find_sources(["feed.jsonl"]), ReadOptions()) == []


def test_each_named_field_is_said() -> None:
    said = warnings(RECORD, text_field="text", title_field="titel", id_field="gid")
    assert [message.rpartition(" ")[2] for message in said] == ["--title-field.", "--id-field."]


@pytest.mark.parametrize(
    "having", [{"head": "Truce"}, {"head": None, "text": "a"}, {"head": 5, "text": "a"}, {"head": ""}]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_record_with_the_field_is_enough(having: dict[str, Any], place: int) -> None:
    records = [RECORD, RECORD]
    records.insert(place, having)
    assert warnings(*records, title_field="head") == []


def test_fields_that_were_not_named_may_be_missing() -> None:
    assert warnings({"text": "talks"}) == []


@pytest.mark.parametrize("records", [[], ["{broken"], [{"body": "talks"}, "17"], [{"text": " "}]])
def test_nothing_is_said_where_no_record_is_good(records: list[Any]) -> None:
    assert warnings(*records, title_field="head", id_field="url") == []


def test_a_text_field_that_is_missing_stays_the_error_of_each_record() -> None:
    write(RECORD)
    said: list[str] = []
    [story] = read_stories(find_sources(["feed.jsonl"])[0], ReadOptions(text_field="txt"), warn=said.append)
    assert story.error is not None
    assert "no field 'txt'. Found: guid, headline, text. Did you mean 'text'?" in story.error
    assert said == []


def test_the_warning_stays_short_however_many_fields_there_are() -> None:
    [message] = warnings(*({"text": "a", f"{n}" + "x" * 1000: 1} for n in range(1000)), title_field="head")
    assert message.startswith("feed.jsonl: no field 'head' in any record. Found: text, 0xxx")
    assert len(message) < 1500


# The command


def test_rows_on_standard_output_go_with_one_warning(predict_code: Callable[..., tuple[int, str]]) -> None:
    write(*[RECORD] * (CHUNK + 1), "{broken")
    assert predict_code("feed.jsonl", "--title-field", "headlin") == (
        3,
        f"warning: feed.jsonl: {NO_TITLE}\n"
        f"warning: feed.jsonl:{CHUNK + 2}: not JSON (Expecting property name enclosed in double quotes at column 2).\n"
        "1 record could not be labelled; see the column 'error'.\n",
    )


def test_standard_input_is_named(predict_code: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    raw = json.dumps(RECORD).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(raw))))
    assert predict_code("-", "--title-field", "headlin") == (0, f"warning: stdin: {NO_TITLE}\n")


def test_a_job_says_it_as_well(predict_code: Callable[..., tuple[int, str]]) -> None:
    write(RECORD)
    assert predict_code("feed.jsonl", "--title-field", "headlin", "-o", "out.csv", "--quiet") == (
        0,
        f"warning: feed.jsonl: {NO_TITLE}\n",
    )
    assert Path("out.csv").exists()


@pytest.mark.parametrize(("first", "said"), [(RECORD, True), ({**RECORD, "headlin": "Truce"}, False)])
def test_a_resumed_job_knows_the_fields_of_the_records_done_before(
    predict_code: Callable[..., tuple[int, str]],
    interrupted: Callable[[int], AbstractContextManager[None]],
    first: dict[str, str],
    said: bool,
) -> None:
    write(first, *[RECORD] * (8 * CHUNK))  # so long that the first run cannot have read it to its end
    command = ("feed.jsonl", "--title-field", "headlin", "-o", "out.jsonl", "--quiet", "--checkpoint", "0")
    with interrupted(2):
        assert predict_code(*command) == (130, "\ninterrupted\n")
    assert predict_code(*command) == (0, f"warning: feed.jsonl: {NO_TITLE}\n" * said)
    assert len(Path("out.jsonl").read_bytes().splitlines()) == 8 * CHUNK + 1


@pytest.mark.parametrize("count", [1, 10, 11, 30])
def test_only_the_first_sources_are_named(predict_code: Callable[..., tuple[int, str]], count: int) -> None:
    for number in range(count):
        write(RECORD, name=f"feed{number:02d}.jsonl")
    code, said = predict_code("*.jsonl", "--title-field", "headlin")
    assert code == 0
    assert said.splitlines() == [
        *(f"warning: feed{number:02d}.jsonl: {NO_TITLE}" for number in range(min(count, 10))),
        *["warning: further warnings of this kind are not shown"] * (count > 10),
    ]


def test_a_text_that_goes_by_another_name_is_said_where_headlines_alone_were_read() -> None:
    said = (
        "feed.jsonl: no field 'text' in any record, so that headlines alone were read, without content, description. "
        "Name the field of the text with --text-field."
    )
    assert warnings({"title": "Truce", "content": "talks"}, {"title": "Flood", "description": "x"}) == [said]
    assert "without content_text." in warnings({"title": "Truce", "content_text": "talks"})[0]  # a JSON Feed's
    assert warnings({"title": "Truce", "url": "u"}) == []  # a feed of headlines
    assert warnings({"title": "Truce", "content": "talks"}, {"text": "talks"}) == []
    assert warnings({"title": "Truce", "content": "talks"}, text_field="content") == []
    assert warnings({"content": "talks"}) == []  # an error already


def test_the_same_is_said_of_a_table() -> None:
    Path("feed.csv").write_text("title,Body\nTruce,talks\n", encoding="utf-8")
    said: list[str] = []
    list(read_stories(find_sources(["feed.csv"])[0], ReadOptions(), warn=said.append))
    assert said == [
        "feed.csv:1: no field 'text' in any record, so that headlines alone were read, without Body. "
        "Name the field of the text with --text-field."
    ]


@pytest.mark.parametrize(
    "name",
    ["Text", "TEXT", "Full Text", "text_body", "article body", "articleBody", "lead", "Abstract", "BODY", "story-text"],
)
def test_the_name_of_a_text_is_known_without_case_and_blanks(name: str) -> None:
    [said] = warnings({"title": "Truce", name: "talks"})
    assert said.startswith("feed.jsonl: no field 'text' in any record, so that headlines alone were read, without ")
    assert f"without {name}. Name the field" in said


def test_a_blank_at_the_edge_of_a_name_is_shown() -> None:
    [said] = warnings({"title": "Truce", " text": "talks"})
    assert "without ' text'. Name the field" in said
    assert warnings({"title": "Truce", " text": "talks"}, text_field=" text") == []


PROSE = "Envoys of the two countries met in Odrava on Monday and agreed to talk again. "


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (PROSE * 5, "summary_ai"),
        ([PROSE * 2, PROSE * 3], "summary_ai (a list, to be joined into one text first)"),
        ([PROSE + "They left."] * 4, "summary_ai (a list, to be joined into one text first)"),
    ],
)
def test_a_long_text_is_seen_whatever_its_name_and_a_list_of_paragraphs_too(value: Any, shown: str) -> None:
    [said] = warnings({"title": "Truce"}, {"title": "Flood", "summary_ai": value})
    assert said == (
        f"feed.jsonl: no field 'text' in any record, so that headlines alone were read, without {shown}. "
        "Name the field of the text with --text-field."
    )
    assert "without content, summary_ai" in warnings({"title": "Flood", "summary_ai": value, "content": "x"})[0]
    assert warnings({"title": "Flood", "summary_ai": value, "text": "talks"}) == []


@pytest.mark.parametrize(
    "value",
    [
        PROSE,
        "https://news.example/" + "a" * 400,
        "aGVsbG8" * 100,
        ["Middle East", "talks", "Odrava", "truce"] * 20,
        ["https://news.example/picture/" + "b" * 90] * 9,
        ["Envoys meet in Odrava", "Rain falls on the coast", "A ferry is late"] * 9,
        [PROSE * 5, None],
        {"html": PROSE * 5},
        [],
    ],
)
def test_tags_links_and_short_texts_are_no_text_by_another_name(value: Any) -> None:
    assert warnings({"title": "Truce", "other": value}) == []


def test_a_long_headline_is_no_text_by_another_name() -> None:
    assert warnings({"title": PROSE * 5}) == []
    assert warnings({"headline": PROSE * 5}, title_field="headline") == []
