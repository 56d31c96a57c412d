"""JSON, tables, Parquet, spreadsheets, feeds → records, each with its place; a broken one is the sentence on why.

    feed.jsonl:3  ->  ("feed.jsonl:3", {"text": "…"})  or  ("feed.jsonl:3", "not JSON (… at column 5).")

Leaves out: JSON itself (json_records.py), feeds (feeds.py), which columns hold what (stories.py), where the bytes come
from (streams.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from classifier.arrow import import_arrow
from classifier.arrow_values import python_values, text_type
from classifier.errors import InputError
from classifier.json_lists import StoryFields
from classifier.json_records import document_records, line_records
from classifier.json_values import AMBIGUOUS
from classifier.lines import with_lines
from classifier.meter import Meter
from classifier.record_types import Placed, Records
from classifier.sources import STDIN, Source
from classifier.spreadsheets import open_workbook
from classifier.streams import open_source
from classifier.tables import read_table

_PARQUET_BATCH = 512


@contextmanager
def open_records(
    source: Source,
    encoding: str = "utf-8",
    meter: Meter | None = None,
    fields: StoryFields | None = None,
) -> Iterator[Records]:
    """The records of a source, read as they are asked for.

    Args:
        source: Where they are.
        encoding: Of the file, unless it says its own.
        meter: Counts the bytes.
        fields: What a story has, where a JSON object around a list of stories is taken for the list, and the sheet
            with texts is to be found.

    Raises:
        InputError: If the source cannot be read, or has no readable header.
        OSError: While reading, if the file or its compression breaks off.
    """
    if source.format == "parquet":
        with _open_parquet(source) as parquet:
            rows = _parquet_rows(parquet, source, meter or Meter())
            yield Records(source.name, tuple(parquet.schema_arrow.names), rows)
        return
    if source.format == "spreadsheet":
        with open_workbook(source, meter or Meter(), fields) as records:
            yield records
        return
    with open_source(source, meter) as file:
        yield records_in(file, source, encoding, fields)


def records_in(file: IO[bytes], source: Source, encoding: str, fields: StoryFields | None = None) -> Records:
    """The records of an open JSON, table or feed source; `fields` as for `open_records`.

    Raises:
        InputError: If the encoding is not known, or there is no readable header.
    """
    name = source.shown
    if source.format == "feed":
        from classifier.feeds import feed_records  # with a library of its own

        return Records(name, None, feed_records(file, name, encoding))
    file, encoding = with_lines(file, encoding, AMBIGUOUS if source.format == "json" else ())
    if source.format == "jsonl":
        return Records(name, None, line_records(file, name, encoding))
    if source.format == "json":
        return Records(name, None, document_records(file, name, encoding, fields))
    table = read_table(file, name, encoding)
    return Records(f"{name}:1", table.header, ((f"{name}:{number}", record) for number, record in table.records))


@contextmanager
def _open_parquet(source: Source) -> Iterator[Any]:
    """An open Parquet file; whatever is wrong with it is an InputError, but for what the system says."""
    pyarrow, parquet = import_arrow()

    if source.name == STDIN or source.compression:
        raise InputError(f"{source.shown}: Parquet is read from files, and is compressed inside.")
    try:
        with parquet.ParquetFile(source.name) as file:
            names = file.schema_arrow.names
            if twice := sorted({name for name in names if names.count(name) > 1}):
                listed = ", ".join(map(repr, twice))
                raise InputError(f"{source.name}: two columns are named {listed}. Rename one of them.")
            yield file
    except pyarrow.ArrowException as error:
        raise InputError(f"{source.name}: not Parquet, or damaged ({str(error).splitlines()[0]})") from error


def _parquet_rows(file: Any, source: Source, meter: Meter) -> Iterator[Placed]:
    number, before, share = 0, meter.read_bytes, source.size_bytes / max(1, file.metadata.num_rows)
    for batch in file.iter_batches(batch_size=_PARQUET_BATCH):
        for values in zip(*map(python_values, batch.columns), strict=True):
            number += 1
            meter.read_bytes = before + round(number * share)
            yield f"{source.name}:{number}", dict(zip(batch.schema.names, values, strict=True))


def parquet_types(sources: Sequence[Source], texts: Collection[str] = ()) -> dict[str, Any]:
    """The Arrow types of the columns on which all sources agree, where all of them are Parquet; else nothing.

    Args:
        sources: The input.
        texts: The columns of titles and texts: bytes in them are read as text, and are text in the output.

    Raises:
        InputError: If one cannot be read.
    """
    if not sources or any(source.format != "parquet" for source in sources):
        return {}
    types: dict[str, Any] = {}
    for source in sources:
        for field in _parquet_schema(source):
            kind = text_type(field.type) if field.name in texts else field.type
            if types.setdefault(field.name, kind) != kind:
                types[field.name] = None
    return {name: kind for name, kind in types.items() if kind is not None}


def _parquet_schema(source: Source) -> Any:
    try:
        with _open_parquet(source) as file:
            return file.schema_arrow
    except OSError as error:
        raise InputError(f"{source.name}: cannot be read ({error.strerror or error}).") from error
