"""Spreadsheets (.xlsx, .xls, .ods …) → records, each cell as text, by its value, not by how it is shown.

    reports.xlsx, row 17  ->  ("reports.xlsx:17", {"id": "16", "text": "…", "date": "2024-03-04"})

Of a workbook, the first sheet with a column of texts is read, and those with the same header; the others are named.
The first row with values names the columns; rows of one cell above it, as titles are, do not, nor do narrower ones
above one with a text, or with a title where they have none. Leaves out: which columns hold what (stories.py), tables
that are text (tables.py), cells too far from each other (far_cells.py).
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from typing import Any

from classifier.error_cells import Errors, error_cells
from classifier.errors import InputError
from classifier.far_cells import says_far_cells
from classifier.imports import importing
from classifier.json_lists import StoryFields
from classifier.meter import Meter
from classifier.record_types import Placed, Records
from classifier.sources import Source
from classifier.table_header import REPEATS_HEADER, column_names
from classifier.unpacked import says_too_large

_MOST_TITLES = 20  # rows above a header
_ErrorsOf = Callable[[], Mapping[str, Errors]]  # by sheet, found as the rows are asked for
_EXACT = 10**16  # whole numbers below are written in full
_IS_OTHER = {  # what is often saved under the name of a spreadsheet, by how it begins
    b"<": "markup, most likely HTML. Rename it to .html, or open it in the program and save it anew",
    b"\xef\xbb\xbf": "text. Rename it to .csv",
    b"\xff\xfe": "text. Rename it to .csv",
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet with a header.

    Attributes:
        name: In the workbook.
        first: The row of the header, from 1.
        columns: The names of the columns that are read, by their number from 0.
        header: Their cells as they are written.
        cells: The sheet as calamine has it: those with an error of a formula are empty.
        is_shown: Whether it is not hidden.
    """

    name: str
    first: int
    columns: Mapping[int, str]
    header: Sequence[str]
    cells: Any
    is_shown: bool

    @property
    def named(self) -> list[str]:
        """The columns that the header names, sorted: a note beside a table makes it no other one."""
        pairs = zip(self.columns.values(), self.header, strict=True)
        return sorted(column for column, cell in pairs if cell.strip())


@contextlib.contextmanager
def open_workbook(source: Source, meter: Meter, fields: StoryFields | None = None) -> Iterator[Records]:
    """The records of a spreadsheet, which is held in memory meanwhile.

    Args:
        source: A file of any kind that calamine reads, whatever its ending says.
        meter: Counts each row as its share of the file.
        fields: What a story has; without it the first sheet that is not empty is read.

    Raises:
        InputError: If it is none, or a stream, or has a password, or no header; or a column is named twice.
        OSError: If it cannot be read.
        MissingExtraError: If calamine is not installed.
    """
    with importing("a spreadsheet", "office"):
        import python_calamine as calamine
    name = source.shown
    if source.is_stream or source.compression:
        raise InputError(f"{name}: a spreadsheet is read from a file that is not packed. Write it to one first.")
    with open(source.name, "rb") as file:
        start = file.read(3)
        if said := says_too_large(file) or says_far_cells(file):
            raise InputError(f"{name}: {said} Save the sheet as CSV.")
        file.seek(0)
        try:
            with calamine.CalamineWorkbook.from_filelike(file) as book:
                sheets = list(_sheets(book, calamine, fields))
                yield _read(sheets, source, meter, fields, partial(error_cells, file))
        except calamine.PasswordError as error:
            raise InputError(f"{name}: protected with a password. Save it without one.") from error
        except calamine.CalamineError as error:
            other = next((what for begin, what in _IS_OTHER.items() if start.startswith(begin)), None)
            advice = f"It begins like {other}." if other else "Open it and save it anew, or as CSV UTF-8."
            raise InputError(f"{name}: not a spreadsheet, or damaged ({error}). {advice}") from error


def _sheets(book: Any, calamine: Any, fields: StoryFields | None) -> Iterator[_Sheet]:
    """The sheets with values, those that are shown before those that are hidden."""
    shown = calamine.SheetVisibleEnum.Visible
    worksheets = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    for sheet in sorted(worksheets, key=lambda sheet: sheet.visible != shown):
        cells = book.get_sheet_by_name(sheet.name)
        first, row = _header(cells, fields)
        if first:
            columns = _columns(cells, first, row)
            written = [row[column] for column in columns]
            yield _Sheet(sheet.name, first, columns, written, cells, sheet.visible == shown)


def _header(cells: Any, fields: StoryFields | None) -> tuple[int, list[str]]:
    """The row that names the columns, and its cells; 0 where the sheet is empty."""
    rows = ((number, list(map(_text, row))) for number, row in enumerate(cells.iter_rows(), 1))
    filled = ((number, row) for number, row in rows if _width(row))
    above = list(islice(filled, _MOST_TITLES + 1))
    if not above:
        return 0, []
    first = next((one for one in above if _width(one[1]) > 1), above[0])
    first = above[0] if _worth(column_names(above[0][1]), fields) else first
    known, widest = _worth(column_names(first[1]), fields), 0
    for number, row in above:  # below lines such as "Source: | our desk", which are never as wide
        if _width(row) > max(widest, 1) and _worth(column_names(row), fields) > known:
            return number, row
        widest = max(widest, _width(row))
    return first


