"""Headings of an HTML page that an extractor left out although it kept the paragraphs under them, and its <article>s.

Extractors are made for pages of one article, whose headline is the title of the page. Where a page has several short
stories, their headlines are lost, and with them what says where a story begins:

    <h2>Flood in Ost</h2><p>The river …</p><h2>Truce</h2><p>Both …</p>, kept: "The river …\\nBoth …"
    ->  "Flood in Ost\\nThe river …\\nTruce\\nBoth …"

Nor does a text say where one <article> follows another; the numbers of its lines do. Only the outermost count (one
inside another is a card, a post or a comment of it), and none that is named as the comment of a reader.

Text and page are walked together, in order. Leaves out: what of a page is its text (html_text.py).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from classifier.html_names import REMARKS, UNREAD, WHOLE, is_furniture_by_name, is_named

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_NEWER_INLINE = frozenset(("bdi", "data", "mark", "time", "wbr"))  # than the list of lxml
PROSE = 60  # characters of a paragraph: more than bylines, dates and links have
_MARKERS = re.compile(r"^[-|•*\s]+")  # of list items and cells, as extractors write them
_SITE = re.compile(r"\s+[|–—-]\s+")  # between a headline and the name of its site
_BREAK = "\0"  # stands for <br>; HTML has no such character
_COMPARED = 40  # characters by which a paragraph is known again: what follows may be laid out in another way
_BYLINE = 80  # characters: so much may stand between a heading and its text, and be left out
_LINKED = 0.8  # of the characters of what leads elsewhere as a whole
_NOWHERE = ("#", "javascript:", "mailto:", "tel:")
_MOST_BETWEEN = 2  # bylines, dates, links


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or heading: its lines (ended by <br>), h1 to h6 or nothing, its article, and where it leads.

    Articles are counted from 1, the outermost alone; 0 is outside of them. What hardly has text but that of one link
    leads to its address.
    """

    lines: tuple[str, ...]
    heading: str = ""
    article: int = 0
    address: str = ""

    @property
    def text(self) -> str:
        """All of its lines."""
        return " ".join(self.lines)


def with_headings(text: str, title: str, blocks: Sequence[Block]) -> tuple[list[str], list[Block | None]]:
    """The lines of the text with the headings that were left out, and the block of each; None where none is found.

    Args:
        text: What was kept of the page, a paragraph a line.
        title: The page's, which need not stand above the first paragraph as well.
        blocks: Those of the page.
    """
    lines = text.split("\n")
    found = list(_above(lines, blocks))
    tags = {heading.heading for number, _, headings in found if number for heading in headings}
    tags |= {block.heading for block in blocks if block.article > 1}
    above = {
        number: [one for one in headings if number or (one.heading in tags and not is_title(one.text, title))]
        for number, _, headings in found
    }
    places = {number: block for number, block, _ in found}
    whole: list[str] = []
    origins: list[Block | None] = []
    for number, line in enumerate(lines):
        for heading in above.get(number, ()):
            if key_of(heading.text) not in (key_of("".join(whole[-count:])) for count in (1, 2, 3)):
                whole.append(heading.text)
                origins.append(heading)
        whole.append(line)
        origins.append(places.get(number))
    return whole, origins


def article_starts(lines: Sequence[Block | None]) -> Iterator[int]:
    """Numbers, from 1, of the lines at which an article follows another, headings between the two included."""
    article = headings = 0  # of the lines so far: the last article, and the headings after it that are in none
    for number, block in enumerate(lines, 1):
        if block and block.article not in (0, article):
            if article:
                yield number - headings
            article = block.article
        headings = headings + 1 if block and block.heading and not block.article else 0


