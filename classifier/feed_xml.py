"""The text of a feed as it was published → its items as XML elements, whatever is wrong with the XML.

Feeds are often no well-formed XML: a bare "&", an HTML entity, "a < b", tags without their ends and ends without their
tags, a CDATA section without its end, a download that broke off. What cannot be markup is text here, and a field ends
where its own tag ends, so that nothing is left out and nothing gets into another field:

    <title>Flood & rain, a < b<br>today</b></title>  ->  <title>Flood &amp; rain, a &lt; b<br/>today</title>

The items that libxml2 then finds are counted against those that begin in the text. No entity of more than plain text is
expanded, none of a feed whose entities would become a flood of text, and nothing is fetched. Leaves out: what is in an
item (feeds.py).
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.entities import html5
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from classifier.imports import importing

ROOTS = ("rss", "feed", "rdf")
_ITEMS = ("item", "entry")
_EMPTY = frozenset(  # HTML that is never closed
    ("area", "br", "col", "embed", "hr", "img", "input", "meta", "param", "source", "track", "wbr")
)
_DEEPEST = 500  # elements in one another; libxml2 leaves out what is deeper than 2048
_MOST_EXPANDED = 8_000_000  # characters that a feed's own entities may become in all
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML
_MARK = re.compile(rf"<!\[CDATA\[|<!--|<\?|<!DOCTYPE|<|&|{_FORBIDDEN.pattern}")
_ATTRIBUTE = r"""[A-Za-z_][\w:.-]*+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=]++)"""
_BARE = "allowfullscreen|async|autoplay|checked|controls|defer|disabled|hidden|itemscope|loop|muted|nowrap|selected"
_TAG = re.compile(
    rf"<(/?)([A-Za-z_][\w:.-]*+)((?:\s*+(?:{_ATTRIBUTE}|(?:{_BARE})(?=[\s/>])))*+)\s*(/?)>", re.IGNORECASE
)
_PAIR = re.compile(r"""([A-Za-z_][\w:.-]*+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=]++))""")
_HALF_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,2000}\Z")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[(.*?)\]\s*)?>", re.DOTALL)
_ENTITY = re.compile(r"""<!ENTITY\s+([\w.-]+)\s+(?:"([^"&<%]*)"|'([^'&<%]*)')\s*>""")
_REFERENCE = re.compile(r"&(?:#(\d{1,9})|#[xX]([0-9a-fA-F]{1,8})|([A-Za-z][\w.-]*));")
_ITEM_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ENDS = {ending: re.compile(re.escape(ending)) for ending in ("]]>", "-->", "?>")}


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


def require_parser() -> None:
    """Imports lxml.

    Raises:
        MissingExtraError: If it is not installed.
    """
    with importing("reading feeds", "html"):
        import lxml.html  # noqa: F401


def feed_items(text: str) -> FeedItems:
    """The items of a feed, from its text."""
    from lxml import etree

    cleaner = _Cleaner(_HALF_TAG.sub("", text))
    clean = "".join(cleaner.parts())
    if not cleaner.root:
        return FeedItems([], 0, "", is_whole=False)
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
    tree = etree.fromstring(f"<feeds>{clean}</feeds>".encode(), parser)  # one outside: some files hold two feeds
    elements = [] if tree is None else [one for one in tree.iter(etree.Element) if _is_item(one.tag, one.prefix)]
    return FeedItems(elements, cleaner.items, cleaner.root, cleaner.is_whole)