def _worth(names: Collection[str], fields: StoryFields | None) -> int:
    """2 where columns of these names have texts, 1 where they have titles alone, else 0."""
    if fields is None or not fields.is_story(dict.fromkeys(names, "")):
        return 0
    return 2 if fields.text in names else 1


def _width(row: Sequence[str]) -> int:
    """How many cells hold more than blanks."""
    return sum(bool(cell.strip()) for cell in row)


def _columns(cells: Any, first: int, header: Sequence[str]) -> dict[int, str]:
    """The names of the columns below a header; one without a name goes by its letter, if there is anything in it."""
    names = column_names([cell if cell.strip() else "" for cell in header])
    nameless = {column for column, name in enumerate(names) if not name}
    used = set()
    if nameless:
        for row in islice(cells.iter_rows(), first, None):
            used |= {column for column in nameless if _text(row[column])}
    return {column: name or f"column {_letters(column)}" for column, name in enumerate(names) if name or column in used}


def _letters(column: int) -> str:
    """What a spreadsheet calls a column.

    >>> [_letters(0), _letters(25), _letters(26), _letters(701)]
    ['A', 'Z', 'AA', 'ZZ']
    """
    before, last = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _read(
    sheets: Sequence[_Sheet], source: Source, meter: Meter, fields: StoryFields | None, errors: _ErrorsOf
) -> Records:
    name = source.shown
    if not sheets:
        raise InputError(f"{name}: empty, expected a sheet with column names in its first row.")
    main = max(sheets, key=lambda sheet: _rank(sheet, fields))  # the first of those alike
    read = [sheet for sheet in sheets if sheet.named == main.named]
    columns = tuple(dict.fromkeys(chain(*(sheet.columns.values() for sheet in [main, *read]))))
    places = {sheet.name: f"{name}:{sheet.name}" if len(read) > 1 else name for sheet in read}
    where = f"{places[main.name]}:{main.first}"
    counts = [Counter(sheet.columns.values()) for sheet in read]
    if twice := sorted({column for count in counts for column in count if count[column] > 1}):
        raise InputError(f"{where}: the header names {', '.join(map(repr, twice))} twice. Rename one of them.")
    said = [f"read the sheet{'s' * (len(read) > 1)} {_listed(read)}"]
    if others := [sheet for sheet in sheets if sheet not in read]:
        said.append(f"left out {_listed(others)}, with other columns")
    if main.is_shown and (hidden := [sheet for sheet in read if not sheet.is_shown]):
        said.append(f"hidden: {_listed(hidden)}")
    left_out = f"{name}: {'; '.join(said)}." if len(said) > 1 else ""
    rows = _records({places[sheet.name]: sheet for sheet in read}, columns, errors, source, meter)
    return Records(where, columns, rows, left_out)


def _listed(sheets: Iterable[_Sheet]) -> str:
    return ", ".join(repr(sheet.name) for sheet in sheets)


def _rank(sheet: _Sheet, fields: StoryFields | None) -> tuple[bool, int]:
    """Which of two sheets is read: one with titles or texts that is shown, then one with texts."""
    worth = _worth(tuple(sheet.columns.values()), fields)
    return sheet.is_shown and worth > 0, worth


def _records(
    sheets: Mapping[str, _Sheet], columns: Sequence[str], errors: _ErrorsOf, source: Source, meter: Meter
) -> Iterator[Placed]:
    """The rows of sheets, by the place of each; a column that a sheet lacks is empty."""
    before, passed, empty = meter.read_bytes, 0, dict.fromkeys(columns, "")
    share = source.size_bytes / sum(sheet.cells.total_height + 1 for sheet in sheets.values())
    errors_of = errors()
    for place, sheet in sheets.items():
        names, in_sheet = list(sheet.columns.values()), errors_of.get(sheet.name, {})
        for number, row in enumerate(sheet.cells.iter_rows(), 1):
            meter.read_bytes = before + round((passed + number) * share)
            values = [_text(row[column]) for column in sheet.columns] if number > sheet.first else []
            if values == sheet.header and len(names) > 1:
                yield f"{place}:{number}", REPEATS_HEADER
            elif any(values):
                if in_row := in_sheet.get(number):
                    left = sheet.cells.start[1]  # its first column, from which calamine counts
                    pairs = zip(sheet.columns, values, strict=True)
                    values = [value or in_row.get(left + column, "") for column, value in pairs]
                yield f"{place}:{number}", {**empty, **dict(zip(names, values, strict=True))}
        passed += sheet.cells.total_height + 1


def _text(value: Any) -> str:
    """A cell as text; dates as YYYY-MM-DD, whole numbers without a point, "" for an empty one."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else f"{value:.15g}"  # as Excel shows it
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value)
