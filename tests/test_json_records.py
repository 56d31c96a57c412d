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
from classifier.json_records import Record, document_records
from classifier.json_values import read_values
from classifier.sources import find_sources
from classifier.stories import ReadOptions, Story, read_stories
from training.config import DataConfig
from training.data import load_split

pytestmark = pytest.mark.usefixtures("in_tmp")

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
OBJECTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=5)


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
    return [record for _, record in document_records(file, "a.json", encoding, lambda record: "text" in record)]


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
        '{"status": "ok", "total": 2, "articles": [{"text": "one"}, {"text": "two"}]}',
        '{"response": {"tags": ["a"], "pages": [{"n": 1}], "results": [{"text": "one"}, {"text": "two"}]}}',
        '{"articles": [{"text": "one"}]}\n{"articles": [{"text": "two"}]}\n',
        '[{"text": "one"}]\n{"text": "two"}',
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
        ('{"articles": []}', [{"articles": []}]),
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
    assert records('{"text": "one"}\n{"text": "tw\n{"text": "three"}\n')[::2] == [{"text": "one"}, {"text": "three"}]
    assert records('{"text": "on\n{"text": "two"}\n{"text": "three"}\n')[1:] == [{"text": "two"}, {"text": "three"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"text": "one"},', "the file breaks off: its list is not closed."),
        ('[{"text": "one"}, {"text": "tw', 'not JSON, or it breaks off: what begins with {"text": "tw has no end.'),
        ('[{"text": "one"}, {"text": "two", {"text": "three"}]', None),
        ('[{"text": "one"}, {"text": "two"}] and more', "not JSON, or it breaks off: what begins with and more has"),
    ],
)
def test_a_document_that_breaks_off_says_so_behind_its_last_record(text: str, said: str | None) -> None:
    found = records(text)
    assert found[0] == {"text": "one"}
    assert str(found[-1]).startswith(said or 'not JSON, or it breaks off: what begins with {"text": "two", {"text')


def test_a_record_that_is_too_long_is_wrong_by_itself_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_values, "LONGEST_RECORD_BYTES", 100)
    long = json.dumps({"text": "x" * 50_000})
    assert records(f'[{{"text": "one"}}, {long}, {{"text": "two"}}]') == [
        {"text": "one"},
        "longer than 32 MiB.",
        {"text": "two"},
    ]
    assert "jq -c" in str(records(f'{{"articles":\n[{long}]}}')[0])
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


def test_a_line_of_json_lines_may_hold_a_list_as_well() -> None:
    lines = [json.dumps({"articles": [{"text": "one"}, {"text": "two"}]}), json.dumps({"text": "three"}), "[1]"]
    found = stories("a.jsonl", "\n".join(lines))
    assert [story.id for story in found] == ["a.jsonl:1[1]", "a.jsonl:1[2]", "a.jsonl:2", "a.jsonl:3"]
    assert found[-1].error == "a.jsonl:3: expected a JSON object, found a list."


def test_the_named_fields_tell_what_a_record_is() -> None:
    content = json.dumps({"title": "Answer", "docs": [{"title": "A", "body": "one"}, {"title": "B", "body": "two"}]})
    assert [story.text for story in stories("a.json", content, text_field="body")] == ["one", "two"]
    assert [story.title for story in stories("a.json", content)] == ["Answer"]  # a title is enough for a story


@pytest.mark.parametrize(
    "text",
    [
        '[{"text": "one"}, {"text": "two"}]',
        '[\n  {\n  "text": "one"},\n{"text": "two"}]',
        '{\n "articles": [{"text": "one"}, {"text": "two"}]}',
        '{"status": 1, "articles": [\n{"text": "one"}, {"text": "two"}]}',
        '{"text": "one"}\n{"text": "two"}',
    ],
)
def test_standard_input_is_looked_at(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(text.encode()))))  # type: ignore[arg-type]
    assert [story.text for story in stories("-")] == ["one", "two"]


def test_a_page_that_begins_with_a_bracket_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[Photo: the river]\nThe river rose on Monday."
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(text.encode()))))  # type: ignore[arg-type]
    assert stories("-")[0].error is None


def test_training_reads_documents() -> None:
    records = [{"text": f"{word} number {n}", "labels": [word]} for n in range(3) for word in ("talks", "storm")]
    Path("a.json").write_text(json.dumps({"data": records}), encoding="utf-8")
    split = load_split("train", "a.json", DataConfig(train="a.json", labels=("talks", "storm")))
    assert [sorted(labelled.topics) for labelled in split.stories] == [[0], [1]] * 3
