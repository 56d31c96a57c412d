"""JSON documents give their records: lists of any length, the lists that services answer with, JSON lines as well."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import json_values
from classifier.json_lists import StoryFields
from classifier.json_records import document_records
from classifier.json_values import read_values
from classifier.record_types import Record
from classifier.sources import find_sources
from classifier.stories import ReadOptions, Story, read_stories
from training.config import DataConfig
from training.data import load_split

pytestmark = pytest.mark.usefixtures("in_tmp")

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
OBJECTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=5)


FIELDS = StoryFields("text", lambda record: "text" in record or "title" in record)


class Steps(io.BytesIO):
    """A file that gives so many bytes at a time."""

    def __init__(self, raw: bytes, size: int) -> None:
        super().__init__(raw)
        self._step = size

    def read1(self, size: int | None = -1, /) -> bytes:
        """The next few bytes."""
        return self.read(self._step)


def records(text: str | bytes, encoding: str = "utf-8") -> list[Record | str]:
    """What a document holds; an object with a text is a record."""
    raw = text if isinstance(text, bytes) else text.encode()
    file = io.BufferedReader(io.BytesIO(raw))  # type: ignore[arg-type]
    return [record for _, record in document_records(file, "a.json", encoding, FIELDS)]


def stories(name: str, content: str | bytes | None = None, **options: Any) -> list[Story]:
    """The stories of a file with this content."""
    if content is not None:
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return [story for source in find_sources([name]) for story in read_stories(source, ReadOptions(**options))]


@given(OBJECTS, st.sampled_from([None, 0, 1, "\t"]), st.booleans(), st.integers(1, 40))
def test_a_list_gives_its_elements_however_it_is_written_and_read(
    objects: Sequence[Mapping[str, Any]], indent: Any, ascii_only: bool, step: int
) -> None:
    raw = json.dumps(objects, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    values = list(read_values(Steps(raw, step)))
    assert [json.loads(value.raw or b"") for value in values] == json.loads(raw)
    assert all(value.in_list and not value.breaks_off for value in values)


@given(OBJECTS, st.sampled_from(["\n", " ", ",\n", ""]), st.integers(1, 40))
def test_objects_that_follow_one_another_are_told_apart(objects: Any, between: str, step: int) -> None:
    raw = between.join(json.dumps(one) for one in objects).encode()
    assert [json.loads(value.raw or b"") for value in read_values(Steps(raw, step))] == objects


@given(st.lists(st.sampled_from([*'[]{},:" \n\\', "a", '"a"', "\\u00e9"]), max_size=30), st.integers(1, 9))
def test_nothing_that_is_no_json_is_lost(pieces: Sequence[str], step: int) -> None:
    raw = "".join(pieces).encode()
    values = list(read_values(Steps(raw, step)))
    assert values == list(read_values(io.BytesIO(raw)))
    left = b"".join(value.raw or b"" for value in values)
    assert [byte for byte in left if byte in b"a:"] == [byte for byte in raw if byte in b"a:"]


@pytest.mark.parametrize(
    "text",
    [
        '[{"text": "one"}, {"text": "two"}]',
        '\ufeff [\n {"text": "one"},\n {"text": "two"},\n]\n',
        '{"text": "one"}\n{"text": "two"}\n',
        '{"text": "one"} {"text": "two"}',
        '[{"text": "one"}]\n[{"text": "two"}]',
        '[{"text": "one"}]\n{"text": "two"}',
        '{"articles": [\n{"text": "one"}\n,\n{"text": "two"}\n]\n}',
        '{"status": "ok", "total": 2, "articles": [{"text": "one"}, {"text": "two"}]}',
        '{"response": {"tags": ["a"], "pages": [{"text": 1}], "results": [{"text": "one"}, {"text": "two"}]}}',
        '{"articles": [{"text": "one"}]}\n{"articles": [{"text": "two"}]}\n',
        '[{"articles": [{"text": "one"}]}, {"articles": [{"text": "two"}]}]',
        '{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"text": "one"}, {"text": "two"}]}',
        '{"meta": {"page": 1}, "data": [\n{"text": "one"},\n{"text": "two"}\n]\n}',
    ],
)
def test_records_are_found_in(text: str) -> None:
    assert records(text) == [{"text": "one"}, {"text": "two"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("[]", []),
        (" \n", []),
        ('{"text": "one", "authors": [{"text": "x"}]}', [{"text": "one", "authors": [{"text": "x"}]}]),
        ('{"a": [{"text": "x"}], "b": [{"text": "y"}]}', [{"a": [{"text": "x"}], "b": [{"text": "y"}]}]),
        ('{"articles": []}', []),
        ('{"status": "ok", "total": 0, "response": {"results": []}}', []),
        ('{"title": "one", "items": []}', [{"title": "one", "items": []}]),
        ('{"headline": "one", "items": []}', [{"headline": "one", "items": []}]),
        ('{"results": [{"body": "one"}, {"body": "two"}]}', [{"body": "one"}, {"body": "two"}]),
        ('{"a": 1, "data": ["x"]}', [{"a": 1, "data": ["x"]}]),
        ('{"data": [{"a": 1}], "items": [{"a": 1}]}', [{"data": [{"a": 1}], "items": [{"a": 1}]}]),
        ('{"n": 1, "comments": [{"text": "x"}]}', [{"n": 1, "comments": [{"text": "x"}]}]),
        ('"one"', ["a string"]),
        ("42", ["a number (42)"]),
        (
            f'{{"body": "{"a" * 301}", "comments": [{{"text": "x"}}]}}',
            [{"body": "a" * 301, "comments": [{"text": "x"}]}],
        ),
        ('["one", 2, {"text": "x"}, [], null]', ["a string", "a number (2)", {"text": "x"}, "a list", "null"]),
        ('[{"text": NaN}]', [{"text": None}]),
    ],
)
def test_what_is_no_list_of_records_stays_as_it_is(text: str, expected: Sequence[Any]) -> None:
    wrong = [f"expected a JSON object, found {one}." if isinstance(one, str) else one for one in expected]
    assert records(text) == wrong


def test_a_record_that_is_broken_is_wrong_by_itself() -> None:
    found = records(b'[{"text": "one"}, {"text": two}, {"text": "th\xe9"}, {"a": 1}}, {"text": "four"}]')
    assert found == [
        {"text": "one"},
        "not JSON (Expecting value at column 10).",
        "not UTF-8 (byte 0xe9 at 13). Name the encoding with --encoding, for example cp1252.",
        "not JSON (Extra data at column 9).",
        {"text": "four"},
    ]
    assert records('[\n {"text":\n  tru}\n]') == ["not JSON (Expecting value at line 2 of it, column 3)."]


@pytest.mark.parametrize(
    "broken",
    [
        '{"text": "tw',
        '{"text": "two}',
        '{"text": "two", "n": [1, 2}',
        '{"text": "two", "n": {"a": 1}',
        '{"text": "two"',
        '{"text": "two"}}',
        '{"text": two"}',
        '"text": "two"}',
    ],
)
@pytest.mark.parametrize("form", ["[\n%s,\n%s,\n%s\n]", "[%s,\n%s,\n%s]", "%s\n%s\n%s\n"])
def test_a_quote_or_a_bracket_that_is_missing_costs_its_record_alone(broken: str, form: str) -> None:
    if not (broken == '{"text": "two"' and "," not in form):  # else it is known too late that it has ended
        found = records(form % ('{"text": "one"}', broken, '{"text": "three"}'))
        good = [record for record in found if isinstance(record, dict) and record != {"text": "two"}]
        assert good == [{"text": "one"}, {"text": "three"}]
        assert any(isinstance(record, str) for record in found)


ONE_LINE = [
    "[%s]",
    '{"status": "ok", "articles": [%s]}',
    '{"response": {"n": 3, "meta": {"page": 1}, "results": [%s], "links": {"next": 2}}, "x": "y"}',
]


@pytest.mark.parametrize(
    "broken",
    [
        '{"n": 1, "text": "no quote behind this}',
        '{"n": 1, "text": no quote before this"}',
        '{"n: 1, "text": "x"}',
        '{n": 1, "text": "x"}',
        '{"text": "x, "n": 1}',
        '{"n": 1, "text": "a 12" pipe"}',
        '{"n": 1, "text": "a backslash \\"}',
        '{"n": 1, "tags": ["a", "b], "text": "x"}',
        '{"n": 1, "source": {"name": "x}, "text": "x"}',
        '{"n": 1, "text": "x", "source": {"name": "x}}',
    ],
)
@pytest.mark.parametrize("form", ONE_LINE)
@pytest.mark.parametrize("between", [",", ", ", " , "])
def test_on_one_line_a_quote_that_is_missing_costs_its_record_alone(broken: str, form: str, between: str) -> None:
    made = [f'{{"n": {n}, "text": "report {n}"}}' for n in range(50)]
    for place in (0, 1, 48):
        found = records(form % between.join([*made[:place], broken, *made[place + 1 :]]))
        assert [record["n"] for record in found if isinstance(record, dict)] == [n for n in range(50) if n != place]
        assert str(found[place]).startswith("not JSON (")


WORDS = st.text("ab ,:.é", max_size=8)
PLAIN = st.dictionaries(
    st.text("ab", min_size=1, max_size=3), WORDS | st.integers() | st.lists(WORDS, max_size=2), min_size=1, max_size=3
)


@given(st.lists(PLAIN, min_size=2, max_size=5), st.data(), st.sampled_from(ONE_LINE), st.integers(1, 90))
def test_any_quote_may_be_missing(made: list[dict[str, Any]], data: st.DataObject, form: str, step: int) -> None:
    lines = [json.dumps({**record, "text": "x"}) for record in made]
    place = data.draw(st.integers(0, len(lines) - 2))
    quotes = [at for at, sign in enumerate(lines[place]) if sign == '"']
    gone = data.draw(st.sampled_from(quotes))
    whole = [json.loads(line) for line in lines]
    lines[place] = lines[place][:gone] + lines[place][gone + 1 :]
    raw = (form % ", ".join(lines)).encode()
    found = [record for _, record in document_records(Steps(raw, step), "a.json", "utf-8", FIELDS)]
    assert [record for record in found if isinstance(record, dict)] == whole[:place] + whole[place + 1 :]
    assert len(found) == len(whole)


def test_what_is_good_json_is_not_cut_at_what_looks_like_the_next_object() -> None:
    for text in ("},{", '{"a": "b}, {', '"},{"', "}, {\\"):
        made = [{"text": text, "n": 1}, {text: text, "text": text}]
        assert records(json.dumps(made)) == made
        assert records(json.dumps({"articles": made})) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"articles": [{"text": "one"}, {"text": tru}], "n": 2}', ["not JSON (Expecting value"]),
        ('{"articles": [{"text": "one"}], "n": tru}', ["not JSON (Expecting value at column 38)."]),
        ('{"articles": [{"text": "one"}]', ["not JSON (Expecting ',' delimiter"]),
        ('{"articles": [{"text": "one"}, ', ["the file breaks off: its list is not closed."]),
        ('{"articles": [{"text": "one"}, {"te', ["not JSON", "the file breaks off: its list is not closed."]),
        ('{"articles": [\n{"text": "one"},\n{"text": "two}\n]}', ["not JSON (Unterminated", "not JSON"]),
        (
            '{"articles": [{"text": "one"}, {"text": "[2]"}, {"text": tru',
            ["{'text': '[2]'}", "not JSON", "the file breaks"],
        ),
    ],
)
def test_an_answer_that_is_not_json_as_a_whole_gives_what_can_be_read(text: str, said: Sequence[str]) -> None:
    first, *others = records(text)
    assert first == {"text": "one"}
    assert [str(other)[: len(start)] for other, start in zip(others, said, strict=True)] == said


def test_another_list_in_an_answer_that_is_not_json_holds_no_records() -> None:
    others = '"sources": [{"name": "R", "text": "About R"}]'
    first, second = records(f'{{"articles": [{{"text": "one"}}, {{"text": "bro\\qken"}}], {others}}}')
    assert first == {"text": "one"}
    assert str(second).startswith("not JSON (Invalid \\escape")
    assert records(f'{{"articles": [{{"text": "one"}}], {others}, "n": tru}}')[0] == first


def test_bytes_of_another_encoding_cost_one_record_of_an_answer() -> None:
    first, second, third = records(b'{"articles": [{"text": "one"}, {"text": "th\xe9"}, {"text": "two"}]}')
    assert (first, third) == ({"text": "one"}, {"text": "two"})
    assert str(second).startswith("not UTF-8 (byte 0xe9 at 13)")


@pytest.mark.parametrize(
    "text",
    [
        '{"n": 1, "comments": [{"text": "x"}], "text": tru}',
        '{"text": "one", "items": [{"text": "x"}], "n": tru}',
        '{"n": 1, "items": [{"text": "x"}, {"text": "y"}], "text": tru}',
        '[{"n": 1, "items": [{"text": "x"}], "note": tru}]',
    ],
)
def test_the_lists_of_a_record_that_is_broken_are_no_records(text: str) -> None:
    [found] = records(text)
    assert str(found).startswith("not JSON (Expecting value")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"text": "one"},', ["the file breaks off: its list is not closed."]),
        ('[{"text": "one"}, {"text": "tw', ["not JSON (Unterminated", "the file breaks off: its list is not closed."]),
        ('{"text": "one"}\n{"text": "tw', ["not JSON (Unterminated"]),
        ('[{"text": "one"}] and more', ["not JSON (Expecting value"]),
        ('[{"text": "one"} {"text": ""}', ["{'text': ''}", "the file breaks off: its list is not closed."]),
    ],
)
def test_a_document_that_breaks_off_says_so_behind_its_last_record(text: str, said: Sequence[str]) -> None:
    first, *others = records(text)
    assert first == {"text": "one"}
    assert [str(other)[: len(start)] for other, start in zip(others, said, strict=True)] == said


def test_a_record_that_is_too_long_is_wrong_by_itself_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_values, "LONGEST_RECORD_BYTES", 100)
    long = json.dumps({"text": "x" * 50_000})
    assert records(f'[{{"text": "one"}}, {long}, {{"text": "two"}}]') == [
        {"text": "one"},
        "longer than 32 MiB.",
        {"text": "two"},
    ]
    assert records(f'{{"articles":\n[{long}]}}') == ["longer than 32 MiB."]
    values = json_values._Values()
    for _ in range(100):
        list(values.take(b'[{"text": "' + b"x" * 1000))
    assert sum(map(len, values._parts)) <= 1200


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "gbk", "big5", "shift_jis", "cp1252"])
def test_documents_in_any_encoding(encoding: str) -> None:
    word = {"gbk": "乗乚", "big5": "功許", "shift_jis": "表ソ"}.get(encoding, "café")  # their bytes hold | \ { ]
    text = json.dumps([{"text": word}, {"text": "two"}], ensure_ascii=False)
    assert [story.text for story in stories("a.json", text.encode(encoding), encoding=encoding)] == [word, "two"]


def test_records_keep_their_columns_and_say_where_they_stand() -> None:
    content = json.dumps({"articles": [{"url": "u", "text": "one"}, {"id": 7, "text": ""}, {"n": [1], "title": "two"}]})
    one, two, three = stories("a.json", content)
    assert (one.id, one.columns, one.error) == ("a.json:1", {"url": "u", "text": "one"}, None)
    assert (two.id, two.error) == (7, "a.json:2: empty text, nothing to label.")
    assert (three.id, three.title, three.columns["n"]) == ("a.json:3", "two", [1])
    Path("a.json.gz").write_bytes(gzip.compress(content.encode()))
    assert [story.text for story in stories("a.json.gz")] == ["one", "", ""]


def test_a_line_of_json_lines_is_a_record_whatever_it_holds() -> None:
    lines = [json.dumps({"articles": [{"text": "one"}]}), json.dumps({"text": "two"}), "[1]"]
    first, two, last = stories("a.jsonl", "\n".join(lines))
    assert first.error == (
        "a.jsonl:1: no field 'text'. Found: articles. Name it with --text-field. The objects in the list 'articles' "
        "are like stories: give each as a record."
    )
    assert (two.id, two.text) == ("a.jsonl:2", "two")
    assert last.error == "a.jsonl:3: expected a JSON object, found a list."


def test_a_folder_gives_its_documents_where_they_are_all_it_holds() -> None:
    Path("news").mkdir()
    stories("news/a.json", '{"text": "one"}')
    assert [source.name for source in find_sources(["news"])] == ["news/a.json"]
    Path("news/b.jsonl").write_text('{"text": "two"}\n')
    assert [source.name for source in find_sources(["news"])] == ["news/b.jsonl"]
    assert [source.name for source in find_sources(["news", "news/a.json"])] == ["news/b.jsonl", "news/a.json"]


def test_the_named_fields_tell_what_a_record_is() -> None:
    content = json.dumps({"title": "Answer", "docs": [{"title": "A", "body": "one"}, {"title": "B", "body": "two"}]})
    assert [story.text for story in stories("a.json", content, text_field="body")] == ["one", "two"]
    assert [story.title for story in stories("a.json", content)] == ["A", "B"]
    assert [story.title for story in stories("a.json", '{"title": "Truce", "tags": [{"title": "x"}]}')] == ["Truce"]
    lacking = json.dumps({"articles": [{"title": "A"}, {"title": "B", "body": "two"}]})
    assert [story.text for story in stories("a.json", lacking, text_field="body")] == ["", "two"]


@pytest.mark.parametrize(
    "text",
    [
        '[{"text": "one"}, {"text": "two"}]',
        '[\n  {\n  "text": "one"},\n{"text": "two"}]',
        '{\n "articles": [{"text": "one"}, {"text": "two"}]}',
        '{"status": 1, "articles": [\n{"text": "one"}, {"text": "two"}]}',
        '{"text": "one"}\n{"text": "two"}',
        '{"articles":\n[{"text": "one"}, {"text": "two"}]}',
        '{"status": "ok", "n": 2, "articles": [{"text": "one"}, {"text": "two"}]}',
        '{"status": "ok", "n": 2, "articles": [{"text": "one"}, {"text": "two"}' + ', {"text": ""}' * 9000 + "]}",
    ],
)
def test_standard_input_is_looked_at(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(text.encode()))))  # type: ignore[arg-type]
    assert [story.text for story in stories("-")][:2] == ["one", "two"]


def test_an_empty_list_on_standard_input_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(b"[\n]\n"))))  # type: ignore[arg-type]
    assert stories("-") == []


def test_a_page_that_begins_with_a_bracket_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[Photo: the river]\nThe river rose on Monday."
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(text.encode()))))  # type: ignore[arg-type]
    assert stories("-")[0].error is None


def test_training_reads_documents() -> None:
    records = [{"text": f"{word} number {n}", "labels": [word]} for n in range(3) for word in ("talks", "storm")]
    Path("a.json").write_text(json.dumps({"data": records}), encoding="utf-8")
    split = load_split("train", "a.json", DataConfig(train="a.json", labels=("talks", "storm")))
    assert [sorted(labelled.topics) for labelled in split.stories] == [[0], [1]] * 3
