"""Compressed files, Parquet and HTML are read like plain text: same stories, same places, same care."""

from __future__ import annotations

import datetime
import gc
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from classifier.errors import InputError, MissingExtraError
from classifier.formats import format_of
from classifier.job_input import identity
from classifier.meter import Meter
from classifier.sources import Source, find_sources
from classifier.stories import ReadOptions, Story, read_stories

LINES = "".join(json.dumps({"id": number, "text": f"story {number}"}) + "\n" for number in range(2000)).encode()
PAGE = """<html><head><title>Flood cuts the coast road</title></head><body><nav><a href="/">Home</a> <a>World</a></nav>
<article><h1>Flood cuts the coast road</h1>
<p>The river rose overnight and cut the road along the coast, leaving four villages without a way out.</p>
<p>Rescue teams reached the first of them by boat in the morning and brought out thirty people, the mayor said.</p>
</article><footer>Copyright, all rights reserved</footer></body></html>"""


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(name: str, meter: Meter | None = None, **options: Any) -> list[Story]:
    [source] = find_sources([name])
    return list(read_stories(source, ReadOptions(**options), meter))


def zstd(name: str, raw: bytes) -> None:
    with pyarrow.output_stream(name, compression="zstd") as file:
        file.write(raw)


def write_parquet(name: str, **columns: Any) -> None:
    parquet.write_table(pyarrow.table(columns), name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jsonl", ("jsonl", None)),
        ("a.JSONL.GZ", ("jsonl", "gz")),
        ("a.b.csv.zst", ("csv", "zst")),
        ("a.tsv", ("csv", None)),
        ("a.htm", ("html", None)),
        ("a.parquet", ("parquet", None)),
        ("a.gz", ("", "gz")),
        ("a.xml.gz", ("feed", "gz")),
        ("a.pdf.gz", ("", "gz")),
    ],
)
def test_format_and_compression_go_by_the_name(name: str, expected: tuple[str, str | None]) -> None:
    assert format_of(Path(name)) == expected


def test_compressed_files_give_the_stories_of_the_plain_one() -> None:
    Path("a.jsonl").write_bytes(LINES)
    Path("b.jsonl.gz").write_bytes(gzip.compress(LINES[:5000]) + gzip.compress(LINES[5000:]))
    zstd("c.jsonl.zst", LINES)
    texts = [[story.text for story in read(name)] for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.zst")]
    assert len(texts[0]) == 2000
    assert texts[0] == texts[1] == texts[2]


def test_reading_zstandard_says_nothing_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    zstd("a.jsonl.zst", LINES)
    assert len(read("a.jsonl.zst")) == 2000
    gc.collect()  # pyarrow closes what it reads from when it is gone
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst"])
def test_a_compressed_file_that_breaks_off_is_an_error_and_not_an_end(name: str) -> None:
    if name.endswith("gz"):
        Path(name).write_bytes(gzip.compress(LINES)[:-300])
    else:
        zstd(name, LINES)
        Path(name).write_bytes(Path(name).read_bytes()[:-30])
    with pytest.raises(InputError, match=rf"{name}: cannot be read \(.+\)"):
        read(name)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.zst", "a.parquet"])
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str) -> None:
    Path(name).write_bytes(b"text\nplain words, neither packed nor typed\n")
    with pytest.raises(InputError, match=rf"^{name}: (cannot be read|not Parquet, or damaged) \(.+"):
        read(name)


def test_parquet_rows_are_stories_with_their_own_types() -> None:
    day = datetime.datetime(2024, 3, 1, 12, 30)
    write_parquet("a.parquet", id=[7, 8, 9], text=["talks", None, "flood"], seen=[day] * 3, tags=[["x"], [], None])
    first, second, third = read("a.parquet")
    assert (first.id, first.text, first.columns["seen"], first.columns["tags"]) == (7, "talks", day, ["x"])
    assert second.error == "a.parquet:2: empty text, nothing to label."
    assert third.id == 9


def test_parquet_without_the_named_column_is_refused() -> None:
    write_parquet("a.parquet", id=[1], txt=["talks"])
    with pytest.raises(InputError, match=r"a\.parquet: no field 'text'. Found: id, txt. Did you mean 'txt'?"):
        read("a.parquet")


def test_parquet_bytes_that_are_text_are_read_as_text() -> None:
    write_parquet("a.parquet", title=[b"Truce", None], text=["café".encode(), b"flood"], key=[b"\xff", b"k"])
    first, second = read("a.parquet")
    assert (first.title, first.text, second.title, second.text) == ("Truce", "café", "", "flood")
    assert first.columns == {"title": "Truce", "text": "café", "key": b"\xff"}


def test_parquet_bytes_that_do_not_fit_are_an_error_that_names_the_encoding() -> None:
    write_parquet("a.parquet", text=["café".encode("cp1252"), b"flood"])
    first, second = read("a.parquet")
    assert first.error == (
        "a.parquet:1: field 'text' holds bytes, not UTF-8 (byte 0xe9 at 4). "
        "Name the encoding with --encoding, for example cp1252."
    )
    assert (first.columns["text"], second.text) == (b"caf\xe9", "flood")
    assert [story.text for story in read("a.parquet", encoding="cp1252")] == ["café", "flood"]


