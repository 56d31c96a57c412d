"""Sheets of .xlsx with a value far from the others: whether the cells between them are more than memory should hold.

    A1:D50000 and a note in XFD2  ->  "a sheet reaches to column XFD and row 50,000, …"

calamine lays a sheet out in full, from the first value to the last. Leaves out: other kinds of spreadsheets.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

_MOST_CELLS = 1 << 27  # of 32 bytes each: 4 GiB
_IS_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_WITH_VALUE = rb'"(?:[^<>]*[^/<>])?>(?!</)'
_CELL = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})' + _WITH_VALUE)
_FAR_CELL = re.compile(rb' r="(?:D[YZ]|[E-Z][A-Z]|[A-Z]{3})[0-9]{1,7}' + _WITH_VALUE)  # DX is the 128th column
_BLOCK_BYTES, _LONGEST_TAG = 1 << 20, 256


def says_far_cells(file: IO[bytes]) -> str | None:
    """A sentence where a sheet has more cells than memory should hold; None otherwise, and of what is no .xlsx.

    Sheets of up to 128 columns are looked through once, quickly: all rows that there may be of them fit.
    """
    with contextlib.suppress(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        archive = zipfile.ZipFile(file)
        for part in filter(_IS_SHEET.fullmatch, archive.namelist()):
            if not any(map(_FAR_CELL.search, sheet_blocks(archive, part))):
                continue
            cells = [cell for block in sheet_blocks(archive, part) for cell in _farthest(block)]
            column = max((letters for letters, _ in cells), key=column_number)
            last = max(row for _, row in cells)
            count = column_number(column) * last
            if count > _MOST_CELLS:
                return (
                    f"a sheet reaches to column {column.decode()} and row {last:,}, which is {count:,} cells. Delete "
                    "what stands far from the table (Ctrl+End shows it)."
                )
    return None


def sheet_blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The bytes of a part, each block with the end of the one before, so that no tag is cut."""
    before = b""
    with archive.open(part) as file:
        while block := file.read(_BLOCK_BYTES):
            yield before + block
            before = block[-_LONGEST_TAG:]


def _farthest(block: bytes) -> Iterator[tuple[bytes, int]]:
    """The last column and row of the cells with a value in a block; nothing where there are none."""
    cells = [cell.groups() for cell in _CELL.finditer(block)]
    if cells:
        yield max({letters for letters, _ in cells}, key=column_number), max(int(row) for _, row in cells)


def column_number(column: bytes) -> int:
    """The number of a column, from 1.

    >>> [column_number(b"A"), column_number(b"DX"), column_number(b"XFD")]
    [1, 128, 16384]
    """
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number
