"""Folders and patterns: each file once whatever links there are, no job of ours, and nothing unreadable in silence."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from classifier import InputError
from classifier.sources import find_sources


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names in messages are relative to an empty folder."""
    monkeypatch.chdir(tmp_path)


def touch(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()


def names(*inputs: str, output: str | None = None) -> list[str]:
    """The sources found, with / between the parts."""
    target = None if output is None else Path(output)
    return [Path(source.name).as_posix() for source in find_sources(inputs, output=target)]


def refused(message: str, *inputs: str, output: str | None = None) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        names(*inputs, output=output)


# What a job writes is no input


@pytest.mark.parametrize("pattern", ["*.jsonl", "**/*.jsonl", "*"])
def test_a_pattern_takes_neither_the_output_nor_the_folder_of_its_job(pattern: str) -> None:
    touch("a.jsonl", "out.jsonl", "out.jsonl.job/rows.jsonl")
    assert names(pattern, output="out.jsonl") == ["a.jsonl"]


def test_a_folder_gives_neither_the_output_nor_an_unfinished_job() -> None:
    touch("feed/a.jsonl", "feed/out.jsonl", "feed/out.jsonl.job/rows.jsonl", "feed/old.csv.job/rows.jsonl")
    assert names("feed", output="feed/out.jsonl") == ["feed/a.jsonl"]
    assert names("feed") == ["feed/a.jsonl", "feed/out.jsonl"]


def test_the_file_by_which_office_locks_one_is_left_out_where_a_shell_names_it() -> None:
    touch("~$book.xlsx", "book.xlsx")
    assert names("book.xlsx", "~$book.xlsx") == names("*.xlsx") == ["book.xlsx"]
    assert names("~$book.xlsx") == ["~$book.xlsx"]


def test_a_pattern_takes_no_unfinished_job_of_another_output() -> None:
    touch("a.jsonl", "old.csv.job/rows.jsonl")
    assert names("**/*.jsonl") == ["a.jsonl"]
    refused("*/*.jsonl: no file matches this pattern.", "*/*.jsonl")


def test_a_pattern_below_a_folder_of_such_a_name_is_meant() -> None:
    touch("print.job/a.jsonl")
    assert names("print.job/*.jsonl") == ["print.job/a.jsonl"]


def test_the_folder_of_the_own_job_among_names_is_passed_over_and_of_another_is_refused() -> None:
    touch("a.jsonl", "out.jsonl.job/rows.jsonl")
    assert names("a.jsonl", "out.jsonl.job", output="out.jsonl") == ["a.jsonl"]
    message = "out.jsonl.job: holds a job that is not done, which is no input. Finish it, and name its output."
    refused(message, "a.jsonl", "out.jsonl.job")
    refused(message, "out.jsonl.job", output="out.jsonl")


# What most likely describes the data


def left_out(*inputs: str, output: str | None = None) -> list[str]:
    """What is said of files that folders hold and that are not read."""
    said: list[str] = []
    find_sources(inputs, output=None if output is None else Path(output), warn=said.append)
    return said


def test_feeds_and_json_that_a_folder_leaves_out_are_counted() -> None:
    touch("all/a.csv", "all/feed.xml", "all/api.json", "all/deep/b.json.gz", "all/readme.md")
    assert left_out("all") == [
        "all: left out 2 .json and 1 .xml, most likely about the other files. Name them to read them."
    ]
    touch("feeds/a.rss", "feeds/feed.xml", "feeds/about.json")
    assert left_out("feeds", "all/deep") == [
        "feeds: left out 1 .json, most likely about the other files. Name them to read them."
    ]


@pytest.mark.parametrize(
    ("files", "read"),
    [
        ("a.json b.docx c.xlsx", "a.json"),
        ("a.xml b.docx c.ods", "a.xml"),
        ("a.tab b.docx c.xlsx", "a.tab"),
        ("a.xhtml b.docx c.xlsx", "a.xhtml b.docx"),
        ("a.txt b.docx c.json d.xml", "a.txt b.docx"),
        ("a.json b.tab c.xml", "a.json b.tab c.xml"),
        ("b.docx c.xlsx", "b.docx c.xlsx"),
    ],
)
def test_documents_and_spreadsheets_are_left_out_beside_what_is_seldom_data_as_well(files: str, read: str) -> None:
    touch(*(f"all/{name}" for name in files.split()))
    assert names("all") == [f"all/{name}" for name in read.split()]
    assert len(left_out("all")) == (files != read)


def test_nothing_is_said_of_what_is_read_or_named_or_written() -> None:
    touch("all/a.csv", "all/feed.xml", "alone/feed.xml", "alone/api.json")
    assert left_out("alone", "all/*", "all/a.csv") == []
    assert left_out("all", "./all/feed.xml") == left_out("all/feed.xml", "all") == []
    assert left_out("all", output="all/feed.xml") == []


def test_the_command_says_what_it_left_out(predict_code: Callable[..., tuple[int, str]]) -> None:
    touch("all/api.json")
    Path("all/a.csv").write_text("text\ntalks\n", encoding="utf-8")
    said = "all: left out 1 .json, most likely about the other files. Name them to read them."
    assert predict_code("all") == (0, f"warning: {said}\n")


def test_documents_that_a_folder_leaves_out_are_counted() -> None:
    touch("all/a.csv", "all/Book 1.doc", "all/~$Book 1.doc", "all/deep/b.ODT", "all/api.json", "all/map.png")
    save = "Save a table as CSV (UTF-8), a document as .txt or .html."
    assert left_out("all") == [
        "all: left out 1 .json, most likely about the other files. Name them to read them.",
        f"all: left out 1 .doc and 1 .odt, of a kind that is not read. {save}",
    ]
    refused(f"all/Book 1.doc: .doc is not read. {save}", "all/Book 1.doc", "all/a.csv")
    touch("forms/a.txt", "forms/b.docm", "forms/c.numbers")
    assert left_out("forms") == [f"forms: left out 1 .docm and 1 .numbers, of a kind that is not read. {save}"]
    touch("office/b.odt", "mixed/b.odt", "mixed/part-00000")
    for folder, hint in (("office", save), ("mixed", "Name the format of its other files with --input-format.")):
        with pytest.raises(InputError, match=rf"^{folder}: no \.txt, .+ or below\. {re.escape(hint)}$"):
            names(folder)


# A named format


def test_with_a_named_format_a_folder_gives_what_has_no_known_ending_too() -> None:
    touch("feed/part-00000", "feed/part-00001.gz", "feed/deep/a.log", "feed/x.jsonl", "feed/_y.jsonl", "feed/z.json")
    touch("feed/_SUCCESS", "feed/part-00000.crc", "feed/.part-00000.crc", "feed/_temporary/0/part-00002")
    touch("feed/README.md", "feed/LICENSE", "feed/out.job/rows", "feed/out")
    sources = find_sources(["feed"], "jsonl", Path("feed/out"))
    assert [Path(source.name).relative_to("feed").as_posix() for source in sources] == [
        *("_y.jsonl", "deep/a.log", "part-00000", "part-00001.gz", "x.jsonl", "z.json")
    ]
    assert {source.format for source in sources} == {"jsonl"}
    assert names("feed") == ["feed/_y.jsonl", "feed/x.jsonl"]


def test_a_folder_without_a_known_ending_says_how_its_files_are_read() -> None:
    touch("feed/part-00000", "notes/README.md")
    with pytest.raises(InputError, match=r"below\. Name the format of its other files with --input-format\.$"):
        names("feed")
    with pytest.raises(InputError, match=r"^notes: no \.txt, .* below\.$"):
        names("notes")
    with pytest.raises(InputError, match=r"^notes: no file in this folder or below\.$"):
        find_sources(["notes"], "jsonl")


# Links


def test_a_link_to_a_folder_elsewhere_is_followed() -> None:
    touch("store/2024/a.txt", "feed/b.txt")
    Path("feed/archive").symlink_to(Path("store").resolve())
    assert names("feed") == ["feed/archive/2024/a.txt", "feed/b.txt"]


def test_a_folder_that_a_link_leads_to_again_is_read_once_under_its_own_name() -> None:
    touch("feed/2024/a.txt", "feed/2025/b.txt")
    Path("feed/1-latest").symlink_to("2025")
    assert names("feed") == ["feed/2024/a.txt", "feed/2025/b.txt"]


@pytest.mark.parametrize("target", [".", "..", "deep"])
def test_links_that_lead_in_a_circle_end(target: str) -> None:
    touch("feed/deep/a.txt", "beside.txt")
    Path("feed/deep/again").symlink_to(Path("feed/deep", target).resolve())
    Path("feed/up").symlink_to("..")
    assert names("feed") == ["feed/deep/a.txt"]
    assert names("feed/deep/**/*.txt") == ["feed/deep/a.txt"]


# What cannot be read


def test_unreadable_folders_are_named_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    touch("feed/a.txt", "feed/closed/b.txt", "feed/deep/shut/c.txt")
    scandir = os.scandir

    def closed(path: Any) -> Iterator[Any]:
        if Path(path).name in ("closed", "shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    refused(
        "input: 2 problems\n  - feed/closed: cannot be read (Permission denied).\n"
        "  - feed/deep/shut: cannot be read (Permission denied).",
        "feed",
    )
    for given in ("feed/closed", "feed/[c]*/**", "feed/**/*.txt"):
        with pytest.raises(InputError, match=r"feed/closed: cannot be read \(Permission denied\)\."):
            names(given)


@pytest.mark.parametrize("given", ["feed", "feed/*.txt", "feed/**/*.txt", "*/b.txt", "feed/b.txt"])
@pytest.mark.parametrize(
    ("target", "reason"), [("gone/b.txt", "the link to gone/b.txt leads nowhere"), ("b.txt", os.strerror(errno.ELOOP))]
)
def test_a_link_that_leads_nowhere_is_refused(given: str, target: str, reason: str) -> None:
    touch("feed/a.txt")
    Path("feed/b.txt").symlink_to(target)
    refused(f"feed/b.txt: cannot be read ({reason}).", given, output="out.csv")


def test_a_link_that_leads_nowhere_is_passed_over_where_a_file_would_be() -> None:
    touch("feed/a.txt")
    for link in ("feed/lock", "feed/c.pdf", "feed/.hidden.txt", "feed/out.txt", "feed/d.txt.job"):
        Path(link).symlink_to("gone")
    for given in ("feed", "feed/*.txt", "feed/**/*.txt"):
        assert names(given, output="feed/gone") == ["feed/a.txt"]  # feed/out.txt leads to it


@pytest.mark.parametrize("given", ["feed", "feed/*.txt", "feed/b.txt"])
def test_an_unreadable_file_is_refused_before_anything_is_read(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    touch("feed/a.txt", "feed/b.txt")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "b.txt")
    refused("feed/b.txt: cannot be read (Permission denied).", given)


def test_a_name_in_an_unreadable_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", denied)
    refused("closed/a.txt: cannot be read (Permission denied).", "closed/a.txt")
