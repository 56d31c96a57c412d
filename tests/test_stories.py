"""Sources → stories: every format, every kind of damage, and what is said of it."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import InputError, Story
from classifier.lines import LONGEST_RECORD_BYTES, decode, marked, read_lines, with_lines
from classifier.sources import Source, find_sources
from classifier.stories import ReadOptions, read_stories

PAGE = "Talks open in the capital today\nEnvoys of both sides met for the first time in a year, officials said.\n"
KNOWN = ".txt, .html, .htm, .xhtml, .docx, .json, .jsonl, .ndjson, .csv, .tsv, .tab, .parquet, .xlsx, "
KNOWN += ".xlsm, .xlsb, .xls, .ods, .rss, .atom, .xml"


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names in messages are relative to an empty folder."""
    monkeypatch.chdir(tmp_path)


def stories(raw: str | bytes, name: str = "feed.jsonl", **options: Any) -> list[Story]:
    """The stories of a file with this content."""
    Path(name).write_bytes(raw.encode("utf-8") if isinstance(raw, str) else raw)
    input_format = options.pop("input_format", None)
    read = ReadOptions(**options)
    return [story for source in find_sources([name], input_format) for story in read_stories(source, read)]


def found(raw: str | bytes, name: str = "feed.jsonl", **options: Any) -> list[str | None]:
    """The text of each story, or its error."""
    return [story.error or story.text for story in stories(raw, name, **options)]


# JSON lines


def test_a_json_record_keeps_its_columns_and_gives_text_title_and_id() -> None:
    record = {"id": 7, "title": "Truce", "text": "Both agree.", "source": {"name": "wire"}, "tags": [1, None]}
    assert stories(json.dumps(record)) == [Story("Both agree.", "Truce", 7, record)]


def test_a_record_without_an_id_is_named_by_its_place() -> None:
    assert [story.id for story in stories('{"text": "a"}\n\n{"text": "b", "id": ""}\n{"text": "c", "id": null}\n')] == [
        "feed.jsonl:1",
        "feed.jsonl:3",
        "feed.jsonl:4",
    ]


@pytest.mark.parametrize("own", [1.5, True, [1], {"a": 1}])
def test_an_id_that_is_neither_text_nor_whole_number_is_kept_beside_the_place(own: Any) -> None:
    [story] = stories(json.dumps({"id": own, "text": "a"}))
    assert (story.id, story.columns) == ("feed.jsonl:1", {"input_id": own, "text": "a"})


def test_a_whole_number_that_a_table_holds_as_a_float_is_an_id() -> None:
    [story] = stories(json.dumps({"id": 7.0, "text": "a"}))
    assert (story.id, story.columns) == (7, {"id": 7.0, "text": "a"})


def test_fields_can_be_named_and_the_own_id_is_kept() -> None:
    record = {"id": 1, "guid": "g", "head": "Truce", "body": "Agreed."}
    [story] = stories(json.dumps(record), text_field="body", title_field="head", id_field="guid")
    assert (story.text, story.title, story.id) == ("Agreed.", "Truce", "g")
    assert story.columns == {"input_id": 1, "guid": "g", "head": "Truce", "body": "Agreed."}


def test_an_own_input_id_is_kept_beside_the_own_id() -> None:
    [story] = stories('{"id": 1, "input_id": 2, "url": "u", "text": "a"}', id_field="url")
    assert (story.id, story.columns) == ("u", {"input_input_id": 1, "input_id": 2, "url": "u", "text": "a"})


@pytest.mark.parametrize("text", ["", ', "text": null', ', "text": ""'])
def test_a_headline_alone_is_a_story(text: str) -> None:
    [story] = stories('{"title": "Truce"' + text + "}")
    assert (story.title, story.text, story.error) == ("Truce", "", None)


def test_repeated_ids_stay_as_they_are() -> None:
    assert [story.id for story in stories('{"id": 1, "text": "a"}\n' * 2)] == [1, 1]