def _above(lines: Sequence[str], blocks: Sequence[Block]) -> Iterator[tuple[int, Block, list[Block]]]:
    """The number of each line that is found in the page, its block, and the headings right above a paragraph."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, block in enumerate(blocks):
        for start in {opening_of(block.text), opening_of(block.lines[0])}:
            places[start].append(place)
    at = 0
    for number, line in enumerate(lines):
        found = places.get(opening_of(line), [])
        index = bisect_left(found, at)
        if index < len(found):
            block = blocks[found[index]]
            yield number, block, [] if block.heading else _last_headings(blocks[at : found[index]])
            at = found[index] + 1


def _last_headings(blocks: Sequence[Block]) -> list[Block]:
    """The headings at the end of these blocks; a byline may follow them."""
    headings: list[Block] = []
    between = 0
    for block in reversed(blocks):
        if block.heading:
            headings.insert(0, block)
        elif headings or between == _MOST_BETWEEN or len(block.text) > _BYLINE:
            break
        else:
            between += 1
    return headings


def page_blocks(
    tree: Any,
    articles: dict[int, Any] | None = None,
    *,
    entries: Collection[Any] = (),
    left_out: Callable[[Any], bool] | None = None,
) -> Iterator[Block]:
    """The paragraphs and headings of a page, in order, without its furniture.

    Args:
        tree: The page, parsed by lxml.
        articles: Takes the <article>s by their numbers in the blocks.
        entries: Elements that count as <article>s.
        left_out: Tells which elements are furniture, in place of their tags and names.
    """
    from lxml import etree
    from lxml.html import defs

    left_out = left_out or _is_furniture
    within_lines = defs.font_style_tags | defs.phrase_tags | defs.special_inline_tags | _NEWER_INLINE
    parts: list[str] = []
    linked: Counter[str] = Counter()
    heading = address = ""
    outermost, article, count = None, 0, 0
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        inline = not isinstance(element.tag, str) or element.tag in within_lines
        if not inline:
            yield from _block(parts, linked, heading, article)
        if event == "start":
            if left_out(element):
                walk.skip_subtree()
                continue
            is_article = element.tag == "article" or element in entries
            if outermost is None and is_article and not _is_remark(element):
                outermost, article, count = element, count + 1, count + 1
                if articles is not None:
                    articles[article] = element
            heading = element.tag if element.tag in HEADINGS else heading
            address = _address_of(element) if element.tag == "a" else address
            text = _BREAK if element.tag == "br" else element.text or ""
        else:
            if element is outermost:
                outermost, article = None, 0
            heading = "" if element.tag in HEADINGS else heading
            address = "" if element.tag == "a" else address
            text = element.tail or ""
        parts.append(text)
        linked[address] += len(text.strip())
    yield from _block(parts, linked, heading, article)


def _block(parts: list[str], linked: Counter[str], heading: str, article: int) -> Iterator[Block]:
    """What was gathered, if it is anything; the list and the characters of each address are emptied."""
    address, characters = max(linked.items(), key=itemgetter(1), default=("", 0))
    address = address if characters > _LINKED * linked.total() else ""
    linked.clear()
    lines = _visible("".join(parts)).split(_BREAK)
    parts.clear()
    kept = [" ".join(line.split()) for line in lines if not line.isspace() and line]
    if kept:
        yield Block(tuple(kept), heading, article, address)


def _address_of(link: Any) -> str:
    address = (link.get("href") or "").strip()
    return "" if address.lower().startswith(_NOWHERE) else address


def _is_furniture(element: Any) -> bool:
    if element.tag in (*WHOLE, "article"):
        return False
    return element.tag in UNREAD or is_furniture_by_name(element)


def _is_remark(article: Any) -> bool:
    """Whether an <article> is a reader's comment."""
    return is_named(article, REMARKS)


def is_title(line: str, title: str) -> bool:
    """Whether a line is the title of its page, perhaps but for the name of the site."""
    return key_of(line) in {key_of(title), *map(key_of, _SITE.split(title))}


def key_of(text: str) -> str:
    """What two layouts of a text have in common."""
    return "".join(_visible(text).split())


def _visible(text: str) -> str:
    """Without soft hyphens, joiners and their like."""
    return text if text.isascii() else "".join(one for one in text if unicodedata.category(one) != "Cf")


def opening_of(text: str) -> str:
    """The first characters of a paragraph, by which it is known again."""
    return key_of(_MARKERS.sub("", text[: 20 * _COMPARED]))[:_COMPARED]
