"""Whether a field of a table holds rows: a quote was left open before them, and closed below.

Leaves out: reading the rows again (tables.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_FEWEST_SWALLOWED = 8  # lines inside a field
_SHARE_SWALLOWED = 0.8  # of them look like rows
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")


def swallows_rows(row: Sequence[str], delimiter: str) -> bool:
    """True if a field holds many lines that mostly look like rows: a quote was left open before them.

    They have as many fields as a row, and ids like this row's, the first of which is the next: A-7, A-8. Where ids are
    no running numbers nobody can tell; a list of years and figures in a story stays one.
    """
    for value in row:
        if value.count("\n") <= _FEWEST_SWALLOWED:  # nearly all: the rest is not for every row
            continue
        cells = [line.split(delimiter) for line in value.split("\n")[1:]]
        if running(cells[0][0]) == running(row[0]) + 1 and are_alike(cells[-1][0], row[0]):
            rows = sum(len(found) == len(row) > 1 and are_alike(found[0], row[0]) for found in cells)
            if rows >= _SHARE_SWALLOWED * len(cells):
                return True
    return False


def swallows_next(row: Sequence[str], upcoming: Callable[[], str]) -> bool:
    """True if a field of a row between tabs goes on with the next row: its id, a tab, as many fields.

    Tables with tabs are often written without quoting, so that a quotation may begin in one row and end in another.

    Args:
        row: The fields.
        upcoming: Gives the line behind this row. Where that has the next id as well, the field is a text with lines;
            so it is in a table of two columns, in which a numbered list looks like rows, where that does not go on
            counting.
    """
    for column, value in enumerate(row):
        _, *below = value.split("\n")
        cells = [line.split("\t") for line in below]
        if not cells or not _is_next(cells[0][0], row[0]):
            continue
        if all(len(one) == len(row) for one in cells[:-1]) and len(cells[-1]) == column + 1 > 1:
            following = upcoming().split("\t")[0]
            return not _is_next(following, row[0]) if len(row) > 2 else _is_next(following, cells[-1][0])
    return False


def _is_next(cell: str, before: str) -> bool:
    return running(cell) == running(before) + 1 and are_alike(cell, before)


def running(cell: str) -> int:
    """The last number in an id: A-12 is 12; -1 where there is none."""
    found = _DIGITS.findall(cell)
    return int(found[-1][-18:]) if found else -1


def are_alike(cell: str, other: str) -> bool:
    """True for two ids with a number in them that are made alike: A-12 and B-7."""
    shape = _shape(cell)
    return "0" in shape and shape == _shape(other)


def _shape(cell: str) -> str:
    """How an id is made: A-12 and B-7 are "a-0"."""
    return _LETTERS.sub("a", _DIGITS.sub("0", cell.strip().strip('"')))
