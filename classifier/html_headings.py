"""Headings of an HTML page that an extractor left out although it kept the paragraphs under them.

Extractors are made for pages of one article, whose headline is the title of the page. Where a page has several short
stories, their headlines are lost, and with them what says where a story begins:

    <h2>Flood in Ost</h2><p>The river …</p><h2>Truce</h2><p>Both …</p>, kept: "The river …\\nBoth …"
    ->  "Flood in Ost\\nThe river …\\nTruce\\nBoth …"

Text and page are walked together, in order. Leaves out: what of a page is its text (html_text.py).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_NEWER_INLINE = frozenset(("bdi", "data", "mark", "time", "wbr"))  # than the list of lxml
_UNREAD = frozenset(("aside", "button", "dialog", "footer", "form", "head", "iframe", "nav", "noscript", "object"))
_UNREAD |= {"script", "select", "style", "svg", "template", "textarea"}
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|cookies?|consent|gdpr|privacy|sidebar|related|recommended|newsletter"
    r"|subscribe|share|sharing|social|footer|breadcrumbs?|popup|modal|promo|adverts?|ads?|comments?|most-read)(?:$|[\s_-])"
)
_MARKERS = re.compile(r"^[-|•*\s]+")  # of list items and cells, as extractors write them
_SITE = re.compile(r"\s+[|–—-]\s+")  # between a headline and the name of its site
_BREAK = "\0"  # stands for <br>; HTML has no such character
_COMPARED = 40  # characters by which a paragraph is known again: what follows may be laid out in another way
_BYLINE = 80  # characters: so much may stand between a heading and its text, and be left out
_MOST_BETWEEN = 2  # bylines, dates, links


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph or heading: its text, its part up to the first line break, and h1 to h6 or nothing."""

    text: str
    opening: str
    heading: str = ""


def with_headings(text: str, title: str, tree: Any) -> str:
    """The text with the headings that were left out.

    Args:
        text: What was kept of the page, a paragraph a line.
        title: The page's, which need not stand above the first paragraph as well.
        tree: The page, parsed by lxml.
    """
    lines, blocks = text.split("\n"), list(_blocks(tree))
    found = list(_above(lines, blocks))
    tags = [block.heading for number, headings in found if number for block in headings]
    above = {
        number: [block.text for block in headings if number or (block.heading in tags and not _names(title, block))]
        for number, headings in found
    }
    whole: list[str] = []
    for number, line in enumerate(lines):
        for heading in above.get(number, ()):
            if _key(heading) not in (_key("".join(whole[-count:])) for count in (1, 2, 3)):
                whole.append(heading)
        whole.append(line)
    return "\n".join(whole)


def _above(lines: Sequence[str], blocks: Sequence[_Block]) -> Iterator[tuple[int, list[_Block]]]:
    """The number of each line that is found in the page, and the headings right above it."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, block in enumerate(blocks):
        for start in {_start(block.text), _start(block.opening)}:
            places[start].append(place)
    at = 0
    for number, line in enumerate(lines):
        found = places.get(_start(line), [])
        index = bisect_left(found, at)
        if index < len(found):
            if not blocks[found[index]].heading:
                yield number, _last_headings(blocks[at : found[index]])
            at = found[index] + 1


def _last_headings(blocks: Sequence[_Block]) -> list[_Block]:
    """The headings at the end of these blocks; a byline may follow them."""
    headings: list[_Block] = []
    between = 0
    for block in reversed(blocks):
        if block.heading:
            headings.insert(0, block)
        elif headings or between == _MOST_BETWEEN or len(block.text) > _BYLINE:
            break
        else:
            between += 1
    return headings


def _blocks(tree: Any) -> Iterator[_Block]:
    """The paragraphs and headings of a page, in order, without its furniture."""
    from lxml import etree
    from lxml.html import defs

    within_lines = defs.font_style_tags | defs.phrase_tags | defs.special_inline_tags | _NEWER_INLINE
    parts: list[str] = []
    heading = ""
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        inline = not isinstance(element.tag, str) or element.tag in within_lines
        if not inline:
            yield from _block(parts, heading)
        if event == "start":
            if _is_furniture(element):
                walk.skip_subtree()
                continue
            heading = element.tag if element.tag in _HEADINGS else heading
            parts.append(_BREAK if element.tag == "br" else element.text or "")
        else:
            heading = "" if element.tag in _HEADINGS else heading
            parts.append(element.tail or "")
    yield from _block(parts, heading)


def _block(parts: list[str], heading: str) -> Iterator[_Block]:
    """What was gathered, if it is anything; the list is emptied."""
    lines = _visible("".join(parts)).split(_BREAK)
    parts.clear()
    kept = [" ".join(line.split()) for line in lines if not line.isspace() and line]
    if kept:
        yield _Block(" ".join(kept), kept[0], heading)


def _is_furniture(element: Any) -> bool:
    if element.tag in ("html", "body", "main", "article"):
        return False
    named = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    return element.tag in _UNREAD or _FURNITURE.search(named) is not None


def _names(title: str, heading: _Block) -> bool:
    """Whether the heading is the title of the page, perhaps but for the name of the site."""
    return _key(heading.text) in {_key(title), *map(_key, _SITE.split(title))}


def _key(text: str) -> str:
    """What two layouts of a text have in common."""
    return "".join(_visible(text).split())


def _visible(text: str) -> str:
    """Without soft hyphens, joiners and their like."""
    return text if text.isascii() else "".join(one for one in text if unicodedata.category(one) != "Cf")


def _start(text: str) -> str:
    return _key(_MARKERS.sub("", text[: 20 * _COMPARED]))[:_COMPARED]
