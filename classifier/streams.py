"""A source → its bytes, decompressed, as a stream that can be looked into.

Leaves out: which files there are, and in what formats (sources.py), how far they are read (meter.py), what is in the
bytes (stories.py, tables.py).
"""

from __future__ import annotations

import contextlib
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from functools import partial
from typing import IO, Any

from classifier.errors import CommandError, InputError
from classifier.meter import BLOCK_BYTES, Meter, MeteredFile, Steps, Unpacked, bytes_ahead
from classifier.sources import STDIN, Source
from classifier.zstandard import ZstdReader

_MAGIC = {"gz": b"\x1f\x8b", "zst": b"\x28\xb5\x2f\xfd"}  # how compressed data begins, for what has no name
_ZIP = b"PK\x03\x04"


@contextlib.contextmanager
def open_source(source: Source, meter: Meter | None = None) -> Iterator[IO[bytes]]:
    """The source's bytes, decompressed, as a stream with `peek`; `meter` counts what is read from the disk.

    Raises:
        OSError: If it cannot be opened or read, or its compression is broken.
        InputError: If it is a zip archive.
        CommandError: If there is no standard input.
    """
    with contextlib.ExitStack() as stack:
        compression, raw = source.compression, None
        file: Any
        if source.name == STDIN:
            file = _stdin()
            compression = compression or next((kind for kind, magic in _MAGIC.items() if is_next(file, magic)), None)
        else:
            raw = MeteredFile(source.name, meter or Meter())
            file = stack.enter_context(io.BufferedReader(raw, BLOCK_BYTES))
        on_disk = file
        if compression == "gz":
            unpacked = stack.enter_context(gzip.GzipFile(fileobj=Steps(file), mode="rb"))
            file = io.BufferedReader(Unpacked(unpacked.read1), BLOCK_BYTES)
        elif compression == "zst":
            file = io.BufferedReader(Unpacked(ZstdReader(file).read), BLOCK_BYTES)
        if raw is not None and meter is not None and not source.is_stream:
            meter.ahead = partial(bytes_ahead, raw, on_disk, file)
            stack.callback(setattr, meter, "ahead", lambda: 0)
        try:
            if source.format != "docx" and is_next(file, _ZIP):
                raise InputError(f"{source.shown}: a zip archive. Unpack it, or {_of_office(source)}.")
            yield file
        except EOFError as error:  # gzip's word for a cut-off file
            raise OSError(None, "the compressed data is cut off") from error
        except zlib.error as error:
            raise OSError(None, "the compressed data is damaged") from error


def _of_office(source: Source) -> str:
    """What to do with a file of Office, which is a zip archive."""
    if source.is_stream:  # which has no name that could say so
        return "save a spreadsheet or Word document as a file that ends in .xlsx or .docx, and name that"
    return "name it .xlsx or .docx if it is one"


def _stdin() -> Any:
    """Standard input as a stream with `peek`."""
    if sys.stdin is None or getattr(sys.stdin, "closed", False):
        raise CommandError("stdin: cannot be read (it is closed). Give '-' something to read, or name a file.")
    file: Any = getattr(sys.stdin, "buffer", None)
    if file is None:
        raise CommandError("stdin: cannot be read (it was replaced by something without bytes). Name a file.")
    return file if hasattr(file, "peek") else io.BufferedReader(file)


def is_next(file: Any, start: bytes) -> bool:
    """True if these are the next bytes of a stream with `peek`."""
    return bool(file.peek(len(start)).startswith(start))
