"""The header line of a table → its delimiter and the names of its columns.

Leaves out: the rows (tables.py), a table without a header (training/tables.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_DELIMITERS = ",\t;|"
_NAMES_DELIMITER = re.compile(r'"?sep=([^\w\s"]|\t)"?\r?\n?', re.IGNORECASE)  # Excel's first line
_QUOTED = re.compile('"[^"]*"')
REPEATS_HEADER = "repeats the header: another table begins here, whose rows are read on. Remove this line."
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")


def named_delimiter(line: str) -> str | None:
    """The delimiter that Excel's first line `sep=;` names; None where the line is another one."""
    named = _NAMES_DELIMITER.fullmatch(line)
    return named[1] if named else None


def is_cut(header: str) -> bool:
    """Whether a name in quotes goes on in the next line."""
    return header.count('"') % 2 == 1


def delimiter_of(header: str, below: str = "") -> str:
    r"""The one of comma, tab, semicolon and bar that a header has most of.

    Those in quotes do not count. Where more of another have no blank behind them, as in a phrase, it is that one,
    unless the line below has as many of the first as the header, and not of the other.

    >>> delimiter_of("id;text;place (village, camp, or site)\n")
    ';'
    >>> delimiter_of("id, text, actor1|actor2\n", "7, Envoys met, 2\n")
    ','
    """
    names, values = _QUOTED.sub("", header), _QUOTED.sub("", below)
    most = max(_DELIMITERS, key=names.count)
    tight = max(_DELIMITERS, key=lambda mark: (names.count(mark) - names.count(f"{mark} "), names.count(mark)))
    as_below = {mark: names.count(mark) == values.count(mark) for mark in (most, tight)}
    return most if as_below[most] and not as_below[tight] else tight


def nameless(header: Sequence[str]) -> int:
    """How many columns at the end have no name; 0 for one alone, which is a column like any other."""
    named = len(header)
    while named and not header[named - 1].strip():
        named -= 1
    return len(header) - named if len(header) - named > 1 else 0


def column_names(header: Sequence[str]) -> list[str]:
    r"""The names as a person sees them: without blanks around them, on one line; as they are where two become alike.

    >>> column_names(["id ", "Full\nText", "note", "note "])
    ['id', 'Full Text', 'note', 'note ']
    """
    seen = [_LINE_BREAK.sub(" ", name.strip()) for name in header]
    return [new if seen.count(new) == 1 else name for name, new in zip(header, seen, strict=True)]
