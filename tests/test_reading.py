"""Files and pages in Python: the same stories as by the command, messages that speak of arguments, the page on it."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from classifier import (
    Classifier,
    InputError,
    InputWarning,
    MissingExtraError,
    json_line,
    output_row,
    read_files,
    read_page,
)
from classifier.predict import main

ROOT = Path(__file__).parents[1]
HTML = (
    "<html><head><title>Quake shakes the coast</title></head><body><nav>Home</nav><article><h1>Quake shakes the coast"
    f"</h1><p>{'Hundreds slept in the open after the second shock on Friday. ' * 6}</p></article></body></html>"
)


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the examples."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_rows_are_those_of_the_command(examples: Path) -> None:
    (examples / "broken.jsonl").write_text('{"text": "Quake shakes the coast"}\n{"text": \n{"txt": 1}\n')
    inputs = ["examples/page.txt", "examples/test.jsonl", "broken.jsonl"]
    assert main([*inputs, "-o", "out.jsonl", "--quiet", "--split", "all"]) == 3
    stream = Classifier.load().stream(read_files(*map(Path, inputs), split="all"))
    rows = [json.loads(json_line(output_row(story, prediction))) for story, prediction in stream]
    said = [json.loads(line) for line in (examples / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row | {"error": None} for row in rows] == [row | {"error": None} for row in said]
    assert [row["error"] for row in rows] == [row["error"] and row["error"].replace("--text-", "text_") for row in said]


def test_a_page_that_is_held_is_read_like_a_file() -> None:
    page = (ROOT / "examples" / "page.txt").read_text(encoding="utf-8")
    stories = read_page(page, name="https://example.org/p")
    assert [story.id for story in stories] == [f"https://example.org/p#{number}" for number in range(1, 6)]
    assert stories == read_page(page.encode(), name="https://example.org/p")
    assert [story.text for story in stories] == [story.text for story in read_files(ROOT / "examples" / "page.txt")]
    assert [story.text for story in read_page(page, split="none")] == [page]
    (story,) = read_page(HTML)
    assert (story.id, story.title) == ("page", "Quake shakes the coast")
    assert "Home" not in story.text
    latin = HTML.replace("<head>", "<head><meta charset=iso-8859-1>").replace("coast", "café").encode("latin-1")
    assert read_page(latin)[0].title == "Quake shakes the café"


def test_text_is_text_whatever_encoding_is_named_or_declared() -> None:
    for encoding in (None, "cp1252", "utf-16"):
        assert read_page("Le café est fermé", encoding=encoding)[0].text == "Le café est fermé"
    page = HTML.replace("<head>", "<head><meta charset=iso-2022-jp>").replace("coast", "café \x1b")
    assert "café" in read_page(page)[0].title
    assert read_page("Le café".encode("cp1252"), encoding="cp1252")[0].text == "Le café"


def test_the_fields_and_the_format_of_a_page_can_be_named() -> None:
    answer = json.dumps({"articles": [{"url": "https://x", "headline": "Quake", "content": "It shook."}]})
    (story,) = read_page(answer, text_field="content", title_field="headline", id_field="url")
    assert (story.id, story.title, story.text) == ("https://x", "Quake", "It shook.")
    with pytest.warns(InputWarning, match="Name the field of the text with text_field") as said:
        assert [story.text for story in read_page('{"articles": [{"title": "Quake", "content": "It shook."}]}')] == [""]
    assert said[0].filename == __file__
    assert [story.text for story in read_page("text,id\nQuake,1\n", input_format="csv")] == ["Quake"]
    assert read_page("{Reuters} Quake shakes", input_format="txt")[0].text == "{Reuters} Quake shakes"
    assert read_page("[]") == []


def test_feeds_and_answers_are_read_by_how_they_begin() -> None:
    feed = (
        "<rss version='2.0'><channel><item><title>Quake</title></item><item><title>Truce</title></item></channel></rss>"
    )
    assert [story.title for story in read_page(feed)] == ["Quake", "Truce"]
    answer = json.dumps({"status": "ok", "articles": [{"title": "Quake", "text": "It shook."}, {"title": "Truce"}]})
    assert [(story.title, story.text) for story in read_page(answer)] == [("Quake", "It shook."), ("Truce", "")]
    assert [story.text for story in read_page('{"text": "Quake"}\n{"text": "Truce"}\n')] == ["Quake", "Truce"]


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ("", "page: empty, nothing to label."),
        (" \n", "page: empty, nothing to label."),
        (b"\xe9t\xe9", 'Name the encoding with encoding="cp1252".'),
        ("\ud83d Quake", "half a character (a lone surrogate) behind ''"),
        ("Quake shakes the coast".encode("utf-16-le"), 'Name the encoding with encoding="utf-16-le".'),
        ("Quake in the caf\u00e9".encode("utf-16-be"), 'Name the encoding with encoding="utf-16-be".'),
        (f"<html><body>{'<ul><li>item ' * 990}", "HTML with too many elements within one another"),
        (f"<html>{'<div>' * 3000}Quake", "HTML with too many elements within one another"),
        ("x" * (1 << 25) + "yz", "longer than 32 MiB"),
        ('{"a": 1}\n', "Name it with text_field."),
    ],
)
def test_a_page_that_cannot_be_read_is_a_story_with_an_error(page: str | bytes, error: str) -> None:
    (story,) = read_page(page)
    assert error in str(story.error)
    assert story.columns.get("page_id", "page") == "page"
    assert Classifier.load().classify(story).error == story.error


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF, no text. Save its text as .txt."),
        (b"{\\rtf1\\ansi Quake}", "RTF, no text. Save it as .txt or .docx."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a file of an old Office, no text. Save it as .docx or .xlsx, and name that."),
        (b"PAR1\x15\x04", "Parquet, no text. It is read from a file that ends in .parquet."),
        (b"\x1f\x8b\x08\x00", "packed by gzip, no text. It is read from a file that ends in .gz."),
        (b"\x28\xb5\x2f\xfd\x04", "packed by Zstandard, no text. It is read from a file that ends in .zst."),
        (b"\x89PNG\r\n", "a picture or film, no text."),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a picture or film, no text."),
        (b"\n%PDF-1.4", "a PDF, no text. Save its text as .txt."),
        (b"BZh91AY&SY", "an archive, no text. Unpack it."),
        (b"SQLite format 3\0", "a database, no text. Save its table as .csv."),
    ],
)
def test_bytes_of_another_kind_are_named(start: bytes, kind: str, tmp_path: Path) -> None:
    (story,) = read_page(start, name="https://x")
    assert story.error == f"https://x: {kind}"
    file = tmp_path / "page.txt"
    file.write_bytes(start)
    assert [story.error for story in read_files(file)] == [f"{file}: {kind}"]


@pytest.mark.parametrize("text", ["Rar! A cry went up.", "PAR1S: cover story", "Quake shakes the coast" + "\0" * 90])
def test_texts_that_begin_like_another_kind_are_texts(text: str) -> None:
    assert read_page(text)[0].error is None


def test_arguments_of_a_page_that_make_no_sense_raise() -> None:
    assert "zip archive" in str(read_page(b"PK\x03\x04")[0].error)
    with pytest.raises(InputError, match="utf-9"):
        read_page(b"Quake", encoding="utf-9")
    with pytest.raises(TypeError, match="expected a page as str or bytes, got NoneType"):
        read_page(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a name as str, got 7"):
        read_page("Quake", name=7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="input_format is 'parquet', expected one of 'csv', 'feed', 'html', "):
        read_page("Quake", input_format="parquet")


def test_wrong_arguments_are_said_at_once_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text("body,day\nQuake shakes the coast,1\n")
    (tmp_path / "notes").write_text("Quake")
    with pytest.raises(InputError, match=r"feed\.csv:1: no field 'text'.*Name it with text_field\.") as caught:
        read_files(tmp_path / "feed.csv")
    assert "--" not in str(caught.value)
    with pytest.raises(InputError, match=r"name the format with input_format\.$"):
        read_files(tmp_path / "notes")
    with pytest.raises(InputError, match=r"nope\.csv: no such file\."):
        read_files(tmp_path / "nope.csv")
    with pytest.raises(ValueError, match="split is 'pages', expected one of 'auto', 'all', 'none'"):
        read_files(tmp_path / "feed.csv", split="pages")
    with pytest.raises(ValueError, match="input_format is 'xml', expected one of 'csv', "):
        read_files(tmp_path / "feed.csv", input_format="xml")
    with pytest.raises(InputError, match="nothing to read"):
        read_files()
    (story,) = read_files(tmp_path / "feed.csv", text_field="body", id_field="day")
    assert (story.text, story.id) == ("Quake shakes the coast", "1")
    (story,) = read_files(tmp_path / "notes", input_format="txt")
    assert story.text == "Quake"


def test_what_is_most_likely_a_mistake_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "table.txt").write_text("text,id\nQuake,1\n")
    with pytest.warns(InputWarning, match='Read it as a table with input_format="csv"'):
        list(read_files(tmp_path / "table.txt"))


def test_a_source_that_breaks_off_is_a_story_and_the_next_is_read(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"text": "Quake shakes the coast"}\n' * 3000)
    (tmp_path / "a.jsonl.gz").write_bytes(packed[:-20])
    (tmp_path / "b.jsonl").write_text('{"text": "Truce holds"}\n')
    *first, broken, last = read_files(tmp_path)
    assert all(story.error is None for story in first)
    assert "the compressed data is cut off" in str(broken.error)
    assert last.text == "Truce holds"


def test_the_examples_on_the_page_run(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    found: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL):
        exec(block, found)
    shown = re.findall(r"print\(.*# (https://.*) …", page)
    assert shown
    assert all(line in capsys.readouterr().out for line in shown)
    assert len((examples / "labelled.jsonl").read_text(encoding="utf-8").splitlines()) == 85


def test_a_missing_extra_is_said_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Quake shakes the coast")
    (tmp_path / "b.html").write_text(HTML)
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(MissingExtraError, match=r"^reading HTML needs the extra 'html'\."):
        read_files(tmp_path)
    (tmp_path / "b.html").rename(tmp_path / "b.rss")
    monkeypatch.setitem(sys.modules, "lxml.html", None)
    with pytest.raises(MissingExtraError, match=r"^reading feeds needs the extra 'html'\."):
        read_files(tmp_path)
