"""The bytes of a whole text or HTML page → its text.

The first of these that is there tells the encoding: a byte order mark; UTF-8, if the bytes are that (whatever an HTML
page declares: pages are often converted when they are saved, and other text hardly ever looks like UTF-8; but not if it
declares ISO-2022-JP, whose bytes are all ASCII); what an HTML page declares, by the labels of the Encoding standard, in
which iso-8859-1 is windows-1252:

    <meta charset=iso-8859-1> … caf\\xe9  ->  "… café"

A person who names an encoding other than UTF-8 is asked before the page. Nothing is guessed, and nothing replaced:
bytes that do not fit are an error, and so is UTF-8 with a few broken bytes, whatever it declares. The standard lets the
five bytes that windows-1252 does not use pass as control characters; here they do not fit. Leaves out: the text of an
HTML page (html_text.py).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

from classifier.imports import importing
from classifier.lines import decode, fitted, marked

_HEAD_BYTES = 1 << 16  # the standard looks ahead 1024 bytes, and goes back where a declaration comes later
_XML = re.compile(rb"""^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
_CONTENT = re.compile(r"""charset\s*=\s*["']?\s*([^\s;"']+)""", re.IGNORECASE)
_ESCAPE = b"\x1b"  # between the alphabets of ISO-2022-JP
_ADVICE = "Name the encoding with --encoding."
_LOOKED_AT = 4096  # bytes
Declares = Literal["html", "xml"] | None


def page_text(raw: bytes, encoding: str, *, declares: Declares) -> tuple[str, str | None]:
    """The text and None, or "" and what is wrong with the bytes.

    Args:
        raw: The whole page.
        encoding: What it should be; "utf-8" may be left to a page that says something else.
        declares: How it may declare its encoding, if at all.

    Raises:
        CommandError: If the encoding is not known.
        MissingExtraError: If the extra for HTML is not installed, and needed.
    """
    mark = marked(raw)
    if mark is not None:
        text, misfit = fitted(raw, mark)
        if misfit is None:
            return text, None
        if mark != "utf-8":
            return "", f"{misfit}, although its byte order mark says so. Save it anew, or take the mark away."
    text, problem = decode(raw, encoding)
    if mark is None and (wide := _unmarked_wide(raw, encoding)):
        return "", f"every other byte is zero: UTF-16 without its mark. {_ADVICE[:-1]}, for example {wide}."
    may_declare = mark is None and declares is not None and codecs.lookup(encoding).name == "utf-8"
    if may_declare and (_ESCAPE in raw if problem is None else not _is_damaged(raw)):
        return _as_declared(raw, text, problem, _declared if declares == "html" else _declared_in_xml)
    return text, problem


def _unmarked_wide(raw: bytes, encoding: str) -> str | None:
    """UTF-16 if it is that of a text in Latin letters without its mark, although another encoding is asked for."""
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        return None
    start = raw[:_LOOKED_AT]
    first, second = start[::2].count(0), start[1::2].count(0)
    if 4 * max(first, second) < len(start) or 8 * min(first, second) > len(start) or len(start) < 4:
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _is_damaged(raw: bytes) -> bool:
    """True for UTF-8 with broken bytes: of its characters beyond ASCII at least half are sound."""
    text = raw.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return 0 < broken <= sum(character > "\x7f" for character in text) - broken


def _as_declared(
    raw: bytes, text: str, problem: str | None, declared: Callable[[bytes], Iterator[str]]
) -> tuple[str, str | None]:
    """The text of a page by what it declares, or what is wrong; as UTF-8 where it says nothing else of itself."""
    with importing("the encoding of HTML", "html"):
        import webencodings

        labels = list(declared(raw[:_HEAD_BYTES]))
    known = next(filter(None, map(webencodings.lookup, labels)), None)
    if problem is None and (known is None or known.name != "iso-2022-jp"):
        return text, None
    if known is None and labels:
        return "", f"not UTF-8, and the encoding that it declares, '{labels[0][:40]}', is not known. {_ADVICE}"
    if known is None or known.name.startswith(("utf-", "x-user")):  # UTF-16 would not be read thus far
        return text, problem
    try:
        codec = codecs.lookup("gb18030") if known.name == "gbk" else known.codec_info  # as the standard decodes it
        return codec.decode(raw, "strict")[0], None
    except UnicodeDecodeError as error:
        place = f"byte 0x{raw[error.start]:02x} at {error.start + 1}"
        return "", f"neither UTF-8 nor {known.name}, which it declares ({place}). {_ADVICE}"


def _declared(head: bytes) -> Iterator[str]:
    """The labels of encodings that the start of an HTML page declares, in order; an XML declaration comes last."""
    from lxml import etree

    try:
        tree: Any = etree.fromstring(head, etree.HTMLParser(encoding="iso-8859-1"))
    except etree.XMLSyntaxError:  # nothing in it
        tree = None
    for meta in [] if tree is None else tree.iter("meta"):
        found = _CONTENT.search(meta.get("content") or "")
        if meta.get("charset"):
            yield meta.get("charset")
        elif found and (meta.get("http-equiv") or "").strip().lower() == "content-type":
            yield found[1]
    yield from _declared_in_xml(head)


def _declared_in_xml(head: bytes) -> Iterator[str]:
    """The label of the encoding in an XML declaration."""
    if found := _XML.search(head):
        yield found[1].decode("ascii", "replace")
