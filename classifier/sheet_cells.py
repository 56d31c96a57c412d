"""What a sheet must be so that a spreadsheet shows it as it is: its encoding, and cells that are no formulas.

    "=1+1"  ->  "'=1+1" in the sheet  ->  "=1+1" where the sheet is read again

A spreadsheet computes a cell that begins so, whoever wrote the story; and of "- Envoys met" it makes an error, which it
saves in place of the text. Numbers stay as they are. Leaves out: outputs, which hold what they were given (rows.py).
"""

from __future__ import annotations

import re
from typing import Any

SHEET_ENCODING = "utf-8-sig"  # without the mark Excel takes it for cp1252
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # with marks before it, so that each text has a form of its own
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")


def marked_cell(value: Any) -> Any:
    """The value as it stands in a sheet."""
    if not isinstance(value, str) or not _FORMULA.match(value) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}"


def unmarked_cell(cell: str) -> str:
    """The text that stands in a cell of a sheet.

    >>> unmarked_cell(marked_cell("=1+1")), unmarked_cell("'Tis the season"), unmarked_cell("-12")
    ('=1+1', "'Tis the season", '-12')
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
