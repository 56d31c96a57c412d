"""Word documents (.docx) → the text of a page, a paragraph a line.

Read are paragraphs, cells of tables, text boxes and content controls in their order, with what was inserted and not yet
accepted. Left out are headers, footers, notes, comments and what was deleted. Leaves out: how a page is cut into
stories (pages.py).
"""

from __future__ import annotations

import io
import re
from typing import Any

from classifier.imports import importing
from classifier.lines import LONGEST_RECORD_BYTES
from classifier.unpacked import says_too_large

LONGEST_DOCUMENT_BYTES = 1 << 29  # with its pictures
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same again for old programs
_MARKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_NOT_READ = frozenset([f"{_W}del", f"{_W}moveFrom", _FALLBACK])
_APART = _NOT_READ | {f"{_W}p", f"{_W}pPr"}  # not of the text around them; pPr holds tab stops by the name of tabs
_OBJECT = re.compile(r"file '<[^>]*>' is ")
_OLD_WORD = b"\xd0\xcf\x11\xe0"


def python_docx() -> Any:
    """The library python-docx.

    Raises:
        MissingExtraError: If it is not installed.
    """
    with importing("a Word document", "office"):
        import docx
    return docx


def document_text(raw: bytes) -> tuple[str, str | None]:
    """The text of a document, and what is wrong with it, if anything.

    Raises:
        MissingExtraError: If python-docx is not installed.
    """
    docx = python_docx()
    if raw.startswith(_OLD_WORD):
        return "", "a document of Word before 2007, or one with a password. Save it as .docx, without a password."
    if said := says_too_large(io.BytesIO(raw)):
        return "", f"{said} Save it as .txt."
    try:
        body = docx.Document(io.BytesIO(raw)).element.body
    except Exception as error:  # the library lets through what zip, XML and damaged parts raise, of many kinds
        found = _OBJECT.sub("", str(error))  # the address in it is another one when a job goes on
        return "", f"not a Word document, or damaged ({found}). Open it and save it anew, or as .txt."
    paragraphs = [part for part in body.iter(f"{_W}p") if next(part.iterancestors(*_NOT_READ), None) is None]
    text = "\n".join(map(_text, paragraphs))
    if len(text) > LONGEST_RECORD_BYTES:
        return "", f"a text longer than {LONGEST_RECORD_BYTES >> 20} MiB. Cut it into smaller files."
    return text, None


def _text(element: Any) -> str:
    """The text of a paragraph or a part of one, without that of paragraphs in it, which are lines of their own."""
    found = []
    for child in element:
        if child.tag == f"{_W}t":
            found.append(child.text or "")
        elif child.tag in _MARKS:
            found.append(_MARKS[child.tag])
        elif child.tag not in _APART:
            found.append(_text(child))
    return "".join(found)
