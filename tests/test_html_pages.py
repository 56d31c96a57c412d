"""HTML pages one behind another in a file: each is read, and starts a story; templates that include pages are none."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from classifier.html_text import main_text
from classifier.sources import Source
from classifier.stories import ReadOptions, read_stories

NEWS = {
    "Rebels shell army base": "Rebels shelled an army base near the town of Odrava on Saturday, killing nine soldiers.",
    "Floods kill 20": "At least 20 people died when rivers burst their banks in Calvera, rescue workers said.",
    "Envoys meet in Ost": "Envoys of two states met in Ost on Thursday for the first time in two years, they said.",
}
MORE = "The governor said on the evening that the road was open, and that help would come on Monday."


def page(headline: str, body: str = "<article><h1>{0}</h1><p>{1}</p><p>{2}</p></article>") -> str:
    head = f"<head><title>{headline} - The Odrava Times</title></head>"
    return f"<!DOCTYPE html>\n<html lang=en>{head}<body>{body.format(headline, NEWS[headline], MORE)}</body></html>"


def stories(text: str) -> list[list[str]]:
    """The lines of each story; in the first the title of the page may be left out."""
    found = main_text(text)
    lines = found.text.split("\n")
    ends = [*(start - 1 for start in found.starts), len(lines)]
    return [lines[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize("between", ["", "\n", "\n<!-- saved -->\n", "\ufeff", "<?xml version='1.0'?>"])
@pytest.mark.parametrize(
    "body",
    [
        "<article><h1>{0}</h1><p>{1}</p><p>{2}</p></article>",
        "<div class=story><h1>{0}</h1><p>{1}</p><p>{2}</p></div>",
        "<div class=entry-content><p>{1}</p><p>{2}</p></div>",
    ],
)
def test_each_of_several_pages_starts_a_story_under_its_headline(body: str, between: str) -> None:
    first, *others = stories(between.join(page(headline, body) for headline in NEWS))
    assert first[-2:] == [NEWS["Rebels shell army base"], MORE]
    for lines, headline in zip(others, list(NEWS)[1:], strict=True):
        assert lines == [lines[0], NEWS[headline], MORE]
        assert lines[0].startswith(headline)


def test_articles_of_a_later_page_keep_their_places() -> None:
    two = "<article><h2>Talks</h2><p>{1}</p></article><article><h2>Truce</h2><p>{2}</p></article>"
    found = main_text(page("Floods kill 20") + page("Envoys meet in Ost", two))
    lines = found.text.split("\n")
    assert lines[found.starts[-1] - 1 :] == ["Truce", MORE]
    assert len(found.starts) == 2


@pytest.mark.parametrize("path", ["-", "all.html"])
def test_each_page_of_a_file_or_standard_input_is_a_story(
    path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("all.html").write_text("\n".join(map(page, NEWS)), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path("all.html").read_bytes())))
    found = list(read_stories(Source(path, "html" if path != "-" else ""), ReadOptions()))
    assert [story.title.split(" - ")[0] for story in found] == list(NEWS)
    places = [(story.columns["first_line"], story.columns["last_line"]) for story in found]
    assert [start for start, _ in places] == [1, *(end + 1 for _, end in places[:-1])]


@pytest.mark.parametrize(
    "part",
    [
        "<script>document.write('</body></html><html><title>Advert</title>' + text)</script>",
        "<iframe srcdoc='<html><title>Advert</title><p>Buy.</p></html><html><title>x</title></html>'></iframe>",
        "<textarea></html><html><title>Code</title></textarea>",
        "<!-- </html><html><title>Old</title> -->",
    ],
)
def test_what_only_names_a_page_cuts_nothing(part: str) -> None:
    found = main_text(page("Floods kill 20", f"<article><h1>{{0}}</h1><p>{{1}}</p>{part}<p>{{2}}</p></article>"))
    assert found.title.startswith("Floods kill 20")
    assert found.starts == ()
    assert found.text.endswith(MORE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<html><head><title>Site</title></head><body><div class=logo>Site</div></body></html>", ""),
        ("<html><body><p>Site</p></body></html>", ""),
        ("<div id=top><html><head><title>Site</title></head><body><p>Site</p></body></html></div>", ""),
        ("", "<html><head><title>Foot</title></head><body><p>Contact us</p></body></html>"),
        ("", "<p>Contact us</p><script>done()</script>"),
    ],
)
def test_a_template_that_includes_pages_loses_nothing_and_starts_no_story(before: str, after: str) -> None:
    found = stories(before + page("Floods kill 20") + after)
    assert len(found) == 1
    assert [line for line in found[0] if line in (NEWS["Floods kill 20"], MORE)] == [NEWS["Floods kill 20"], MORE]


def test_what_follows_an_end_of_a_page_that_stands_too_early_is_read() -> None:
    found = main_text(f"<html><body><p>{NEWS['Floods kill 20']}</p></body></html><p>{MORE}</p>")
    assert found.text.split("\n") == [NEWS["Floods kill 20"], MORE]
    assert found.starts == ()