def local_name(tag: str) -> str:
    """A name in lower case, without its namespace or the prefix of one that is not declared."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def without_cdata_marks(text: str) -> str:
    """The text without the marks of CDATA sections that were escaped like text: a reader of HTML ends them at a tag.

    >>> without_cdata_marks("<![CDATA[Envoys <b>met</b>]]>"), without_cdata_marks("a[b[0]]>c")
    ('Envoys <b>met</b>', 'a[b[0]]>c')
    """
    return text.replace("<![CDATA[", "").replace("]]>", "") if "<![CDATA[" in text else text


def resolved(text: str, entities: Mapping[str, str] | None = None) -> str:
    """The text with its references replaced; those that stand for no character stay.

    >>> resolved("AT&amp;T &eacute; &#55357;&#56832; &#150; &#xD83D; &x")
    'AT&T é 😀 – &#xD83D; &x'
    """
    parts, at = [], 0
    for found in _REFERENCE.finditer(text):
        if found.start() >= at:
            meant, end = _meaning(text, found, entities or {})
            parts += [text[at : found.start()], text[found.start() : end] if meant is None else meant]
            at = end
    return "".join(parts) + text[at:]


def _meaning(text: str, found: re.Match[str], entities: Mapping[str, str]) -> tuple[str | None, int]:
    """What a reference stands for, None for nothing, and where it ends: two halves of a character are one."""
    if found[3] is not None:
        return html5.get(f"{found[3]};") or entities.get(found[3]), found.end()
    code = _code(found)
    if 0xD800 <= code < 0xDC00:
        behind = _REFERENCE.match(text, found.end())
        low = 0 if behind is None else _code(behind)
        if behind is not None and 0xDC00 <= low < 0xE000:
            return chr(0x10000 + ((code - 0xD800) << 10) + low - 0xDC00), behind.end()
    meant = html.unescape(found[0])  # as HTML has it: 128 to 159 are those of windows-1252
    return None if meant in ("", "\ufffd") or _FORBIDDEN.search(meant) else meant, found.end()


def _code(reference: re.Match[str]) -> int:
    """The number of a reference to a character; 0 for one by name."""
    return int(reference[1] or 0) if reference[2] is None else int(reference[2], 16)


def _is_item(tag: str, prefix: str | None = None) -> bool:
    return local_name(tag) in _ITEMS and (prefix or tag.rpartition(":")[0]) not in ("media", "itunes")


@dataclass(slots=True)
class _Cleaner:
    """Walks through a text once, and makes well-formed XML of it."""

    text: str
    root: str = ""
    items: int = 0
    is_whole: bool = False
    _first: str = ""
    _open: list[str] = field(default_factory=list)
    _names: Counter[str] = field(default_factory=Counter)
    _entities: dict[str, str] = field(default_factory=dict)
    _found: dict[re.Pattern[str], tuple[int, int]] = field(default_factory=dict)

    def parts(self) -> Iterator[str]:
        """Pieces of XML."""
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
        yield escape(self.text[at:]) + self._closed(0)

    def _cdata(self, at: int) -> tuple[str, int]:
        start, end = at + len("<![CDATA["), self._next(_ENDS["]]>"], at)
        if end == len(self.text) or self._next(_ITEM_END, start) < end:
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
        found = None if self._first else _DOCTYPE.match(self.text, at)
        self._first = self._first or "!doctype"  # one at most, before all tags
        if found is None:
            return "&lt;", at + 1
        own = {name: one or other for name, one, other in _ENTITY.findall(found[1] or "")}
        lengths = (len(own.get(reference[3], "")) for reference in _REFERENCE.finditer(self.text) if own)
        if sum(lengths) <= _MOST_EXPANDED:
            self._entities |= own
        return "", found.end()

    def _tag(self, at: int) -> tuple[str, int]:
        found = _TAG.match(self.text, at)
        if found is None:
            return "&lt;", at + 1
        closing, name, attributes, ending = found.groups()
        self._first = self._first.removeprefix("!doctype") or name.lower()
        if closing:
            return self._end(name), found.end()
        if not self.root and self._first != "html" and local_name(name) in ROOTS:
            self.root, self.is_whole = name, bool(ending)
        self.items += _is_item(name)
        is_empty = bool(ending) or name.lower() in _EMPTY
        if not is_empty:
            if len(self._open) >= _DEEPEST:
                return "", found.end()
            self._open.append(name)
            self._names[name.lower()] += 1
        pairs = {pair[1]: pair[2] or pair[3] or pair[4] or "" for pair in _PAIR.finditer(attributes)}
        written = "".join(f" {key}={quoteattr(resolved(value, self._entities))}" for key, value in pairs.items())
        return f"<{name}{_FORBIDDEN.sub(' ', written)}{'/' if is_empty else ''}>", found.end()

    def _end(self, name: str) -> str:
        """The ends of the element of this name and of those that are open in it; nothing where none is open."""
        for depth in range(len(self._open) - 1, -1, -1) if self._names[name.lower()] else ():
            if self._open[depth].lower() == name.lower():
                self.is_whole |= name.lower() == self.root.lower()
                return self._closed(depth)
            if _is_item(self._open[depth]) and local_name(name) not in (*ROOTS, "channel"):
                break
        return ""

    def _closed(self, depth: int) -> str:
        """The ends of all elements from this depth on, which are not open any more."""
        ends = "".join(f"</{name}>" for name in reversed(self._open[depth:]))
        self._names.subtract(name.lower() for name in self._open[depth:])
        del self._open[depth:]
        return ends

    def _reference(self, at: int) -> tuple[str, int]:
        """A reference as what it stands for; one that stands for nothing, and a bare "&", as text."""
        found = _REFERENCE.match(self.text, at)
        meant, end = (None, at) if found is None else _meaning(self.text, found, self._entities)
        return ("&amp;", at + 1) if meant is None else (escape(meant), end)
