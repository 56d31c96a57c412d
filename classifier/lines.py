"""Bytes → lines and text, with the place of what is broken and a bound on what is held in memory.

Leaves out: what a whole page says of its encoding (page_text.py).
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Collection, Iterator
from typing import IO, Any

from classifier.errors import CommandError
from classifier.meter import Unpacked

LONGEST_RECORD_BYTES = 32 << 20
_BOM = codecs.BOM_UTF8
_MARKS = {  # how a file begins that says its encoding; the mark of UTF-32 begins like that of UTF-16
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OF_MARK = "utf-8-sig"  # the encoding of a file that begins with the mark of UTF-8
_HALF = re.compile(rb"\xed[\xa0-\xbf]")  # how a surrogate begins that was written as UTF-8
_STEP_BYTES = 1 << 13
_ENDS_IN_RETURN = re.compile(  # a first line, whose quotes may hold any line break; not one that ends in \r\n or \r\r\n
    rb'(?:[^\r\n"\\]++|\\.|"(?:[^"\\]++|\\.)*+")*+\r++[^\n]', re.DOTALL
)


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


def decode(raw: bytes, encoding: str = "utf-8") -> tuple[str, str | None]:
    """The text and None, or "" and what is wrong with the bytes of a line or a whole file.

    Raises:
        CommandError: If the encoding is not known.
    """
    text, misfit = fitted(raw, encoding)
    if misfit is None:
        return text, None
    if encoding == _OF_MARK:
        return "", f"{misfit}, although its byte order mark says so. Save the file anew, or take the mark away."
    half = _HALF.search(raw) if codecs.lookup(encoding).name == "utf-8" else None
    if half is not None and _is_utf_8_with_halves(raw):
        before = raw[: half.start()].removeprefix(_BOM).decode("utf-8", "replace")[-20:]
        return "", f"half a character (a lone surrogate) behind '{before}'. Correct it where the file is made."
    return "", f"{misfit}. Name the encoding with --encoding, for example cp1252."


def _is_utf_8_with_halves(raw: bytes) -> bool:
    try:
        raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def fitted(raw: bytes, encoding: str) -> tuple[str, str | None]:
    """The text and None, or "" and where the bytes do not fit: "not UTF-8 (byte 0xe9 at 7)".

    Raises:
        CommandError: If the encoding is not known.
    """
    text = raw.removeprefix(_BOM)
    try:
        return text.decode(encoding), None
    except UnicodeDecodeError as error:
        place = len(raw) - len(text) + error.start
        return "", f"not {encoding.upper().removesuffix('-SIG')} (byte 0x{raw[place]:02x} at {place + 1})"
    except (LookupError, UnicodeError) as error:  # the other is raised by the codec "undefined"
        raise _unknown(encoding) from error


def marked(raw: bytes) -> str | None:
    """The encoding that a byte order mark at the start of these bytes names; None where there is no mark."""
    return next((encoding for mark, encoding in _MARKS.items() if raw.startswith(mark)), None)


def opening(raw: bytes, encoding: str) -> str:
    """The text of the first bytes of a file, to look at: what does not fit is replaced.

    Raises:
        CommandError: If the encoding is not known.
    """
    try:
        return raw.decode(marked(raw) or encoding, "replace").removeprefix("\ufeff")
    except (LookupError, UnicodeError) as error:
        raise _unknown(encoding) from error


def with_lines(file: Any, encoding: str, others: Collection[str] = ()) -> tuple[IO[bytes], str]:
    r"""A file whose lines end with the byte "\n", and its encoding: UTF-16 and its like become UTF-8, in small steps.

    A character that is cut in two stays as it is, so that only its line cannot be decoded. Where the first line ends in
    a carriage return alone, these are line ends, too.

    Args:
        file: With `peek`, at its start.
        encoding: What it should be, unless it has a byte order mark.
        others: Names of codecs that become UTF-8 as well.

    Raises:
        CommandError: If the encoding is not known.
    """
    mark = marked(file.peek(4))
    encoding = _OF_MARK if mark == "utf-8" else mark or encoding
    try:
        has_lines = "\n{".encode(encoding).removeprefix(_BOM) == b"\n{"
        has_lines &= codecs.lookup(encoding).name not in others
    except (LookupError, UnicodeError) as error:
        raise _unknown(encoding) from error
    if not has_lines:
        file, encoding = _buffered(_Recoded(file, encoding)), "utf-8"
    if _ENDS_IN_RETURN.match(file.peek(_STEP_BYTES)):
        file = _buffered(_Recoded(file, "latin-1", line_feeds=True))  # whose characters are the bytes
    return file, encoding


def _buffered(made: _Recoded) -> IO[bytes]:
    return io.BufferedReader(Unpacked(made.read), 2 * _STEP_BYTES)


class _Recoded:
    """Bytes in another encoding as UTF-8; little is read ahead, so that a job knows how far it is.

    With `line_feeds` they stay in their encoding, and every carriage return that ends a line becomes a line feed.
    """

    def __init__(self, file: Any, encoding: str, *, line_feeds: bool = False) -> None:
        self._file, self._encoding = file, encoding
        self._becomes = encoding if line_feeds else "utf-8"
        decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True) if line_feeds else decoder
        self._made = bytearray()

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many; none at the end.

        Raises:
            OSError: If the file is not in this encoding, or breaks off within a character.
        """
        while not self._made:
            block = self._file.read1(_STEP_BYTES)
            try:
                self._made += self._decoder.decode(block, not block).encode(self._becomes, "surrogatepass")
            except UnicodeError as error:
                reason = getattr(error, "reason", error)
                raise OSError(None, f"not {self._encoding.upper()}: {reason}") from error
            if not block:
                break
        made = bytes(self._made[:size])
        del self._made[:size]
        return made


def _unknown(encoding: str) -> CommandError:
    return CommandError(f"encoding '{encoding}' is not known. Try utf-8, cp1252, latin-1 or utf-16.")
