"""Bytes → lines and text, with the place of what is broken and a bound on what is held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from classifier.errors import CommandError

LONGEST_RECORD_BYTES = 32 << 20
_BOM = b"\xef\xbb\xbf"
_UTF_16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def read_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    r"""Numbered lines from 1, ending at \n (the line break stays); None for one over `LONGEST_RECORD_BYTES`."""
    number = 0
    while line := file.readline(LONGEST_RECORD_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(_BOM)
        if len(line) <= LONGEST_RECORD_BYTES:
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(LONGEST_RECORD_BYTES)
        yield number, None


def decode(raw: bytes, encoding: str = "utf-8", *, whole: bool = False) -> tuple[str, str | None]:
    """The text and None, or "" and what is wrong with the bytes.

    Args:
        raw: The bytes of a line, or of a whole file.
        encoding: What they should be.
        whole: They are a whole file, which may be UTF-16; lines are found in what is like ASCII alone.

    Raises:
        CommandError: If the encoding is not known.
    """
    text = raw.removeprefix(_BOM)
    try:
        return text.decode(encoding), None
    except UnicodeDecodeError as error:
        found = f"byte 0x{text[error.start]:02x} at {len(raw) - len(text) + error.start + 1}"
        is_utf_16 = raw.startswith(_UTF_16_BOMS)
        advice = f"Name the encoding with --encoding, for example {'utf-16' if is_utf_16 else 'cp1252'}."
        if is_utf_16 and not whole:
            advice = _convert("utf-16")
        return "", f"not {encoding.upper()} ({found}). {advice}"
    except LookupError as error:
        raise _unknown(encoding) from error


def check_line_encoding(name: str, encoding: str) -> None:
    """Refuses an encoding whose line break is not the byte that `read_lines` looks for.

    Raises:
        CommandError: For UTF-16 and its like, and if the encoding is not known.
    """
    try:
        fits = "\n{".encode(encoding).removeprefix(_BOM) == b"\n{"
    except LookupError as error:
        raise _unknown(encoding) from error
    if not fits:
        raise CommandError(f"{name}: the encoding '{encoding}' is read in text pages only. {_convert(encoding)}")


def _convert(encoding: str) -> str:
    return f"Convert the file first: iconv -f {encoding} -t utf-8 FILE"


def _unknown(encoding: str) -> CommandError:
    return CommandError(f"encoding '{encoding}' is not known. Try utf-8, cp1252, latin-1 or utf-16.")
