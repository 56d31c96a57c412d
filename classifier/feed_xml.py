"""The text of a feed as it was published → its items as XML elements, whatever is wrong with the XML.

Feeds are often no well-formed XML: a bare "&", an HTML entity, "a < b", a reference to half a character, a CDATA
section without its end, a download that broke off. What cannot be markup is text here, and nothing of it is left out:

    <title>Flood & rain, a < b</title>  ->  <title>Flood &amp; rain, a &lt; b</title>

What libxml2 then makes of it is counted against the items that begin in the text. No entity of more than plain text is
expanded, and nothing is fetched. Leaves out: what is in an item (feeds.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.entities import html5
from typing import Any
from xml.sax.saxutils import escape

ROOTS = ("rss", "feed", "rdf")
_ITEMS = ("item", "entry")
_EMPTY = ("br", "hr", "img")  # HTML that is never closed
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML
_MARK = re.compile(rf"<!\[CDATA\[|<!--|<\?|<!DOCTYPE|<|&|{_FORBIDDEN.pattern}")
_TAG = re.compile(r"""<(/?)([A-Za-z_][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(/?)>""")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[(.*?)\]\s*)?>", re.DOTALL)
_ENTITY = re.compile(r"""<!ENTITY\s+([\w.-]+)\s+(?:"([^"&<%]*)"|'([^'&<%]*)')\s*>""")
_REFERENCE = re.compile(r"&(?:#(\d{1,9})|#[xX]([0-9a-fA-F]{1,8})|([A-Za-z][\w.-]*));")
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")
_ENDS = {ending: re.compile(re.escape(ending)) for ending in ("]]>", "-->", "?>")}
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*", re.DOTALL)
_START = re.compile(r"<([A-Za-z_][\w:.-]*)[\s/>]")


@dataclass(frozen=True, slots=True)
class FeedItems:
    """The items of a feed.

    Attributes:
        elements: By lxml, in order.
        begun: How many items begin in the text; more than `elements` where some could not be read.
        root: The name of the outermost element as it stands there; empty where there is none of `ROOTS`.
        is_whole: The outermost element is closed.
    """

    elements: list[Any]
    begun: int
    root: str
    is_whole: bool


def looks_like_feed(text: str) -> bool:
    """True if the outermost element of this text, which may break off behind its start, is that of a feed."""
    prolog = _PROLOG.match(text)
    root = _START.match(text, prolog.end() if prolog else 0)
    return root is not None and local_name(root[1]).lower() in ROOTS


def feed_items(text: str) -> FeedItems:
    """The items of a feed, from its text."""
    from lxml import etree

    cleaner = _Cleaner(text)
    clean = "".join(cleaner.parts())
    if local_name(cleaner.root).lower() not in ROOTS:
        return FeedItems([], 0, "", is_whole=False)
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
    tree = etree.fromstring(f"<feeds>{clean}</feeds>".encode(), parser)  # one outside: some files hold two feeds
    elements = [] if tree is None else [one for one in tree.iter(etree.Element) if local_name(one.tag) in _ITEMS]
    return FeedItems(elements, cleaner.items, cleaner.root, cleaner.is_whole)


def local_name(tag: str) -> str:
    """A name without its namespace, or the prefix of one that is not declared."""
    return tag.rpartition("}")[2].rpartition(":")[2]


@dataclass(slots=True)
class _Cleaner:
    """Walks through a text once, and makes XML of it."""

    text: str
    root: str = ""
    items: int = 0
    is_whole: bool = False
    _entities: dict[str, str] = field(default_factory=dict)
    _found: dict[re.Pattern[str], tuple[int, int]] = field(default_factory=dict)

    def parts(self) -> Iterator[str]:
        """Well-formed pieces, but for the nesting of tags."""
        kinds: dict[str, Callable[[int], tuple[str, int]]] = {
            "<![CDATA[": self._cdata,
            "<!--": lambda at: self._left_out(at, "-->"),
            "<?": lambda at: self._left_out(at, "?>"),
            "<!DOCTYPE": self._doctype,
            "<": self._tag,
            "&": self._reference,
        }
        at = 0
        while (mark := _MARK.search(self.text, at)) is not None:
            yield escape(self.text[at : mark.start()])
            read = kinds.get(mark[0])
            part, at = (" ", mark.end()) if read is None else read(mark.start())
            yield part
        yield escape(self.text[at:])

    def _cdata(self, at: int) -> tuple[str, int]:
        start, end = at + len("<![CDATA["), self._next(_ENDS["]]>"], at)
        if end == len(self.text) or self._next(_ITEM, start) < end:
            return "", start  # without its end: what follows is read as if the mark were not there
        return escape(_FORBIDDEN.sub(" ", self.text[start:end])), end + 3

    def _left_out(self, at: int, ending: str) -> tuple[str, int]:
        """A comment or instruction; where it has no end, its mark is text."""
        end = self._next(_ENDS[ending], at)
        return ("&lt;", at + 1) if end == len(self.text) else ("", end + len(ending))

    def _next(self, pattern: re.Pattern[str], at: int) -> int:
        """Where the next match begins, the end of the text if there is none; no stretch is searched twice."""
        asked, found = self._found.get(pattern, (0, -1))
        if not asked <= at <= found:
            match = pattern.search(self.text, at)
            found = len(self.text) if match is None else match.start()
            self._found[pattern] = (at, found)
        return found

    def _doctype(self, at: int) -> tuple[str, int]:
        found = _DOCTYPE.match(self.text, at)
        if found is None:
            return "&lt;", at + 1
        self._entities |= {name: one or other for name, one, other in _ENTITY.findall(found[1] or "")}
        return "", found.end()

    def _tag(self, at: int) -> tuple[str, int]:
        found = _TAG.match(self.text, at)
        if found is None:
            return "&lt;", at + 1
        closing, name, attributes, _ = found.groups()
        self.root = self.root or name
        self.items += not closing and local_name(name) in _ITEMS
        self.is_whole |= bool(closing) and name == self.root
        start, end = found.span(3)
        ending = "/>" if name.lower() in _EMPTY and not closing else self.text[end : found.end()]
        return self.text[at:start] + _BARE.sub("&amp;", attributes) + ending, found.end()

    def _reference(self, at: int) -> tuple[str, int]:
        """A reference as what it stands for; one that stands for nothing, and a bare "&", as text."""
        found = _REFERENCE.match(self.text, at)
        if found is None:
            return "&amp;", at + 1
        end, name = found.end(), found[3]
        if name is not None:
            meant = html5.get(f"{name};") or self._entities.get(name)
        else:
            code = _code(found)
            behind = _REFERENCE.match(self.text, end) if 0xD800 <= code < 0xDC00 else None
            if behind is not None and 0xDC00 <= (low := _code(behind)) < 0xE000:  # two halves of one character
                code, end = 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00, behind.end()
            meant = None if code > 0x10FFFF or 0xD800 <= code < 0xE000 or _FORBIDDEN.match(chr(code)) else chr(code)
        return ("&amp;", at + 1) if meant is None else (escape(meant, {'"': "&quot;", "'": "&apos;"}), end)


def _code(reference: re.Match[str]) -> int:
    """The number of a reference to a character; 0 for one by name."""
    return int(reference[1] or 0) if reference[2] is None else int(reference[2], 16)
