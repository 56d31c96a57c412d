"""An HTML page → its title and main text, by trafilatura, and the headings that it leaves out between stories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from classifier.errors import MissingExtraError

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = (*_HEADINGS, "p", "li", "blockquote", "td", "dd", "pre")
_COMPARED = 60  # characters by which a paragraph is known again: what follows may be laid out in another way
_BYLINE = 80  # characters: so much may stand between a heading and its text, and be left out


def main_text(page: str) -> tuple[str, str]:
    """Title and main text, a paragraph a line, of an HTML page; either may be empty.

    Raises:
        MissingExtraError: If trafilatura is not installed.
    """
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("reading HTML", "html") from error
    found = trafilatura.bare_extraction(page, include_comments=False, favor_recall=True, with_metadata=True)
    found = found or trafilatura.extract_metadata(page)  # of a page without a body
    if found is None:
        return "", ""
    fields = found.as_dict()
    title, text = fields.get("title") or "", fields.get("text") or ""
    tree = trafilatura.load_html(page)
    return title, text if tree is None else _with_headings(text, title, tree)


def _with_headings(text: str, title: str, tree: Any) -> str:
    """The text with the headings of its paragraphs that were left out: headlines, where a page has several stories."""
    lines = text.split("\n")
    there = {" ".join(line.split()) for line in lines}
    before = dict(_kept_under(tree, {_start(line) for line in lines if line.strip()}))
    whole: list[str] = []
    for line in lines:
        heading = before.pop(_start(line), "")
        if heading and heading not in there and heading not in " ".join(title.split()):
            whole.append(heading)
        whole.append(line)
    return "\n".join(whole)


def _kept_under(tree: Any, kept: set[str]) -> Iterator[tuple[str, str]]:
    """How a paragraph starts that was kept, and the heading right above it."""
    heading, seen = "", set[str]()
    for block in tree.iter(*_BLOCKS):
        words = " ".join(block.text_content().split())
        if block.tag in _HEADINGS:
            heading = words
        elif (start := _start(words)) in kept:
            if heading and start not in seen:
                yield start, heading
            seen.add(start)
            heading = ""
        elif block.tag != "p" or len(words) > _BYLINE:
            heading = ""  # of something else: links, a teaser


def _start(text: str) -> str:
    return " ".join(text.split())[:_COMPARED]
