"""The headlines of a front page or section page, each with its teaser, of which an extractor leaves out some or all.

An extractor looks for an article. Of a page that is a list of links to articles it leaves the longest note, or the
teasers without their headlines:

    <p>About us …</p><a href="1"><h3>Flood in Ost cuts off villages</h3></a><p>The river …</p><a href="2"><h3>…
    ->  "About us …\\nFlood in Ost cuts off villages\\nThe river …\\n…"

A headline is what leads elsewhere as a whole and has the words of one; each counts once. A page is a list only if it
says in no way that it is an article: by its metadata, by a headline of its own, or by paragraphs one below the other.
What the extractor read that is no part of the list stands above it: a short report beside a list may look like a note.
Leaves out: rubrics, dates, writers, and the list beside an article (html_text.py reads that page without it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from classifier.boilerplate import is_boilerplate
from classifier.html_headings import PROSE, Block, key_of, opening_of, page_blocks
from classifier.html_names import FURNITURE, UNREAD, WHOLE, class_and_id

_MOST_READ = 0.9  # of the headlines: above, the extractor took the page for a list by itself
_FEWEST = 8  # headlines: fewer stand below many an article
_HEADING_WORDS = 4  # of a headline that is a heading
_WORDS = 5  # of another, of a teaser, and of the headline of an article
_MOST_PARAGRAPHS = 2  # one below the other, or that are part of no list
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)]*$")
_RAIL = re.compile(r"(?<![^\s_-])(?:sidebar|related|recommended|most-read|promo|shar(?:e|ing)|social)(?![^\s_-])")
_ARTICLES = ("article", "video")  # in og:type: "article", "video.other"


def list_of(tree: Any, blocks: Sequence[Block], text: str, page_type: str) -> tuple[list[str], list[int]] | None:
    """The lines of a list of headlines, notes first, and the numbers of the headlines, from 1; None for other pages.

    Args:
        tree: The page, parsed by lxml.
        blocks: Its paragraphs and headings, those named as a rail beside an article left out.
        text: What the extractor kept of it.
        page_type: What the page says that it is (og:type); may be empty.
    """
    if page_type.lower().startswith(_ARTICLES) or _has_story(blocks):
        return None
    kept = {opening_of(line) for line in text.split("\n")}
    lines, starts = _lines_of(blocks)
    read = sum(opening_of(lines[number - 1]) in kept for number in starts)
    if len(starts) < _FEWEST or read > _MOST_READ * len(starts) or len(_notes(text, lines)) > _MOST_PARAGRAPHS:
        return None
    lines, starts = _lines_of(list(page_blocks(tree, left_out=_is_furniture)))
    notes = _notes(text, lines)
    return [*notes, *lines], [len(notes) + number for number in starts]


def _notes(text: str, lines: Sequence[str]) -> list[str]:
    """The paragraphs of a text that are not among these lines."""
    listed = {opening_of(line) for line in lines}
    return [line for line in text.split("\n") if _is_prose(line) and opening_of(line) not in listed]


def _is_furniture(element: Any) -> bool:
    """Whether an element is no part of a list; what is named as a rail beside an article is one."""
    if element.tag in (*WHOLE, "article", "aside", "form"):
        return False
    return element.tag in UNREAD or FURNITURE.search(_RAIL.sub(" ", class_and_id(element))) is not None


def _lines_of(blocks: Sequence[Block]) -> tuple[list[str], list[int]]:
    """The headlines, each with its teaser, and the numbers of the headlines."""
    lines: list[str] = []
    starts: list[int] = []
    seen: set[str] = set()
    headed = {block.address for block in blocks if block.heading}  # other links to these are rubrics and teasers
    address: str | None = None  # of the story at this place
    rank = ""  # of its headline
    for block, below in zip_longest(blocks, blocks[1:]):
        key = key_of(block.text)
        is_first = block.address != address or "" < block.heading <= rank  # not the second line of a headline
        is_headed = block.heading or block.address not in headed
        if is_first and is_headed and _is_headline(block, below):
            is_new = seen.isdisjoint({key} if block.heading else {key, block.address})
            address, rank = block.address if is_new else None, block.heading
            seen |= {key, block.address}
            if is_new:
                lines.append(block.text)
                starts.append(len(lines))
        elif address and (block.address == address or not (block.address or block.heading)):
            if key not in seen and _is_teaser(block):
                lines.append(block.text)
        elif block.heading:
            address = None
    return lines, starts


def _is_headline(block: Block, below: Block | None) -> bool:
    """Whether a block is a headline of the list; a heading of few words is one if there is a teaser below it."""
    if not block.address or is_boilerplate(block.text):
        return False
    words = len(block.text.split())
    if block.heading and below is not None and not below.heading and _is_prose(below.text):
        return True
    return words >= (_HEADING_WORDS if block.heading else _WORDS)


def _is_teaser(block: Block) -> bool:
    return len(block.text.split()) >= _WORDS and not is_boilerplate(block.text)


def _has_story(blocks: Sequence[Block]) -> bool:
    """Whether the page has a headline of its own, or more paragraphs one below the other than a list."""
    paragraphs = 0
    for block in blocks:
        if block.heading == "h1" and not block.address and len(block.text.split()) >= _WORDS:
            return True
        is_paragraph = not block.heading and not block.address and _is_prose(block.text)
        paragraphs = paragraphs + 1 if is_paragraph else 0
        if paragraphs > _MOST_PARAGRAPHS:
            return True
    return False


def _is_prose(line: str) -> bool:
    return len(line) >= PROSE and _SENTENCE_END.search(line) is not None and not is_boilerplate(line)
