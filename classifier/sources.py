"""Files, folders, globs and standard input → open byte streams with a known format, plain or compressed.

Formats and compression go by the name: `feed.jsonl.zst` is JSON lines in Zstandard. Leaves out: what is in the bytes
(stories.py, tables.py).
"""

from __future__ import annotations

import contextlib
import glob
import gzip
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from classifier.arrow import import_arrow
from classifier.errors import InputError, bullet_list, nearest

FORMATS = {
    ".txt": "txt",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
COMPRESSIONS = {".gz": "gz", ".zst": "zst"}
STDIN = "-"
_SAMPLES, _SAMPLE_BYTES = 64, 4096


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or standard input.

    Attributes:
        name: As the user wrote it; "-" is standard input.
        format: One of the values of `FORMATS`; "" is still to be found out.
        compression: "gz", "zst" or None.
    """

    name: str
    format: str
    compression: str | None = None

    @property
    def shown(self) -> str:
        """The name in messages and ids."""
        return "stdin" if self.name == STDIN else self.name

    @property
    def size_bytes(self) -> int:
        """The size of the file as it lies on the disk; 0 for standard input."""
        return 0 if self.name == STDIN else Path(self.name).stat().st_size


@dataclass(slots=True)
class Meter:
    """How many bytes of the sources were read so far."""

    read_bytes: int = 0


def find_sources(inputs: Sequence[str], input_format: str | None = None) -> list[Source]:
    """The files behind names, folders (with all below them, sorted) and globs; "-" is standard input.

    Args:
        inputs: As the user wrote them.
        input_format: The format of all of them; None goes by the names.

    Raises:
        InputError: For everything that is missing or of an unknown format, all at once.
    """
    sources: list[Source] = []
    problems: list[str] = []
    for name in inputs:
        if name == STDIN:
            if any(source.name == STDIN for source in sources):
                problems.append("-: standard input can be read once. Name it once.")
            sources.append(Source(STDIN, input_format or ""))
            continue
        paths = _expand(name)
        if isinstance(paths, str):
            problems.append(paths)
            continue
        for path in paths:
            known, compression = format_of(path)
            if input_format or known:
                sources.append(Source(str(path), input_format or known, compression))
            else:
                problems.append(
                    f"{path}: format not known from its name. Known: {', '.join(FORMATS)}, also with .gz or .zst. "
                    "Rename it or name the format with --input-format."
                )
    if len(problems) == 1:
        raise InputError(problems[0])
    if problems:
        raise InputError(bullet_list("input", problems))
    return sources


def format_of(path: Path) -> tuple[str, str | None]:
    """Format ("" if not known) and compression that a file name tells."""
    compression = COMPRESSIONS.get(path.suffix.lower())
    inner = Path(path.stem) if compression else path
    return FORMATS.get(inner.suffix.lower(), ""), compression


def _expand(name: str) -> list[Path] | str:
    """The files that a name stands for, or what is wrong with it."""
    path = Path(name)
    if not name:
        return "an input is empty (''). Name a file, a folder, or '-' for standard input."
    try:
        exists = path.exists()
    except OSError as error:  # too long for a name: most likely a story
        return f"{name[:60]}…: not a file ({error.strerror}). Give a story itself with --text, or to '-'."
    if path.is_dir():
        inside = (item for item in path.rglob("*") if not _is_hidden(item.relative_to(path)))
        found = sorted(item for item in inside if item.is_file() and format_of(item)[0])
        return found or f"{name}: no {', '.join(FORMATS)} file in this folder or below."
    if exists:
        return [path]
    if any(char in name for char in "*?["):
        matches = sorted(Path(match) for match in glob.glob(name, recursive=True))
        return [match for match in matches if match.is_file()] or f"{name}: no file matches this pattern."
    beside = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
    return f"{name}: no such file.{nearest(path.name, beside)}"


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part.endswith(".job") for part in path.parts)


@contextlib.contextmanager
def open_source(source: Source, meter: Meter | None = None) -> Iterator[IO[bytes]]:
    """The source's bytes, decompressed, as a buffered stream; `meter` counts what is read from the disk.

    Raises:
        OSError: If it cannot be opened or read, or its compression is broken.
    """
    with contextlib.ExitStack() as stack:
        if source.name == STDIN:
            file: Any = sys.stdin.buffer
        else:
            raw = _MeteredFile(source.name, meter or Meter())
            file = stack.enter_context(io.BufferedReader(raw, 1 << 18))
        if source.compression == "gz":
            file = stack.enter_context(gzip.GzipFile(fileobj=file, mode="rb"))
        elif source.compression == "zst":
            pyarrow, _ = import_arrow()

            file = io.BufferedReader(pyarrow.CompressedInputStream(pyarrow.PythonFile(file, mode="r"), "zstd"), 1 << 18)
        try:
            yield file
        except EOFError as error:  # gzip's word for a cut-off file
            raise OSError(None, "the compressed data is cut off") from error


class _MeteredFile(io.FileIO):
    """A file that counts the bytes read from it."""

    def __init__(self, name: str, meter: Meter) -> None:
        super().__init__(name, "rb")
        self._meter = meter

    def readinto(self, buffer: Any, /) -> int:
        """Reads some bytes."""
        count = super().readinto(buffer)
        self._meter.read_bytes += count or 0
        return count


def identity(source: Source) -> str:
    """Size and a hash of 64 samples of a file: enough to see that it was replaced, appended to or cut."""
    if source.name == STDIN:
        return "stdin"
    size, digest = source.size_bytes, blake2b(digest_size=8)
    with open(source.name, "rb") as file:
        for sample in range(_SAMPLES):
            file.seek(max(0, size - _SAMPLE_BYTES) * sample // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE_BYTES))
    return f"{size} bytes, {digest.hexdigest()}"