def test_byte_order_mark_line_breaks_and_blank_lines_do_not_matter() -> None:
    assert found('\ufeff{"text": "a"}\r\n  \r\n\n{"text": "b"}') == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"text": "a"', "not JSON (Expecting ',' delimiter at column 13)."),
        ("text", "not JSON (Expecting value at column 1)."),
        ('{"text": "a"} {"text": "b"}', "not JSON (Extra data at column 15)."),
        ('{"text": "a\x00b"}', "not JSON (Invalid control character at column 12)."),
        ("\x00\x00\x00", "not JSON (Expecting value at column 1)."),
        ('["a"]', "expected a JSON object, found a list."),
        ('"a"', "expected a JSON object, found a string."),
        ("17", "expected a JSON object, found a number (17)."),
        ("true", "expected a JSON object, found true or false."),
        ("null", "expected a JSON object, found null."),
        ('{"a": ' * 100_000, "JSON that cannot be read (nested too deeply)."),
        ('{"text": "a", "n": ' + "9" * 5000 + "}", "JSON that cannot be read (a number with too many digits)."),
        (
            '{"headline": "x", "texts": "a"}',
            "no field 'text'. Found: headline, texts. Did you mean 'texts'? Name it with --text-field.",
        ),
        ("{}", "no field 'text'. Found: nothing. Name it with --text-field."),
        (
            '{"id": 7, "source": {"name": "x"}, "fields": {"title": "a", "body": "b"}}',  # as ReliefWeb answers
            "no field 'text'. Found: id, source, fields. Name it with --text-field. "
            "'body' stands within 'fields': move what is in that one level up.",
        ),
        ('{"text": 5}', "field 'text' is a number (5), not text."),
        ('{"text": ["a"]}', "field 'text' is a list, not text."),
        ('{"text": {"a": 1}, "title": "b"}', "field 'text' is an object, not text."),
        ('{"text": true}', "field 'text' is true or false, not text."),
        ('{"text": "a", "title": 1.5}', "field 'title' is a number (1.5), not text."),
        ('{"text": "  ", "title": "\\n"}', "empty text, nothing to label."),
        ('{"text": null}', "empty text, nothing to label."),
    ],
)
def test_a_record_that_cannot_be_labelled_is_named_and_the_next_one_is_read(line: str, error: str) -> None:
    lines = ['{"text": "before"}', line, '{"text": "after"}']
    assert found("\n".join(lines)) == ["before", f"feed.jsonl:2: {error}", "after"]


def test_a_record_with_a_wrong_field_keeps_its_columns_and_id() -> None:
    [story] = stories('{"id": 4, "text": 5, "source": "wire"}')
    assert (story.id, story.columns) == (4, {"id": 4, "text": 5, "source": "wire"})


def test_a_named_text_field_must_be_there_even_beside_a_title() -> None:
    line = '{"title": "Truce", "body": "Agreed."}'
    assert found(line, text_field="bdy") == [
        "feed.jsonl:1: no field 'bdy'. Found: title, body. Did you mean 'body'? Name it with --text-field."
    ]


def test_a_message_names_few_and_short_fields() -> None:
    [error] = found(json.dumps({f"{n}" + "x" * 1000: 1 for n in range(50)}))
    assert error is not None
    assert len(error) < 1500


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_json_cannot_hold_become_null(number: str) -> None:
    [story] = stories(f'{{"text": "a", "score": {number}}}')
    assert story.columns["score"] is None


def test_large_whole_numbers_and_fractions_are_kept() -> None:
    [story] = stories(f'{{"text": "a", "id": {10**30}, "score": 0.1}}')
    assert (story.id, story.columns["score"]) == (10**30, 0.1)


def test_lone_surrogates_can_be_read() -> None:
    [story] = stories('{"text": "a \\ud800 b"}')
    assert (story.text, story.error) == ("a \ud800 b", None)


def test_broken_utf_8_is_that_lines_problem() -> None:
    assert found(b'{"text": "a"}\n{"text": "caf\xe9"}\n{"text": "b"}\n') == [
        "a",
        "feed.jsonl:2: not UTF-8 (byte 0xe9 at 14). Name the encoding with --encoding, for example cp1252.",
        "b",
    ]