def test_a_parquet_text_of_another_type_is_called_by_it() -> None:
    write_parquet("a.parquet", text=[datetime.date(2024, 3, 1)])
    assert read("a.parquet")[0].error == "a.parquet:1: field 'text' is a date (2024-03-01), not text."


def test_parquet_with_two_columns_of_one_name_is_refused_like_a_table() -> None:
    twice = pyarrow.table([pyarrow.array(["a"])] * 4, names=["text", "id", "text", "id"])
    parquet.write_table(twice, "a.parquet")
    with pytest.raises(InputError, match=r"^a\.parquet: two columns are named 'id', 'text'\. Rename one of them\.$"):
        read("a.parquet")


def test_an_html_page_gives_its_main_text_and_title() -> None:
    Path("a.html").write_text(PAGE, encoding="utf-8")
    [story] = read("a.html", split=False)
    assert story.title == "Flood cuts the coast road"
    assert "Rescue teams" in story.text
    assert "Copyright" not in story.text


@pytest.mark.parametrize("split", [True, False])
def test_a_headline_alone_is_enough_for_an_html_page(split: bool) -> None:
    Path("a.html").write_text("<html><head><title>Flood cuts the road</title></head><body></body></html>")
    [story] = read("a.html", split=split)
    assert (story.title, story.text, story.error) == ("Flood cuts the road", "", None)


@pytest.mark.parametrize(
    ("markup", "mark"),
    [
        ("{}", ""),
        ("<p>{}</p>", ""),
        ("<div><script>var x = 1</script><style>p {{}}</style><p>{}</p></div>", ""),
        ("<!-- a comment that is longer than fifty characters --><html><body><p>{}</p></body></html>", ""),
        ("<?xml version='1.0' encoding='utf-8'?><p>{}</p>", ""),
        ("<table><tr><td>{}</td></tr></table>", "|"),
    ],
)
@pytest.mark.parametrize("split", [True, False])
def test_a_part_of_an_html_page_is_read_as_a_page(markup: str, mark: str, split: bool) -> None:
    said = "The army shelled the café of Ebro, killing < 5 people on Monday, officials said."
    Path("a.html").write_text(markup.format(said), encoding="utf-8")
    [story] = read("a.html", split=split)
    assert (story.text.strip(f"{mark} "), story.title, story.error) == (said, "", None)


def test_a_part_of_an_html_page_has_its_headline_and_its_paragraphs() -> None:
    Path("a.html").write_text("<div><h1>Flood in Ost</h1><p>The river rose.</p><p>It fell.</p></div>", encoding="utf-8")
    [story] = read("a.html", split=False)
    assert (story.title, story.text) == ("Flood in Ost", "The river rose.\nIt fell.")


def test_a_table_of_short_cells_stays_in_its_story() -> None:
    said = "<p>The ministry gave these figures for the air strikes on Monday night, by region.</p>"
    rows = (
        "<tr><th>Region</th><th>Killed</th><th>Hurt</th></tr>",
        "<tr><td>Odrava</td><td>12 men</td><td>30</td></tr>",
    )
    table = f"<article><h1>Toll of the strikes</h1>{said}<table>{''.join(rows)}</table></article>"
    Path("a.html").write_text(f"<html><body>{table}</body></html>", encoding="utf-8")
    [story] = read("a.html")
    assert story.text.split("\n")[-2:] == ["| Region | Killed | Hurt |", "| Odrava | 12 men | 30 |"]


@pytest.mark.parametrize("markup", ["<html><body></body></html>", "", " \n", "<script>var x</script>", "<!-- n -->"])
def test_an_html_page_without_text_is_a_row_with_an_error(markup: str) -> None:
    Path("a.html").write_text(markup, encoding="utf-8")
    [story] = read("a.html")
    assert story.error == "a.html: empty, nothing to label."


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.parquet"])
def test_the_meter_ends_at_the_size_of_the_file(name: str) -> None:
    if name == "a.parquet":
        write_parquet(name, text=[f"story {number}" for number in range(900)])
    else:
        Path(name).write_bytes(gzip.compress(LINES) if name.endswith("gz") else LINES)
    meter = Meter()
    read(name, meter)
    assert meter.read_bytes == Path(name).stat().st_size


def test_a_changed_file_has_another_identity() -> None:
    Path("a.jsonl").write_bytes(LINES)
    before = identity(Source("a.jsonl", "jsonl"))
    Path("a.jsonl").write_bytes(LINES + b"{}\n")
    assert identity(Source("a.jsonl", "jsonl")) != before
    Path("a.jsonl").write_bytes(b"[" + LINES[1:])
    assert identity(Source("a.jsonl", "jsonl")) != before
    Path("empty.jsonl").touch()
    assert identity(Source("empty.jsonl", "jsonl")).startswith("0 bytes")


def test_a_folder_gives_all_known_files_and_no_unfinished_job() -> None:
    for name in ("a.jsonl.gz", "b.parquet", "c.html", "d.xml", "out.jsonl.job/rows.jsonl", ".hidden.txt"):
        path = Path("feed", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert [Path(source.name).name for source in find_sources(["feed"])] == ["a.jsonl.gz", "b.parquet", "c.html"]


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl.zst"])
def test_without_arrow_the_message_names_the_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(name).write_bytes(b"x")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"Parquet or Zstandard file needs the extra 'parquet'.*\[parquet\]"):
        read(name)
