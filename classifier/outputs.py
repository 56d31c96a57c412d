"""The rows of a finished job → the output file: JSON lines, CSV or Parquet, plain or compressed.

The rows come from the job's `rows.jsonl`, so the columns and their types are known before the first is written. The
output is written beside its place and moved there when it is whole. Leaves out: which columns there are (layout.py),
the types of Parquet (parquet_output.py), rows that go to standard output (rows.py).
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO, Any

from classifier.arrow import import_arrow
from classifier.column_names import renamed
from classifier.errors import InputError, nearest
from classifier.formats import COMPRESSIONS
from classifier.layout import Columns, Layout
from classifier.parquet_output import write_parquet
from classifier.rows import CsvTable, label_names
from classifier.stopping import until_stopped

FINISHED = "finished"  # the output beside the job's rows, until it is whole
_FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class Output:
    """A file to be written.

    Attributes:
        path: Where.
        format: "jsonl", "csv" or "parquet".
        compression: "gz", "zst" or None.
        types: Arrow types for own columns, by their names in the input, where it is all Parquet; other columns of
            Parquet get theirs from what they hold.
    """

    path: Path
    format: str
    compression: str | None = None
    types: Mapping[str, Any] = field(default_factory=dict)


def output_for(name: str, chosen: str | None = None) -> Output:
    """The output that a file name asks for; `chosen` overrides the format.

    Raises:
        InputError: If the name tells no format, or the format has no such compression.
        MissingExtraError: If the format needs an extra that is not installed.
    """
    path = Path(name)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = COMPRESSIONS.get(suffixes[-1]) if suffixes else None
    if compression:
        suffixes.pop()
    found = chosen or _FORMATS.get(suffixes[-1] if suffixes else "")
    if found is None:
        suffix = suffixes[-1] if suffixes else ""
        raise InputError(
            f"{name}: format not known from its name.{nearest(suffix, _FORMATS)} Known: {', '.join(_FORMATS)}, "
            "the first three also with .gz or .zst. Rename it or name the format with --format."
        )
    if found == "parquet" and compression:
        raise InputError(f"{name}: Parquet is compressed inside. Name it {path.with_suffix('')}.")
    if found == "parquet" or compression == "zst":
        import_arrow()  # what is missing is said before the work, not after it
    return Output(path, found, compression)


def finish_output(
    rows: Path, output: Output, layout: Layout, *, should_stop: Callable[[], bool] = lambda: False
) -> None:
    """Writes the output from the job's rows; it appears under its name only when it is whole.

    Raises:
        InputError: If it cannot be written.
        Stopped: If `should_stop` said so before it was whole; the same call makes it anew.
    """
    if not rows.exists() and output.path.exists():
        return  # an earlier run moved it into place and died before it could clean up
    if not layout.own.kinds:
        layout = replace(layout, own=_columns_of(output.types, layout))
    finished = rows if output.format == "jsonl" and output.compression is None else rows.with_name(FINISHED)
    try:
        if finished is not rows:
            with rows.open("rb") as source:
                _convert(source, finished, output, layout, should_stop=should_stop)
            with finished.open("rb+") as file:
                os.fsync(file.fileno())
        finished.replace(output.path)
        _sync_folder(output.path.parent)
    except OSError as error:
        raise InputError(
            f"{output.path}: cannot be written ({error.strerror}). "
            f"All rows are in {rows}: make room and give the same command again."
        ) from error


def _columns_of(types: Mapping[str, Any], layout: Layout) -> Columns:
    """The columns of a Parquet input without rows, by the names that rows would have had."""
    return Columns(dict.fromkeys(renamed(types, label_names(layout.prefix, layout.more)), "null"))


def _convert(file: IO[bytes], target: Path, output: Output, layout: Layout, *, should_stop: Callable[[], bool]) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        """All rows, from the first on."""
        file.seek(0)
        return map(json.loads, until_stopped(file, should_stop))

    if output.format == "parquet":
        write_parquet(rows, target, layout, output.types)
        return
    with _compressed(target, output.compression) as packed:
        if output.format == "jsonl":
            packed.writelines(until_stopped(iter(partial(file.read, 1 << 20), b""), should_stop))
            return
        text = io.TextIOWrapper(packed, encoding="utf-8", newline="", write_through=True)
        table = CsvTable(text, ["id", *layout.kinds(), *layout.label_columns()])
        for row in rows():
            table.write(layout.flat(row))
        text.detach()


@contextlib.contextmanager
def _compressed(path: Path, compression: str | None) -> Iterator[Any]:
    """A file to write bytes to; the same bytes give the same file (no time stamp, no name)."""
    if compression == "zst":
        pyarrow, _ = import_arrow()

        with pyarrow.output_stream(str(path), compression="zstd") as stream, io.BufferedWriter(stream) as buffered:
            yield buffered
        return
    with path.open("wb") as file:
        if compression is None:
            yield file
            return
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:
            yield packed


def _sync_folder(folder: Path) -> None:
    """Makes a new name durable, where folders can be synchronised."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