def test_a_line_of_ten_megabytes_is_read_and_one_over_the_limit_is_named() -> None:
    long = "word " * 2_000_000
    over = "x" * LONGEST_RECORD_BYTES
    lines = "".join(json.dumps({"text": text}) + "\n" for text in (long, over, "after"))
    assert found(lines) == [long, "feed.jsonl:2: longer than 32 MiB.", "after"]


@pytest.mark.parametrize("raw", ["", "\n", " \n\t\n", "\ufeff"])
def test_a_file_without_records_has_no_stories(raw: str) -> None:
    assert stories(raw) == []


@given(st.binary(max_size=80).filter(lambda raw: marked(raw) in (None, "utf-8") and not raw.startswith(b"PK")))
def test_any_bytes_give_one_story_a_line_that_is_not_blank(raw: bytes) -> None:
    lines = [line for _, line in read_lines(io.BytesIO(raw))]
    assert b"".join(line for line in lines if line is not None) == raw.removeprefix(b"\xef\xbb\xbf")
    ended, _ = with_lines(io.BufferedReader(io.BytesIO(raw)), "utf-8")
    lines = [line for _, line in read_lines(ended)]
    # Blank to text, not to bytes: \x1c is white space in one and not in the other.
    filled = [line for line in lines if line is not None and (decode(line)[1] or decode(line)[0].strip())]
    assert len(stories(raw)) == len(filled)


# Tables


@pytest.mark.parametrize(
    ("name", "delimiter"), [("feed.csv", ","), ("feed.csv", ";"), ("feed.tsv", "\t"), ("FEED.CSV", ",")]
)
def test_a_table_is_read_by_its_columns(name: str, delimiter: str) -> None:
    raw = "id,title,text\n7,Truce,Agreed.\n,,\n8,,\n".replace(",", delimiter)
    first, *empty = stories(raw, name)
    assert first == Story("Agreed.", "Truce", "7", {"id": "7", "title": "Truce", "text": "Agreed."})
    assert [(story.id, story.error) for story in empty] == [
        (f"{name}:3", f"{name}:3: empty text, nothing to label."),
        ("8", f"{name}:4: empty text, nothing to label."),
    ]


