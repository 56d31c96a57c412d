"""The decoded lines of a table, which can be read again.

Leaves out: the rows that they make (tables.py).
"""

from __future__ import annotations

import csv
from collections import deque
from typing import IO

from classifier.lines import LONGEST_RECORD_BYTES, decode, read_lines

_MOST_AHEAD = 10  # rows


class TableLines:
    """Decoded lines that remember what the current row took, so that all but its first line can be read again."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._source = read_lines(file)
        self._encoding = encoding
        self._waiting: deque[tuple[int, str, str | None]] = deque()
        self._taken: list[tuple[int, str, str | None]] = []
        self._size = 0
        self._breaks_off: OSError | None = None

    @property
    def number(self) -> int:
        """The first line of the current row."""
        return self._taken[0][0] if self._taken else 0

    @property
    def last(self) -> int:
        """The last line of the current row."""
        return self._taken[-1][0] if self._taken else 0

    @property
    def quotes(self) -> int:
        """The quotes in the current row."""
        return sum(line.count('"') for _, line, _ in self._taken)

    @property
    def problem(self) -> str | None:
        """What is wrong with the bytes of the current row."""
        return next((problem for _, _, problem in self._taken if problem), None)

    def __iter__(self) -> TableLines:
        return self

    def __next__(self) -> str:
        line = self.take()
        if line is None:
            raise StopIteration
        return line

    def take(self) -> str | None:
        """The next line; None at the end. A row over the size limit ends with a csv.Error."""
        if not self._waiting:
            for number, raw in self._source:
                text, problem = ("", "a line that is too long.") if raw is None else decode(raw, self._encoding)
                if raw is not None and problem:
                    text = raw.decode(self._encoding, "replace")  # its quotes still say where the row ends
                self._waiting.append((number, text, problem))
                break
        if not self._waiting:
            if self._breaks_off:
                raise self._breaks_off
            return None
        self._taken.append(self._waiting.popleft())
        self._size += len(self._taken[-1][1])
        if self._size > LONGEST_RECORD_BYTES:
            raise csv.Error("a quote is not closed")
        return self._taken[-1][1]

    def start(self) -> bool:
        """Begins a row; False at the end of the file."""
        self._taken, self._size = [], 0
        if self.take() is None:
            return False
        self.put_back()
        return True

    def ahead(self, delimiter: str, columns: int) -> tuple[list[list[str]], list[str]]:
        """The first rows, and the lines in which they begin, where all have so many fields; they are read again."""
        rows: list[list[str]] = []
        starts: list[str] = []
        reader = csv.reader(self, delimiter=delimiter, strict=True)
        try:
            self.start()
            while len(rows) < _MOST_AHEAD:
                at = len(self._taken)
                row = next(reader)
                if len(row) not in (0, columns):
                    rows = []
                    break
                if row:
                    rows.append(row)
                    starts.append(self._taken[at][1])
        except (StopIteration, csv.Error):
            pass
        except OSError as error:
            self._breaks_off = error  # to be said behind the rows before that
        self.put_back()
        return rows, starts[: len(rows)]

    def upcoming(self) -> str:
        """The line behind the current row, to which it does not belong; "" where there is none."""
        taken, size = self._taken, self._size
        self._taken, self._size = [], 0
        try:
            self.take()
        except OSError as error:
            self._breaks_off = error  # to be said behind the current row
        except csv.Error:
            pass  # too long for a row
        self.put_back()
        self._taken, self._size = taken, size
        return self._waiting[0][1] if self._waiting else ""

    def put_back(self) -> None:
        """All lines of the current row are read again."""
        self._waiting.extendleft(reversed(self._taken))
        self._taken, self._size = [], 0

    def give_up_first(self) -> None:
        """All lines of the current row but its first are read again."""
        self._taken = self._taken[1:]
        self.put_back()
