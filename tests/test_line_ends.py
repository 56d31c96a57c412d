"""Lines that end in a carriage return alone, as in Excel's "CSV (Macintosh)", and carriage returns that end none."""

from __future__ import annotations

import io
import json

import pytest

from classifier.lines import with_lines
from classifier.sources import Source
from classifier.stories import ReadOptions, Story, read_stories

ROWS = ["title,text", "Talks,Envoys agreed", "Quake,Hundreds slept"]
STORIES = [("Talks", "Envoys agreed"), ("Quake", "Hundreds slept")]
STRAY = "a carriage return stands in a field without quotes. Put the field in quotes, or end all lines alike."

pytestmark = pytest.mark.usefixtures("in_tmp")


def stories(raw: bytes, kind: str = "csv", encoding: str = "utf-8") -> list[Story]:
    with open(f"feed.{kind}", "wb") as file:
        file.write(raw)
    return list(read_stories(Source(f"feed.{kind}", kind), ReadOptions(encoding=encoding)))


def read(raw: bytes, kind: str = "csv", encoding: str = "utf-8") -> list[tuple[str, str]]:
    return [(story.title, story.text) for story in stories(raw, kind, encoding)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "mac-roman"])
@pytest.mark.parametrize("ends", [("\r", "\r"), ("\r", "\r\n"), ("\r", "\n")])
def test_a_table_whose_header_ends_in_a_carriage_return_is_read(ends: tuple[str, str], encoding: str) -> None:
    header, first, second = ROWS
    raw = header + ends[0] + first + ends[1] + second + ends[0]
    found = stories(raw.encode(encoding), encoding=encoding)
    assert [(story.title, story.text, story.where) for story in found] == [
        ("Talks", "Envoys agreed", "feed.csv:2"),
        ("Quake", "Hundreds slept", "feed.csv:3"),
    ]


def test_line_breaks_in_quotes_stay_in_their_field() -> None:
    assert read(b'title,"the\ntext"\rTalks,"Envoys\nmet"\r') == [("Talks", "")]
    assert read(b'title,text\rTalks,"Envoys\nmet,\r""again"""\rQuake,b\r') == [
        ("Talks", 'Envoys\nmet,\n"again"'),
        ("Quake", "b"),
    ]


def test_json_lines_that_end_so_are_read() -> None:
    lines = [json.dumps({"title": title, "text": f'{text} "here" \\'}) for title, text in STORIES]
    assert read("\r".join(lines).encode(), "jsonl") == [(title, f'{text} "here" \\') for title, text in STORIES]
    assert read(("[\r" + ",\r".join(lines) + "\r]").encode(), "json") == read("\n".join(lines).encode(), "jsonl")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n"])
def test_lines_that_end_in_a_line_feed_stay_whatever_they_hold(end: bytes) -> None:
    head, talks, quake = (row.encode() for row in ROWS)
    good, stray, last = stories(end.join([head, talks, b"Flood,Rain\rfell", quake, b""]))
    assert (good.text, stray.error, last.text) == ("Envoys agreed", f"feed.csv:3: {STRAY}", "Hundreds slept")
    assert read(end.join([head, b'Talks,"Envoys\rmet"', b""])) == [("Talks", "Envoys\rmet")]
    assert read(end.join([b'title,"a\rb",text', b"Talks,1,Envoys", b""])) == [("Talks", "Envoys")]
    assert read(end.join([b'{"title": "Talks",\r"text": "a"}', b'{"text": "b"}']), "jsonl")[-1] == ("", "b")


@pytest.mark.parametrize("size", [1, 7, 8191, 8192, 8193])
def test_a_line_end_that_two_blocks_share_is_one(size: int) -> None:
    raw = b"a\rb" + b"x" * (size - 3 if size > 3 else 0) + b"\r\nc\r\rd\n"
    file, _ = with_lines(io.BufferedReader(io.BytesIO(raw), 4), "utf-8")
    assert file.read() == raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
