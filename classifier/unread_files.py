"""Files of kinds that are not read: which may hold stories, and how they become readable.

Pictures, programs and the like hold none, and are none of the kinds that go by a name. Leaves out: what is read
(sources.py), files that are no data by their name (folders.py).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Mapping

_DOCUMENTS = frozenset(
    [
        *(".doc", ".docm", ".dotx", ".dotm", ".odt", ".rtf", ".pdf", ".epub", ".pages"),
        *(".xltx", ".xltm", ".fods", ".numbers"),
        *(".eml", ".emlx", ".mbox", ".msg", ".mht", ".mhtml", ".webarchive"),
        *(".dta", ".sav", ".rds", ".feather"),
    ]
)
_PACKED = frozenset([".zip", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".rar"])
_TEXTS = frozenset(["", ".md", ".markdown", ".text"])  # read under another name
_ENDING = re.compile(r"\.\w*[^\W\d]\w*")  # "No. 5" and "2024.03.12" have none
_BEGINNINGS = {  # of bytes that may come as a page, most likely under a wrong name
    rb"%PDF-": "a PDF, no text. Save its text as .txt.",
    rb"\{\\rtf": "RTF, no text. Save it as .txt or .docx.",
    rb"\xd0\xcf\x11\xe0": "a file of an old Office, no text. Save it as .docx or .xlsx, and name that.",
    rb"PK[\x03\x05]": "a zip archive, no text. Unpack it; spreadsheets and documents are read from .xlsx and .docx.",
    rb"PAR1[\x00-\x1f]": "Parquet, no text. It is read from a file that ends in .parquet.",
    rb"\x1f\x8b": "packed by gzip, no text. It is read from a file that ends in .gz.",
    rb"\x28\xb5\x2f\xfd": "packed by Zstandard, no text. It is read from a file that ends in .zst.",
    rb"BZh[1-9]1AY&SY|\xfd7zXZ\x00|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07": "an archive, no text. Unpack it.",
    rb"SQLite format 3\x00": "a database, no text. Save its table as .csv.",
    rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP|II\*\x00|MM\x00\*|.{4}ftyp": "a picture or film, no text.",
}
_KINDS = [(re.compile(beginning, re.DOTALL), kind) for beginning, kind in _BEGINNINGS.items()]
NONE = "without an ending"


def unread_kind(suffix: str) -> str | None:
    """The kind of a file that may hold stories: its ending, or that it has none; None for what holds none.

    Args:
        suffix: How the file ends, in lower case.
    """
    suffix = suffix if _ENDING.fullmatch(suffix) else ""
    if suffix not in _DOCUMENTS | _PACKED | _TEXTS:
        return None
    return suffix or NONE


def is_never_read(kind: str | None) -> bool:
    """Whether files of a kind are not read under another name either."""
    return kind in _DOCUMENTS | _PACKED


def no_text(raw: bytes) -> str | None:
    """What bytes are by how they begin, and how they become readable; None for what may be text."""
    start = raw[:64].removeprefix(codecs.BOM_UTF8).lstrip()
    return next((kind for beginning, kind in _KINDS if beginning.match(start)), None)


def what_to_do(kinds: Collection[str | None]) -> str:
    """Sentences on how files of these kinds are read."""
    found = set(kinds)
    hints: Mapping[str, bool] = {
        "Save a table as CSV (UTF-8), a document as .txt or .html.": not found.isdisjoint(_DOCUMENTS),
        "Unpack archives.": not found.isdisjoint(_PACKED),
        "Rename a text to .txt, or name the format with --input-format.": not found.isdisjoint({*_TEXTS, NONE}),
    }
    return " ".join(hint for hint, fits in hints.items() if fits)
