"""What a folder holds that is not read: said where there may be stories in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from classifier import InputError
from classifier.sources import find_sources
from classifier.stories import ReadOptions, read_stories
from training.tables import read_headless

SAVE = "Save a table as CSV (UTF-8), a document as .txt or .html."
RENAME = "Rename a text to .txt, or name the format with --input-format."
pytestmark = pytest.mark.usefixtures("in_tmp")


def left_out(*names: str) -> list[str]:
    """What is said of a folder that holds these beside a page."""
    folder = Path("all")
    folder.mkdir(exist_ok=True)
    for name in ("a.txt", *names):
        (folder / name).touch()
    said: list[str] = []
    assert [source.name for source in find_sources(["all"], warn=said.append)] == [str(folder / "a.txt")]
    return said


def test_mail_saved_pages_archives_and_names_without_an_ending_are_counted() -> None:
    assert left_out("a.eml", "b.EML", "c.mbox", "d.mht") == [
        f"all: left out 2 .eml, 1 .mbox and 1 .mht, of a kind that is not read. {SAVE}"
    ]
    assert left_out("e.zip", "f.tar.gz", "part-00000", "2024.03.12", "No. 5", "g.md") == [
        "all: left out 2 .eml, 1 .mbox, 1 .md, 1 .mht, 1 .tar, 1 .zip and 3 without an ending, of a kind that is not "
        f"read. {SAVE} Unpack archives. {RENAME}"
    ]


def test_what_holds_no_stories_needs_no_word() -> None:
    pictures = ("a.png", "b.JPG", "c.css", "d.js", "e.mp4", "f.db", "g.ini")
    assert left_out(*pictures, ".DS_Store", ".hidden", "README", "README.md", "LICENSE", "_SUCCESS", "~$a.docx") == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [("a.eml", SAVE), ("a.zip", "Unpack archives."), ("a", "Name the format of its other files with --input-format.")],
)
def test_a_folder_of_such_files_alone_says_how_they_are_read(name: str, advice: str) -> None:
    Path("mail").mkdir()
    Path("mail", name).touch()
    with pytest.raises(InputError, match=rf"^mail: no \.txt, .+ or below\. {re.escape(advice)}$"):
        find_sources(["mail"])
    named = f".{name[2:]} is not read. {advice}" if "." in name else "format not known from its name."
    with pytest.raises(InputError, match=re.escape(named)):
        find_sources([f"mail/{name}"])


def test_xhtml_is_html_and_tab_is_tsv() -> None:
    Path("a.tab").write_text("id\ttext\n7\tEnvoys met, they say.\n", encoding="utf-8")
    paragraph = "Envoys of the two countries met in the caf\u00e9 of Odrava on Monday, officials said."
    page = f'<?xml version="1.0"?><html><head><script src="a.js"/><title/></head><body><p>{paragraph}</p></body></html>'
    Path("b.xhtml").write_text(page, encoding="utf-8")
    sources = find_sources(["a.tab", "b.xhtml"])
    texts = [story.text for source in sources for story in read_stories(source, ReadOptions())]
    assert texts == ["Envoys met, they say.", paragraph]
    Path("a.tab").write_text("7\tEnvoys met, they say.\n", encoding="utf-8")
    [source] = find_sources(["a.tab"])
    assert [story.text for story in read_headless(source, ["id", "text"], ReadOptions())] == ["Envoys met, they say."]


@pytest.mark.parametrize("other", ["notes.tab", "page.xhtml"])
def test_json_beside_a_stray_table_or_page_is_read(other: str) -> None:
    folder = Path("mixed")
    folder.mkdir()
    for name in ("a.json", other):
        (folder / name).touch()
    assert [Path(source.name).name for source in find_sources(["mixed"])] == sorted(["a.json", other])
