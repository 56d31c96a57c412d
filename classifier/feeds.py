"""RSS and Atom feeds → records, an item each.

    <item><title>Talks</title><description>&lt;p&gt;Envoys …</description><pubDate>Mon, 04 Mar 2024 …
    ->  {"title": "Talks", "text": "Envoys …", "published": "2024-03-04T09:00:00Z", …}

The text is the whole content where the feed has it, else the item's own description; what is said of its pictures and
sounds stands in for it only where there is neither. It is without markup, a paragraph a line. Nothing is asked of the
network. Leaves out: what is wrong with the XML (feed_xml.py), the encoding (page_text.py), which of the fields hold
what (stories.py).
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any
from xml.sax.saxutils import escape

from classifier.errors import InputError
from classifier.feed_xml import feed_items, local_name, require_parser, resolved, without_cdata_marks
from classifier.html_headings import page_blocks
from classifier.html_names import is_unseen
from classifier.lines import LONGEST_RECORD_BYTES, marked
from classifier.page_text import page_text
from classifier.printed import counted
from classifier.record_types import Placed, Record
from classifier.tokens import TAG

_BLOCK_BYTES = 1 << 16
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SPACES = {  # those whose fields are read beside the item's own
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dc",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/2005/Atom": "atom",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
_TITLES = ("title", "media:title", "dc:title", "atom:title", "itunes:title")
_CONTENTS = (
    "content:encoded",
    "content",
    "atom:content",
    "xhtml:body",
    "body",
    "fulltext",
    "full-text",
    "yandex:full-text",
    "turbo:content",
)
_SUMMARIES = ("description", "summary", "atom:summary")
_CAPTIONS = ("media:description", "dc:description", "itunes:summary", "itunes:subtitle")
_DATES = (
    "pubdate",
    "published",
    "issued",
    "dc:date",
    "dc:issued",
    "updated",
    "modified",
    "atom:published",
    "atom:updated",
)
_TAGS = ("category", "atom:category", "dc:subject")
_NUMBER = re.compile(r"(?:&#\w{1,9};)+")
_ISO = re.compile(r"[1-9]\d{3}-\d\d-\d\d")
_RFC = re.compile(  # of RFC 822 as the standards of feeds have it; email.utils makes something of anything
    r"(?:[A-Za-z]{3,9},?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\s+(?:\d\d|[1-9]\d{3})\s+\d{1,2}:\d\d(?::\d\d)?"
    r"\s*(?:[+-]\d{4}|GMT|UTC?|Z|[ECMP][SD]T)"
)
_READ = ("text", "html", "xhtml", "xml")  # in a type of content; others are pictures and the like
_Fields = Mapping[str, Sequence[Any]]


def feed_records(file: IO[bytes], name: str, encoding: str) -> Iterator[Placed]:
    """The items of a feed, each with its place; one that breaks off, or has more items, ends with what is wrong.

    Args:
        file: The whole feed, with `read1`.
        name: For messages.
        encoding: What it should be; "utf-8" may be left to a feed that declares something else.

    Raises:
        CommandError: If the encoding is not known.
        InputError: If it is no feed, too long, or not in its encoding.
        MissingExtraError: If lxml is not installed.
        OSError: After the items, if the file or its compression breaks off.
    """
    require_parser()
    raw, failure = _read(file)
    if len(raw) > LONGEST_RECORD_BYTES:
        raise InputError(f"{name}: longer than {LONGEST_RECORD_BYTES >> 20} MiB. Cut it into smaller feeds.")
    text, problem = _text_of(raw, encoding)
    if problem and failure is None:
        raise InputError(f"{name}: {problem}")
    found = feed_items(text)
    if not found.root and failure is None:
        said = "neither RSS nor Atom (no <rss>, <feed> or <rdf:RDF>). Is it in another format?"
        raise InputError(f"{name}: {said if text.strip() else 'empty, nothing to label.'}")
    number = 0
    for number, element in enumerate(found.elements, 1):
        yield f"{name}:{number}", _record(element)
    if failure is not None:
        raise failure
    if not found.is_whole:
        yield f"{name}:{number + 1}", f"the feed breaks off (no </{found.root}> at its end). Fetch it again."
    elif number < found.begun:
        begun = counted(found.begun, "item begins", "items begin")
        yield f"{name}:{number + 1}", f"{begun} in the feed, {number} could be read. It is damaged."


def _read(file: Any) -> tuple[bytes, Exception | None]:
    """What can be read, up to a byte more than is allowed, and why it was no more."""
    raw = bytearray()
    try:
        while len(raw) <= LONGEST_RECORD_BYTES and (block := file.read1(_BLOCK_BYTES)):
            raw += block
    except (OSError, EOFError, zlib.error) as error:
        return bytes(raw), error
    return bytes(raw[: LONGEST_RECORD_BYTES + 1]), None


def _text_of(raw: bytes, encoding: str) -> tuple[str, str | None]:
    """The text of a feed and None, or "" and what is wrong; a character that is cut off at the end is left out."""
    if marked(raw) is None and raw[:2] in (b"<\0", b"\0<"):  # UTF-16 without its mark
        raw = (b"\xff\xfe" if raw[:1] == b"<" else b"\xfe\xff") + raw
    text, problem = page_text(raw, encoding, declares="xml")
    for missing in range(1, 4):
        if problem is None:
            break
        shorter, still = page_text(raw[:-missing], encoding, declares="xml")
        if still is None:
            return shorter, None
    return text, problem


def _record(item: Any) -> Record:
    """The fields that an item has; the text may be empty, as the title may."""
    fields = _fields_of(item)
    whole, summary = (_first(fields, names) for names in (_CONTENTS, _SUMMARIES))
    link = _link(fields)
    record = {
        "id": _first(fields, ("guid", "id", "atom:id")) or item.get(f"{{{_RDF}}}about") or link,
        "title": " ".join(_first(fields, _TITLES).split()),
        "text": whole or summary or _first(fields, _CAPTIONS),
        "summary": summary if whole and summary != whole else None,
        "link": link,
        "published": _time(_first(fields, _DATES)),
        "author": _author(fields),
        "tags": [tag for one in _all(fields, _TAGS) if (tag := one.get("term") or _text(one) or one.get("label"))],
    }
    return {name: value for name, value in record.items() if value or name == "text"}


def _fields_of(item: Any) -> _Fields:
    """The parts of an item by name, those of another namespace with its prefix; what media are grouped in is opened."""
    fields: defaultdict[str, list[Any]] = defaultdict(list)
    own = _space(item)
    for child in item.iterchildren("*"):
        space, name = _space(child), local_name(child.tag)
        key = name if space in ("", own) else f"{space}:{name}"
        fields[key].append(child)
        if key in ("media:group", "media:content"):
            for one in child.iterchildren("*"):
                inner = local_name(one.tag)
                if (key, inner) != ("media:content", "title"):  # which is that of a picture
                    fields[f"{_space(one)}:{inner}"].append(one)
    return fields


def _space(element: Any) -> str:
    """The namespace of an element by its prefix in `_SPACES`; one that is not known there by its own prefix."""
    tag = element.tag
    if not tag.startswith("{"):
        return str(tag.rpartition(":")[0])
    space = tag[1:].partition("}")[0]
    return _SPACES.get(space) or _SPACES.get(space.replace("https:", "http:", 1)) or element.prefix or space


def _all(fields: _Fields, names: Sequence[str]) -> list[Any]:
    return [element for name in names for element in fields.get(name, ())]


def _first(fields: _Fields, names: Sequence[str]) -> str:
    """The text of the first of these fields that has any; where it stands there more than once, of all."""
    for name in names:
        texts = dict.fromkeys(filter(None, map(_text, fields.get(name, ()))))
        if texts:
            return "\n".join(texts)
    return ""


def _link(fields: _Fields) -> str:
    links = _all(fields, ("link", "atom:link"))
    named = [one.get("href") for one in links if one.get("rel", "alternate") == "alternate" and one.get("href")]
    return next(iter([*(text for one in links if (text := _text(one))), *named]), "")


def _author(fields: _Fields) -> str:
    names = [
        name for one in _all(fields, ("author",)) for name in one.iterchildren("*") if local_name(name.tag) == "name"
    ]
    return ", ".join(filter(None, map(_text, names))) or _first(fields, ("dc:creator", "author", "itunes:author"))


def _text(element: Any) -> str:
    """What there is to read in a part of an item: markup left out, a paragraph a line."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    kind = (element.get("type") or "html").lower()
    if not any(word in kind for word in _READ):
        return ""
    if len(element):  # markup that is part of the feed itself
        for one in element.iter(etree.Element):
            one.tag = local_name(one.tag)
        return _lines(element)
    value = without_cdata_marks(element.text or "")
    plain = without_cdata_marks(resolved(value))
    value = plain if TAG.search(plain) and not TAG.search(value) else value  # markup that was escaped twice
    if TAG.search(value) and kind not in ("text", "text/plain"):
        marked_up = _NUMBER.sub(lambda found: escape(resolved(found[0])), value)
        return _lines(document_fromstring(f"<div>{marked_up}", parser=HTMLParser(huge_tree=True)))
    return "\n".join(line for line in map(str.strip, plain.split("\n")) if line)


def _lines(tree: Any) -> str:
    return "\n".join(line for block in page_blocks(tree, left_out=is_unseen) for line in block.lines)


def _time(value: str) -> str:
    """A time with its zone as ISO 8601 in UTC; whatever else stands there as it is."""
    value = value.strip()
    try:
        if _ISO.match(value):
            found = datetime.fromisoformat(value)
            return _in_utc(found) if found.tzinfo is not None else value
        if not _RFC.fullmatch(value):
            return value
        found = parsedate_to_datetime(value)
        return _in_utc(found if found.tzinfo is not None else found.replace(tzinfo=UTC))  # -0000
    except (ValueError, TypeError, OverflowError, IndexError):
        return value


def _in_utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
