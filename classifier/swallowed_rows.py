"""Whether a field of a table holds rows: a quote was left open before them, and closed far below.

Leaves out: reading the rows again (tables.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