def test_broken_rows_are_named_by_their_line() -> None:
    assert found('id,text\n1\n2,"a\nb"\n3,c,d\n', "feed.csv") == [
        "feed.csv:2: 1 field, the header has 2. Check quotes and delimiters.",
        "a\nb",
        "feed.csv:5: 3 fields, the header has 2. Check quotes and delimiters.",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "feed.csv:1: no field 'text'. Found: guid, txt. Did you mean 'txt'? Name it with --text-field."),
        (
            {"text_field": "txt", "title_field": "head"},
            "feed.csv:1: no field 'head'. Found: guid, txt. Name it with --title-field.",
        ),
        (
            {"text_field": "txt", "id_field": "gid"},
            "feed.csv:1: no field 'gid'. Found: guid, txt. Did you mean 'guid'? Name it with --id-field.",
        ),
        ({"text_field": "body"}, "feed.csv:1: no field 'body'. Found: guid, txt. Name it with --text-field."),
    ],
)
def test_a_table_without_a_named_column_is_refused_as_a_whole(options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        stories("guid,txt\n1,a\n", "feed.csv", **options)


def test_a_table_with_an_id_field_keeps_its_own_id() -> None:
    [story] = stories("id,guid,text\n1,g,a\n", "feed.csv", id_field="guid")
    assert (story.id, story.columns) == ("g", {"input_id": "1", "guid": "g", "text": "a"})


def test_a_table_without_rows_has_no_stories() -> None:
    assert stories("id,text\n", "feed.csv") == []


@pytest.mark.parametrize("raw", ["", "\n\n"])
def test_an_empty_table_is_refused(raw: str) -> None:
    with pytest.raises(InputError, match=r"^feed\.csv: empty file, expected a header line with column names\.$"):
        stories(raw, "feed.csv")


# Text pages


def test_a_page_of_one_story_is_that_story() -> None:
    [story] = stories(PAGE, "page.txt")
    assert (story.id, story.error) == ("page.txt", None)
    assert {name: story.columns[name] for name in ("page_id", "first_line", "last_line")} == {
        "page_id": "page.txt",
        "first_line": 1,
        "last_line": 2,
    }


def test_without_splitting_a_page_is_taken_whole() -> None:
    raw = "\ufeffOne\r\n\r\nTwo\n"
    assert stories(raw, "page.txt", split=False) == [
        Story("One\r\n\r\nTwo\n", id="page.txt", columns={"text": "One\r\n\r\nTwo\n"})
    ]


@pytest.mark.parametrize("raw", ["", " \n\t\r\n"])
def test_an_empty_page_is_a_story_with_an_error(raw: str) -> None:
    assert found(raw, "page.txt") == ["page.txt: empty, nothing to label."]


def test_a_page_of_another_encoding_is_an_error_until_it_is_named() -> None:
    raw = "Le café est fermé".encode("cp1252")
    assert found(raw, "page.txt") == [
        "page.txt: not UTF-8 (byte 0xe9 at 7). Name the encoding with --encoding, for example cp1252."
    ]
    assert found(raw, "page.txt", encoding="cp1252") == ["Le café est fermé"]


def test_the_place_of_a_broken_byte_is_that_in_the_file() -> None:
    raw = b"\xef\xbb\xbfcaf\xe9"
    assert raw[7 - 1] == 0xE9
    assert found(raw, "page.txt") == [
        "page.txt: not UTF-8 (byte 0xe9 at 7). Name the encoding with --encoding, for example cp1252."
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("named", ["utf-8", "utf-16", "cp1252"])
def test_a_byte_order_mark_says_the_encoding_of_every_format(encoding: str, named: str) -> None:
    page = "text\nLe café 停戦\n"
    assert found(page.encode(encoding), "page.txt", split=False, encoding=named) == [page]
    assert found(page.encode(encoding), "feed.csv", encoding=named) == ["Le café 停戦"]
    lines = '{"text": "Le café"}\n' * 3000
    assert found(lines.encode(encoding), "feed.jsonl", encoding=named) == ["Le café"] * 3000
    assert found(lines.encode(encoding), "feed.tsv", encoding=named, input_format="jsonl") == ["Le café"] * 3000


def test_lines_of_an_encoding_without_a_mark_are_read_where_it_is_named() -> None:
    lines = "text\nLe café\n".encode("utf-16-be")
    assert found(lines, "feed.csv", encoding="utf-16-be") == ["Le café"]


def test_what_breaks_off_within_a_character_is_an_error_after_the_lines_before() -> None:
    raw = ('{"text": "a"}\n' * 2).encode("utf-16")
    Path("feed.jsonl").write_bytes(raw + b"{")
    reading = read_stories(Source("feed.jsonl", "jsonl"), ReadOptions())
    assert [next(reading).text, next(reading).text] == ["a", "a"]
    with pytest.raises(InputError, match=r"^feed\.jsonl: cannot be read \(not UTF-16: truncated data\)\.$"):
        next(reading)


def test_what_is_no_utf_16_although_it_is_marked_says_so() -> None:
    raw = b"\xff\xfea\x00\x00\xdcb\x00"
    message = "not UTF-16 (byte 0x00 at 5), although its byte order mark says so. Save it anew, or take the mark away."
    assert found(raw, "page.txt") == [f"page.txt: {message}"]
    assert found(
        b"\xff\xfe" + "text\nred\n".encode("utf-16-le") + raw[2:] + "\nblue\n".encode("utf-16-le"), "feed.csv"
    ) == [
        "red",
        "feed.csv:3: half a character (a lone surrogate) behind 'a'. Correct it where the file is made.",
        "blue",
    ]


def test_a_file_with_a_mark_and_another_encoding_is_not_told_to_name_one() -> None:
    raw = b'\xef\xbb\xbf{"text": "red"}\n{"text": "caf\xe9"}\n'
    assert found(raw, "feed.jsonl", encoding="cp1252") == [
        "red",
        "feed.jsonl:2: not UTF-8 (byte 0xe9 at 14), although its byte order mark says so. "
        "Save the file anew, or take the mark away.",
    ]


def test_standard_input_is_looked_at_in_the_encoding_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = '{"text": "red"}\n'.encode("utf-16-be")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    [story] = read_stories(Source("-", ""), ReadOptions(encoding="utf-16-be"))
    assert story.text == "red"


def test_a_page_that_cannot_be_read_is_a_row_of_its_page() -> None:
    for options, columns in (({}, {"page_id": "page.txt"}), ({"split": False}, {})):
        [story] = stories(b"caf\xe9", "page.txt", **options)
        assert (story.columns, story.error is None) == (columns, False)


@pytest.mark.parametrize("encoding", ["utf-9", "undefined"])
@pytest.mark.parametrize("name", ["page.txt", "feed.csv", "feed.jsonl"])
def test_an_encoding_that_is_not_known(name: str, encoding: str) -> None:
    message = rf"^encoding '{encoding}' is not known\. Try utf-8, cp1252, latin-1 or utf-16\.$"
    with pytest.raises(InputError, match=message):
        stories("text\na\n", name, encoding=encoding)


def test_a_page_over_the_limit_is_named() -> None:
    assert found(b"x" * (LONGEST_RECORD_BYTES + 1), "page.txt") == [
        "page.txt: longer than 32 MiB. Cut it into smaller files."
    ]


# Names, folders, patterns


def names(*inputs: str, **options: Any) -> list[str]:
    """The sources found, with / between the parts."""
    return [Path(source.name).as_posix() for source in find_sources(inputs, **options)]


def touch(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()


def test_a_folder_is_all_readable_files_below_it_sorted_and_hidden_ones_left_out() -> None:
    touch("in/b.txt", "in/a.jsonl", "in/deep/er/c.csv", "in/d.tsv", "in/e.ndjson", "in/photo.png", "in/README")
    touch("in/.hidden.txt", "in/.git/f.txt")
    assert names("in") == ["in/a.jsonl", "in/b.txt", "in/d.tsv", "in/deep/er/c.csv", "in/e.ndjson"]


def test_a_folder_below_a_hidden_or_parent_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(".data/feeds/a.txt", "work/er/b.txt")
    assert names(str(tmp_path / ".data")) == [(tmp_path / ".data/feeds/a.txt").as_posix()]
    monkeypatch.chdir(tmp_path / "work" / "er")
    assert names("../../.data/feeds") == ["../../.data/feeds/a.txt"]


def test_a_pattern_is_all_files_that_match() -> None:
    touch("a1.txt", "a2.txt", "b.txt", "deep/er/a3.txt")
    Path("a4.txt").mkdir()
    assert names("a*.txt") == ["a1.txt", "a2.txt"]
    assert names("**/a?.txt") == ["a1.txt", "a2.txt", "deep/er/a3.txt"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file() -> None:
    touch("a[1].txt", "a1.txt")
    assert names("a[1].txt") == ["a[1].txt"]


def test_inputs_keep_their_order() -> None:
    touch("b.txt", "a.csv")
    assert find_sources(["b.txt", "-", "a.csv"]) == [
        Source("b.txt", "txt"),
        Source("-", ""),
        Source("a.csv", "csv"),
    ]


def test_an_input_format_is_for_all_names() -> None:
    touch("feed.log", "page.txt")
    assert find_sources(["feed.log", "page.txt", "-"], "jsonl") == [
        Source("feed.log", "jsonl"),
        Source("page.txt", "jsonl"),
        Source("-", "jsonl"),
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pagee.txt", "pagee.txt: no such file. Did you mean 'page.txt'?"),
        ("none/page.txt", "none/page.txt: no such file."),
        ("*.csv", "*.csv: no file matches this pattern."),
        (
            "empty",
            f"empty: no {KNOWN} file in this folder or below. Name the format of its other files with --input-format.",
        ),
        (
            "feed.dat",
            f"feed.dat: format not known from its name. Known: {KNOWN}, also with .gz or .zst. "
            "Rename it or name the format with --input-format.",
        ),
        ("", "an input is empty (''). Name a file, a folder, or '-' for standard input."),
        (
            "A truce was signed. " * 30,
            "A truce was signed. A truce was signed. A truce was signed. …: not a file (File name too long). "
            "Give a story itself with --text, or to '-'.",
        ),
    ],
)
def test_an_input_that_is_not_there_or_not_known(name: str, message: str) -> None:
    touch("page.txt", "feed.dat", "empty/photo.png")
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        names(name)


def test_everything_that_is_missing_is_named_at_once() -> None:
    touch("a.txt")
    message = (
        "input: 3 problems\n  - b.txt: no such file. Did you mean 'a.txt'?\n  - *.csv: no file matches this pattern.\n"
        "  - -: standard input can be read once. Name it once."
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        names("a.txt", "b.txt", "-", "*.csv", "-")


def test_a_file_that_cannot_be_read_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"^gone\.txt: cannot be read \(No such file or directory\)\.$"):
        list(read_stories(Source("gone.txt", "txt"), ReadOptions()))
    if Path("/proc/self/mem").exists():  # opens, and fails at the first read
        with pytest.raises(InputError, match=r"^/proc/self/mem: cannot be read \(Input/output error\)\.$"):
            list(read_stories(Source("/proc/self/mem", "jsonl"), ReadOptions()))


# Standard input


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b'{"text": "Talks open in the capital"}\n', "jsonl"),
        (b'\xef\xbb\xbf \r\n {"text": "Talks open in the capital"}\n', "jsonl"),
        (b"Talks open in the capital", "txt"),
        (b"[Talks] open in the capital", "txt"),
    ],
)
def test_standard_input_is_json_lines_or_a_page_by_its_beginning(
    raw: bytes, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, write = os.pipe()
    os.write(write, raw)
    os.close(write)
    with open(read, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        [story] = read_stories(Source("-", ""), ReadOptions())
    assert story.error is None
    assert story.text.replace("[", "").replace("]", "") == "Talks open in the capital"
    assert str(story.id).startswith("stdin:") == (kind == "jsonl")


@pytest.mark.parametrize(
    "start",
    [
        "<!doctype html>\n<html>",
        "<HTML lang='en'>",
        " \r\n<!-- <rss> -->\n<!-- saved --><html>",
        "<!DOCTYPE HTML><head></head>",
        "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x.dtd'><html>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_html_on_standard_input_is_read_like_a_file_of_it(
    start: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "<body><p>The army shelled the café of Ebro on Monday, officials said.</p></body>"
    raw = f"{start}<meta charset={encoding.removesuffix('-sig')}>{body}</html>".encode(encoding)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    [story] = read_stories(Source("-", ""), ReadOptions())
    assert (story.text, story.id) == ("The army shelled the café of Ebro on Monday, officials said.", "stdin")


@pytest.mark.parametrize(
    "raw",
    [
        "<p>Talks <b>open</b> in Geneva.</p>",
        "<meta charset=utf-8><title>Talks</title><p>Talks open in Geneva.</p>",
        "<!-- saved --><ARTICLE class=x><h1>Talks</h1><p>Talks open in Geneva.</p></ARTICLE>",
        "<pre>Talks open in Geneva.</pre>",
    ],
)
def test_a_part_of_a_page_on_standard_input_is_html(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw.encode())))
    [story] = read_stories(Source("-", ""), ReadOptions())
    assert story.text.split("\n")[-1] == "Talks open in Geneva."


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("<html><p>Talks open.", "txt"),
        ("<htmlx> Talks", ""),
        ("<!-- <html> --> Talks", ""),
        ("<p>Talks open, and a tag stands there by mistake.", ""),
        ("<b>Talks</b> <p>open</p>", ""),
        ("<?xml version='1.0'?><article><p>Talks</p><source>Radio</source></article>", ""),
    ],
)
def test_standard_input_that_is_no_html_or_is_named_a_text_stays_a_text(
    raw: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw.encode())))
    [story] = read_stories(Source("-", named), ReadOptions())
    assert story.text == raw


def test_standard_input_takes_a_named_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"id,text\n4,a\n")))
    [story] = read_stories(Source("-", "csv"), ReadOptions())
    assert story == Story("a", id="4", columns={"id": "4", "text": "a"})
