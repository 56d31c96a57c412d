"""A JSON document → the bytes of its values, as they are read: elements of a list, or objects one after the other.

    [{…}, {…}]        each element
    {…} {…}           each object

Values are told apart by their brackets and quotes alone, so that one that is not JSON for any other reason is wrong by
itself, and a list of any length is read in small steps. A value whose quote or bracket is missing ends where no JSON
could go on: at a line break within a string, at a bracket of the other kind, at an object where a key should stand;
and, on one line, where what seems to close a string opens the first key of the next object: `…}, {"id": 2`.
Leaves out: what a value says (json_records.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from classifier.lines import LONGEST_RECORD_BYTES

# Encodings in which a byte of JSON's own characters may be a part of another one.
AMBIGUOUS = frozenset(
    [
        *("gbk", "gb18030", "hz", "big5", "big5hkscs", "cp950", "johab", "iso2022_kr", "utf-7"),
        *("shift_jis", "shift_jis_2004", "shift_jisx0213", "cp932", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2"),
        *("iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext"),
    ]
)
_MARK_OF_UTF8 = b"\xef\xbb\xbf"
_STEP_BYTES = 1 << 13
_MARK = re.compile(rb'["{}\[\],]')
# Up to a quote, a line break, the end, or a backslash that is cut off.
_IN_STRING = re.compile(rb'[^"\\\n]*(?:\\[^\n][^"\\\n]*)*')
_BLANK = b" \t\r\n"
_NOT_BLANK = re.compile(rb"[^ \t\r\n]")
_BEHIND_A_STRING = b",:}]"
# How a string that was not closed ends in the next object's key.
_NEXT_OBJECT = re.compile(rb'\}(\s*(,?)\s*)\{\s*"\s*\Z')
_TAIL_BYTES = 64  # of a string, in which it is looked for
_CLOSED_BY = {b"}": b"{", b"]": b"["}


class Value(NamedTuple):
    """A value of a document.

    Attributes:
        raw: Its bytes; None if they are more than `LONGEST_RECORD_BYTES`.
        in_list: Whether it is an element of the document's list.
        breaks_off: Whether the document ends within it, or within its list.
    """

    raw: bytes | None
    in_list: bool
    breaks_off: bool = False


def read_values(file: Any) -> Iterator[Value]:
    """The values of a document; where it breaks off, the last one says so (`breaks_off`), and may be empty.

    Args:
        file: With `read1`, in any encoding but the `AMBIGUOUS` ones and those of 16 or 32 bits.
    """
    values, block = _Values(), file.read1(_STEP_BYTES).removeprefix(_MARK_OF_UTF8)
    while block:
        yield from values.take(block)
        block = file.read1(_STEP_BYTES)
    rest = values.end()
    if rest is not None or values.in_list:
        yield Value(b"" if rest is None else rest.raw, values.in_list, breaks_off=True)


class _Brackets:
    """Open brackets, the innermost last. How many there are of each kind is known, as each bracket that closes asks."""

    def __init__(self) -> None:
        self._marks = bytearray()
        self._braces = 0

    def __bool__(self) -> bool:
        return bool(self._marks)

    @property
    def innermost(self) -> bytes:
        """The last one; none where none is open."""
        return bytes(self._marks[-1:])

    def add(self, mark: bytes) -> None:
        """Another opens."""
        self._marks += mark
        self._braces += mark == b"{"

    def close(self, mark: bytes) -> bool:
        """Closes the innermost one of a kind, and those of the other kind in it; False where there is none."""
        return self._has(mark) and self._cut(self._marks.rindex(mark))

    def close_within(self, mark: bytes) -> bool:
        """Closes all that are within the outermost one of a kind; False where there is none."""
        return self._has(mark) and self._cut(self._marks.index(mark) + 1)

    def clear(self) -> None:
        """None is open any more."""
        self._cut(0)

    def _has(self, mark: bytes) -> bool:
        return bool(self._braces if mark == b"{" else len(self._marks) - self._braces)

    def _cut(self, place: int) -> bool:
        self._braces -= self._marks.count(b"{", place)
        del self._marks[place:]
        return True


class _Values:
    """What was read of the value that is not complete yet, and where in it the reading is."""

    def __init__(self) -> None:
        self.in_list = False
        self._parts: list[bytes] = []
        self._size = 0
        self._open = _Brackets()  # without that of the list
        self._in_string = self._is_escaped = False
        self._has_closed = False  # a string, and what follows it is not known yet

    def take(self, block: bytes) -> Iterator[Value]:
        """The values that end in a block."""
        place = self._begin = 0
        while place < len(block):
            if self._in_string:
                place, is_broken = self._string_end(block, place)
                if is_broken:
                    self._open.clear()
                    yield from self._cut(block, place, place)
                continue
            if self._has_closed:
                after = _NOT_BLANK.search(block, place)
                if after is None:
                    break
                self._has_closed = False
                if after[0] not in _BEHIND_A_STRING:
                    yield from self._resumed(block, place)
                    continue
            match = _MARK.search(block, place)
            if match is None:
                break
            before, place, mark = match.start(), match.end(), match[0]
            if mark == b'"':
                self._in_string = True
            elif mark in b"[{":
                yield from self._opened(block, before, mark)
            elif mark in b"]}" and self._open.close(_CLOSED_BY[mark]):
                if not self._open and not self.in_list:
                    yield from self._cut(block, place, place)
            elif (mark == b"," and not self._open) or (mark == b"]" and self.in_list):
                self._open.clear()
                yield from self._cut(block, before, place)
                self.in_list &= mark != b"]"
        self._add(block[self._begin :])

    def _opened(self, block: bytes, before: int, mark: bytes) -> Iterator[Value]:
        """A bracket opens: that of the list, that of a value or one in it, or of the next where this one is broken."""
        self._add(block[self._begin : before])
        self._begin = before
        is_between = not self._open and (mark == b"{" or not self.in_list)
        if (is_between and self._last()) or (mark == b"{" and self._open.innermost == b"{" and self._last() in b",}"):
            self._open.clear()
            yield from self._ended()
        if mark == b"[" and not self._open and not self.in_list:
            self.in_list, self._begin = True, before + 1
            return
        self._open.add(mark)

    def _cut(self, block: bytes, end: int, begin: int) -> Iterator[Value]:
        """The value that ends there; the next one begins at `begin`."""
        self._add(block[self._begin : end])
        self._begin = begin
        yield from self._ended()

    def _resumed(self, block: bytes, place: int) -> Iterator[Value]:
        """The value whose string was not closed, if its last quote, before `place`, opens a key of the next object."""
        tail = self._tail(block[self._begin : place])
        found = _NEXT_OBJECT.search(tail)
        if found is None:
            return
        self._in_string = True
        if found[2] and not self.in_list and self._open.close_within(b"["):  # an element of the list in an answer
            self._open.add(b"{")
            return
        self._open.clear()
        self._open.add(b"{")
        self._add(block[self._begin : place])
        self._begin = place
        read = b"".join(self._parts)
        self._parts = [read[: len(read) - len(tail) + found.start() + 1]]
        yield from self._ended()
        self._add(tail[found.end(1) :])

    def _tail(self, last: bytes) -> bytes:
        """The last bytes of what was read of a value, `last` the very last."""
        for part in reversed(self._parts):
            if len(last) >= _TAIL_BYTES:
                break
            last = part + last
        return last[-_TAIL_BYTES:]

    def end(self) -> Value | None:
        """What was read since the last value; None if that is blank."""
        raw = b"".join(self._parts).strip(_BLANK) if self._size <= LONGEST_RECORD_BYTES else None
        self._parts, self._size = [], 0
        return None if raw == b"" else Value(raw, self.in_list)

    def _ended(self) -> Iterator[Value]:
        value = self.end()
        if value is not None:
            yield value

    def _string_end(self, block: bytes, place: int) -> tuple[int, bool]:
        """The place behind the string's quote, or behind the block; and whether a line break came before the quote."""
        place += self._is_escaped
        self._is_escaped = False
        match = _IN_STRING.match(block, place)
        end = len(block) if match is None else match.end()
        last = block[end : end + 1]
        self._is_escaped = last == b"\\" and end == len(block) - 1
        is_broken = last == b"\n" or (last == b"\\" and not self._is_escaped)
        self._in_string = not last or self._is_escaped
        self._has_closed = last == b'"'
        return end + 1, is_broken

    def _last(self) -> bytes:
        """The last byte of what was read of a value that is no blank; none where there is none."""
        for part in reversed(self._parts):
            if stripped := part.rstrip(_BLANK):
                return stripped[-1:]
        return b"" if self._size <= LONGEST_RECORD_BYTES else b"?"

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        self._parts.append(part)
        if self._size > LONGEST_RECORD_BYTES:
            self._parts = []
