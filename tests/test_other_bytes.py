"""Bytes that are no UTF-8: what is said of another encoding, of half a character, and of a zip (an Excel file)."""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from pathlib import Path

import pytest

from classifier import InputError
from classifier.lines import decode
from classifier.source_check import broken_sources
from classifier.sources import find_sources
from classifier.stories import ReadOptions, Story, read_stories

HALF = "half a character (a lone surrogate) behind 'talks '. Correct it where the file is made."
ZIP = "a zip archive. Unpack it, or name it .xlsx or .docx if it is one."
PIPED_ZIP = (
    "a zip archive. Unpack it, or save a spreadsheet or Word document as a file that ends in .xlsx or .docx, "
    "and name that."
)

pytestmark = pytest.mark.usefixtures("in_tmp")


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("sheet.xml", "title,text\nTalks,Envoys agreed\n")
    return made.getvalue()


def stories(name: str, raw: bytes, input_format: str | None = None) -> list[Story]:
    if name != "-":
        Path(name).write_bytes(raw)
    [source] = find_sources([name], input_format)
    return list(read_stories(source, ReadOptions()))


def test_half_a_character_is_said_only_where_all_else_is_utf_8() -> None:
    assert decode(b"talks \xed\xa0\x80 caf\xc3\xa9") == ("", HALF)
    for raw in (b"caf\xe9 \xed\xa0\x80", b"caf\xe9 " + "한국".encode("euc-kr") + b"\xed\xb0"):
        assert decode(raw)[1] == "not UTF-8 (byte 0xe9 at 4). Name the encoding with --encoding, for example cp1252."


def test_a_feed_in_another_encoding_is_told_to_name_it() -> None:
    feed = "<rss><channel><item><title>한국 정부, 재해 대책 회의</title></item></channel></rss>".encode("euc-kr")
    with pytest.raises(InputError, match=r"^feed\.xml: not UTF-8 \(byte 0xc7 at 28\)\. Name the encoding with"):
        stories("feed.xml", feed.replace(b"</title>", b"\xed\xb0</title>"))


@pytest.mark.parametrize("input_format", ["csv", "jsonl", "json", "txt", "html", "feed"])
def test_a_zip_is_called_one_in_every_format(input_format: str) -> None:
    for name, raw in (("stories.xlsx", zipped()), ("stories.xlsx.gz", gzip.compress(zipped()))):
        with pytest.raises(InputError) as caught:
            stories(name, raw, input_format)
        assert str(caught.value) == f"{name}: {ZIP}"
    assert broken_sources(find_sources(["stories.xlsx"], "csv"), ReadOptions()) == find_sources(["stories.xlsx"], "csv")


def test_a_zip_on_standard_input_is_to_be_saved_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(zipped())))
    with pytest.raises(InputError) as caught:
        stories("-", b"")
    assert str(caught.value) == f"stdin: {PIPED_ZIP}"


def test_a_text_that_begins_with_the_same_letters_is_read() -> None:
    assert [story.text for story in stories("page.txt", b"PK 3 reached the strait on Monday.")] == [
        "PK 3 reached the strait on Monday."
    ]
