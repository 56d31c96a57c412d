"""Delimited text without a header line → stories; the config names the columns.

    "The talks failed.<TAB>0<TAB>1"  with the columns text, storm, talks
    ->  Story(text="The talks failed.", columns={"text": …, "storm": "0", "talks": "1"})

Leaves out: tables with a header (classifier/tables.py), what the label columns mean (labels.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from classifier.errors import InputError
from classifier.lines import LONGEST_RECORD_BYTES, with_lines
from classifier.printed import counted
from classifier.sources import Source
from classifier.stories import ReadOptions, Story, story_from_record
from classifier.streams import open_source


def read_headless(source: Source, columns: Sequence[str], options: ReadOptions) -> Iterator[Story]:
    """The stories of a table; fields are parted by tabs in a .tsv or .tab file, by commas in others.

    A row with another number of fields, or a field in quotes that are not closed, becomes a story with `error`.

    Raises:
        InputError: If the file cannot be read, or is not UTF-8.
    """
    csv.field_size_limit(LONGEST_RECORD_BYTES)
    delimiter = "," if {".tsv", ".tab"}.isdisjoint(Path(source.name).suffixes) else "\t"
    try:
        with open_source(source) as file:
            lines, _ = with_lines(file, "utf-8")
            text = io.TextIOWrapper(lines, encoding="utf-8-sig", newline="")
            yield from _stories(text, delimiter, source.shown, columns, options)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{source.shown}: cannot be read ({getattr(error, 'strerror', None) or error}).") from error


def _stories(
    text: io.TextIOWrapper, delimiter: str, name: str, columns: Sequence[str], options: ReadOptions
) -> Iterator[Story]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        where = f"{name}:{reader.line_num + 1}"
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Story(id=where, error=f"{where}: broken quoting or an over-long field ({error}).")
            continue
        if row and len(row) != len(columns):
            found = counted(len(row), "field")
            error_text = f"{where}: {found}, data.columns names {len(columns)}. Check quotes and delimiters."
            yield Story(id=where, error=error_text)
        elif row:
            yield story_from_record(dict(zip(columns, row, strict=True)), where, options)
