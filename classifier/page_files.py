"""The bytes of a page → its title and text, whether they are plain text, HTML or a Word document.

Leaves out: how the text of each is found (page_text.py, html_text.py, documents.py), and its stories (stories.py).
"""

from __future__ import annotations

from typing import IO

from classifier.documents import LONGEST_DOCUMENT_BYTES, document_text
from classifier.errors import InputError
from classifier.html_text import MainText, main_text
from classifier.lines import LONGEST_RECORD_BYTES
from classifier.page_text import page_text
from classifier.unread_files import no_text


def read_page_file(file: IO[bytes], page_format: str, encoding: str) -> tuple[MainText, str | None]:
    """What there is to read on a page and None, or nothing and what is wrong with it.

    Args:
        file: At the start of the page.
        page_format: "txt", "html" or "docx".
        encoding: As of `page_text`.

    Raises:
        CommandError: If the encoding is not known.
        MissingExtraError: If the extra for the format is not installed.
    """
    most = LONGEST_DOCUMENT_BYTES if page_format == "docx" else LONGEST_RECORD_BYTES
    raw = file.read(most + 1)
    if page_format != "docx" and (kind := no_text(raw)):
        return MainText(), kind
    if len(raw) > most:
        return MainText(), f"longer than {most >> 20} MiB. Cut it into smaller files."
    if page_format == "docx":
        text, problem = document_text(raw)
    else:
        text, problem = page_text(raw, encoding, declares="html" if page_format == "html" else None)
    if problem is not None or page_format != "html":
        return MainText(text=text), problem
    try:
        return main_text(text), None
    except InputError as error:
        return MainText(), str(error)
