"""Delimited text (CSV, TSV) → records, one broken row at a time.

The standard library's parser in strict mode, with a way back: where a quote is left open, only the line that
opened it is given up and reading goes on at the next line, so that one broken row never swallows the rest of the file.
The same where a later quote closes it and the lines between look like rows; what ends a broken row is no row.
What spreadsheets add is left out: a first line `sep=;`, columns at the end that have neither a name nor a value, and
empty rows at the end. The names of rows that R writes are a first column without a name.
Leaves out: what a header says (table_header.py), when lines look like rows (swallowed_rows.py), when rows have names
(row_names.py).
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from classifier.errors import InputError
from classifier.lines import LONGEST_RECORD_BYTES
from classifier.printed import counted
from classifier.row_names import has_row_names
from classifier.swallowed_rows import are_alike, swallows_next, swallows_rows
from classifier.table_header import REPEATS_HEADER, column_names, delimiter_of, is_cut, named_delimiter, nameless
from classifier.table_lines import TableLines

_MOST_HEADER_LINES = 50
_SHOWN = 60  # characters of a value, in a message


@dataclass(frozen=True, slots=True)
class Table:
    """A header, and the records below it: (line number, the record or what is wrong with it)."""

    header: tuple[str, ...]
    records: Iterator[tuple[int, dict[str, str] | str]]


def read_table(file: IO[bytes], name: str, encoding: str = "utf-8") -> Table:
    """The table in a file; its delimiter goes by the header, unless a first line `sep=;` names it.

    Where several columns at the end have no name, the header goes without them, and a row with a value there is a
    problem.

    Raises:
        InputError: If there is no readable header, or it names a column twice.
    """
    csv.field_size_limit(LONGEST_RECORD_BYTES)
    lines = TableLines(file, encoding)
    first = _first_line(lines)
    named = None if first is None else named_delimiter(first)
    if named:
        first = _first_line(lines)
    if first is None:
        raise InputError(f"{name}: empty file, expected a header line with column names.")
    if lines.problem:
        raise InputError(f"{name}:{lines.number}: {lines.problem}")
    raw_header = _header(lines, first)
    delimiter = named or delimiter_of(raw_header, lines.take() or "")
    lines.put_back()
    number, written, problem = next(_rows(lines, delimiter))
    if problem:
        raise InputError(f"{name}:{number}: the header cannot be read ({problem.removesuffix('.')}).")
    header = column_names(written[: len(written) - nameless(written)])
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputError(f"{name}:{number}: the header names {', '.join(map(repr, twice))} twice. Rename one of them.")
    if delimiter == "\t" or raw_header.startswith('"'):
        rows, starts = lines.ahead(delimiter, len(written) + 1)
        are_quoted = all(start.startswith('"') for start in [raw_header, *starts])
        if (are_quoted or delimiter == "\t") and has_row_names(written, rows, are_quoted=are_quoted):
            header, written = ["", *header], ["", *written]
    return Table(tuple(header), _records(lines, delimiter, tuple(header), written))


def _first_line(lines: TableLines) -> str | None:
    """The first line that is not blank, as the start of the current row; None if there is none."""
    while lines.start():
        line = lines.take()
        if line is not None and (line.strip() or lines.problem):
            return line
    return None


def _header(lines: TableLines, first: str) -> str:
    """The header whose first line this is, taken whole; the line alone where no other closes its quote."""
    header = first
    with contextlib.suppress(csv.Error):  # too long for a row
        for _ in range(_MOST_HEADER_LINES):
            if not is_cut(header):
                return header
            if (line := lines.take()) is None:
                break
            header += line
    return first


def _records(
    lines: TableLines, delimiter: str, header: tuple[str, ...], written: list[str]
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """The records; of columns that are `written` behind those of the header, a row may have any number, empty."""
    columns = len(written)
    broken: int | None = None  # the line of a broken row whose last line may be still to come
    known = ""  # the id of the last sound row
    empty: list[int] = []  # lines of empty rows, behind which there may be others
    for number, row, problem in _rows(lines, delimiter):
        if len(row) == columns > 1 and not any(row) and not lines.quotes:
            broken, known = None, ""
            empty.append(number)
            continue
        yield from ((line, dict.fromkeys(header, "")) for line in empty)
        empty.clear()
        if problem:
            broken = number if lines.problem is None else broken  # wrong bytes leave no quote open
            yield number, problem
        elif not len(header) <= len(row) <= columns:
            yield number, f"{counted(len(row), 'field')}, the header has {columns}. Check quotes and delimiters."
        elif value := next(filter(None, map(str.strip, row[len(header) :])), ""):
            yield number, f"'{value[:_SHOWN]}' stands in a column without a name. Name it in the header, or empty it."
        elif len(header) > 1 and row[: len(header)] == written[: len(header)]:
            yield number, REPEATS_HEADER
        elif swallows_rows(row, delimiter) or (delimiter == "\t" and swallows_next(row, lines.upcoming)):
            broken, last, known = number, lines.last, row[0]
            lines.give_up_first()
            yield number, f"broken quoting (a quote that is closed in line {last} holds lines that look like rows)."
        elif broken is not None and lines.quotes % 2 and not are_alike(row[0], known):
            yield number, f"one quote too many: this looks like the end of the broken row in line {broken}."
            broken = None
        else:
            broken, known = None, row[0]
            yield number, dict(zip(header, row[: len(header)], strict=True))


def _rows(lines: TableLines, delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    """(line number, fields, what is wrong) of every row that is not blank."""
    while lines.start():
        try:
            row = next(csv.reader(lines, delimiter=delimiter, strict=True))
        except csv.Error as error:
            number, problem = lines.number, _said(error)
            lines.give_up_first()
            yield number, [], problem
            continue
        except StopIteration:
            return
        if lines.problem is not None:
            yield lines.number, [], lines.problem
        elif row:
            yield lines.number, row, None


def _said(error: csv.Error) -> str:
    """What is wrong with a row, by what the parser says."""
    if str(error).startswith("new-line character"):
        return "a carriage return stands in a field without quotes. Put the field in quotes, or end all lines alike."
    return f"broken quoting or an over-long field ({error})."
