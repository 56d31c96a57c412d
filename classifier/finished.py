"""An output file of ours, read again: also one that pandas or a spreadsheet has written anew.

Leaves out: what is made of the rows (tally.py, review.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from classifier.errors import InputError
from classifier.formats import format_of
from classifier.json_records import kind_of
from classifier.record_types import Record
from classifier.records import open_records
from classifier.sources import Source

_TRUE = frozenset(("true", "1", "1.0", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar"))
_FALSE = frozenset(("false", "0", "0.0", "falsch", "faux", "falso", "onwaar", "", "none", "nan"))


NO_MODEL = "no model, as in no row that predict wrote. Delete the row."  # a row of sums that a person has added


def finished_rows(name: str, needed: Sequence[str], encoding: str = "utf-8") -> Iterator[tuple[str, Record]]:
    """The rows with their places, but for empty ones.

    Args:
        name: A file that predict wrote.
        needed: Label columns, with their prefix, without which it is not one.
        encoding: Of the file, unless it says its own.

    Raises:
        InputError: If it cannot be read, a row is broken, or a column is missing.
    """
    kind, compression = format_of(Path(name))
    if kind not in ("jsonl", "csv", "parquet"):
        raise InputError(f"{name}: not an output file. Name a .jsonl, .csv or .parquet file that predict wrote.")
    try:
        with open_records(Source(name, kind, compression), encoding) as records:
            for where, record in records.rows:
                if isinstance(record, str):
                    raise InputError(f"{where}: {record}")
                if record and all(value == "" for value in record.values()):
                    continue  # an empty row that a spreadsheet has put in
                if any(column not in record for column in needed):
                    raise InputError(
                        f"{where}: no columns {' and '.join(map(repr, needed))}. Name a file that predict wrote, "
                        "with the --prefix that it was written with."
                    )
                for column in needed:
                    if not _is_text(record[column]):
                        found = kind_of(record[column])
                        raise InputError(f"{where}: '{column}' is {found}, not text. Name a file that predict wrote.")
                yield where, record
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror or error}).") from error


def _is_text(value: Any) -> bool:
    """True for text, a list of texts, and null, which is what pandas makes of an empty cell."""
    values = value if isinstance(value, list) else [value]
    return value is None or all(isinstance(one, str) for one in values)


def topics_in(row: Record, prefix: str) -> tuple[str, ...]:
    """The topics of a row: a list, or in a table names joined by "|"."""
    topics = row[f"{prefix}topics"] or ""
    return tuple(filter(None, topics.split("|"))) if isinstance(topics, str) else tuple(topics)


def is_flagged(row: Record, prefix: str, where: str = "output") -> bool:
    """True for a row that is for a person to review: `true`, `TRUE` (Excel), `WAHR` (Excel in German), 1 (Stata).

    Raises:
        InputError: If it is neither that nor false, which would hide rows from a review.
    """
    value = row.get(f"{prefix}review")
    if (written := str(value).strip().lower()) in _TRUE:
        return True
    if written not in _FALSE:
        raise InputError(f"{where}: '{prefix}review' is {value!r}. Write true or false.")
    return False
