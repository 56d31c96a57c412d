"""RSS and Atom feeds → records, an item each, by feedparser, which also reads what is no XML any more (a bare "&").

    <item><title>Talks</title><description>&lt;p&gt;Envoys …</description><pubDate>Mon, 04 Mar 2024 …
    ->  {"title": "Talks", "text": "Envoys …", "published": "2024-03-04T09:00:00Z", …}

The text is the whole content where the feed has it, else the summary, a paragraph a line and without markup. Nothing is
asked of the network. Leaves out: the encoding (page_text.py), which of the fields hold what (stories.py).
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator, Mapping
from typing import IO, Any

from classifier.errors import InputError, MissingExtraError
from classifier.html_headings import page_blocks
from classifier.json_records import Record
from classifier.lines import LONGEST_RECORD_BYTES
from classifier.page_text import page_text

_ROOT = re.compile(r"<(rss|feed|(?:\w+:)?RDF)[\s>]")
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_TEXTS = ("text/html", "application/xhtml+xml", "text/plain")


def looks_like_feed(start: str) -> bool:
    """True if XML that begins so is a feed."""
    return start.startswith("<") and _ROOT.search(start) is not None


def feed_records(file: IO[bytes], name: str, encoding: str) -> Iterator[tuple[str, Record | str]]:
    """The items of a feed, each with its place; one that breaks off ends with what is wrong.

    Args:
        file: The whole feed.
        name: For messages.
        encoding: What it should be; "utf-8" may be left to a feed that declares something else.

    Raises:
        CommandError: If the encoding is not known.
        InputError: If it is no feed, too long, or not in its encoding.
        MissingExtraError: If feedparser is not installed.
    """
    try:
        import feedparser
    except ImportError as error:
        raise MissingExtraError("reading feeds", "html") from error
    raw = file.read(LONGEST_RECORD_BYTES + 1)
    if len(raw) > LONGEST_RECORD_BYTES:
        raise InputError(f"{name}: longer than {LONGEST_RECORD_BYTES >> 20} MiB. Cut it into smaller feeds.")
    text, problem = page_text(raw, encoding, is_html=True)
    if problem:
        raise InputError(f"{name}: {problem}")
    root = _ROOT.search(text)
    if not text.strip():
        raise InputError(f"{name}: empty, nothing to label.")
    if root is None:
        raise InputError(f"{name}: neither RSS nor Atom (no <rss>, <feed> or <rdf:RDF>). Is it in another format?")
    xml = io.BytesIO(_DECLARATION.sub("", text, count=1).encode("utf-8"))
    number = 0
    for number, entry in enumerate(feedparser.parse(xml, resolve_relative_uris=False).entries, 1):
        yield f"{name}:{number}", _record(entry)
    if f"</{root[1]}" not in text:
        yield f"{name}:{number + 1}", f"the feed breaks off (no </{root[1]}> at its end). Fetch it again."


def _record(entry: Mapping[str, Any]) -> Record:
    """The fields of an item that it has; the text may be empty, as the title may."""
    contents = [one for one in entry.get("content", ()) if one.get("type") in _TEXTS and one.get("value")]
    whole, summary = _text(contents[0] if contents else {}), _text(entry.get("summary_detail") or {})
    title = " ".join(_text(entry.get("title_detail") or {}).split())
    link = entry.get("link")
    fields = {
        "id": entry.get("id") or link,
        "title": title,
        "text": whole or summary,
        "summary": summary if whole and summary != whole else None,
        "link": link,
        "published": _time(entry, "published") or _time(entry, "updated"),
        "author": entry.get("author"),
        "tags": [tag["term"] for tag in entry.get("tags", ()) if tag.get("term")],
    }
    return {name: value for name, value in fields.items() if value or name == "text"}


def _text(detail: Mapping[str, Any]) -> str:
    """What there is to read in a part of an item: markup left out, a paragraph a line."""
    value, is_plain = detail.get("value") or "", detail.get("type") == "text/plain"
    if is_plain or not value.strip():
        return "\n".join(line for line in map(str.strip, value.split("\n")) if line)
    from lxml import html

    tree = html.document_fromstring(f"<div>{value}</div>")
    return "\n".join(line for block in page_blocks(tree) for line in block.lines)


def _time(entry: Mapping[str, Any], name: str) -> str | None:
    """A time as ISO 8601 in UTC; as it stands there, where it cannot be understood."""
    parsed = entry.get(f"{name}_parsed")
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", parsed) if parsed else entry.get(name)
