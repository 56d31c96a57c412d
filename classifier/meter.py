"""How far files are read: not the bytes that left the disk, but those of the records that were taken.

    disk → blocks of 256 KiB → (steps of 8 KiB → unpacked blocks) → records

A small file leaves the disk at once, long before its records are labelled. Leaves out: opening (streams.py).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BLOCK_BYTES = 1 << 18
_STEP_BYTES = 1 << 13


@dataclass(slots=True)
class Meter:
    """How far the sources were read.

    Attributes:
        read_bytes: Bytes read from the disk so far.
        ahead: How many of them are of records that nobody has taken yet: files are read in large blocks.
    """

    read_bytes: int = 0
    ahead: Callable[[], int] = lambda: 0

    def position(self) -> int:
        """Where the last record ends that was taken; to be asked by the thread that takes them."""
        return self.read_bytes - self.ahead()


def bytes_ahead(raw: io.FileIO, on_disk: io.BufferedReader, file: io.BufferedReader) -> int:
    """Bytes that left the disk, without those of what was taken.

    Args:
        raw: The file.
        on_disk: Its bytes in blocks.
        file: The bytes that are taken: `on_disk` itself, or a buffer over what an `Unpacked` makes of it. Of a step
            that is unpacked, but not yet taken whole, the share counts that was taken.
    """
    used = on_disk.tell()
    if file is not on_disk:
        used = round(used * file.tell() / max(1, file.raw.tell()))
    return raw.tell() - used


class MeteredFile(io.FileIO):
    """A file that counts the bytes read from it."""

    def __init__(self, name: str, meter: Meter) -> None:
        super().__init__(name, "rb")
        self._meter = meter

    def readinto(self, buffer: Any, /) -> int:
        """Reads some bytes."""
        count = super().readinto(buffer)
        self._meter.read_bytes += count or 0
        return count


class Steps:
    """Hands a compressed file on in small steps, so that little of it is unpacked ahead."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self.closed = False

    def close(self) -> None:
        """Nothing more is read; the file itself is closed by who opened it."""
        self.closed = True

    def seek(self, offset: int, /) -> int:
        """Moves to an offset; who reads in order never asks for it."""
        return self._file.seek(offset)

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most a step of them."""
        return self._file.read(_STEP_BYTES if size < 0 else min(size, _STEP_BYTES))


class Unpacked(io.RawIOBase):
    """Unpacked bytes as a raw stream that counts them."""

    def __init__(self, read: Callable[[int], bytes | bytearray]) -> None:
        """`read` gives the next bytes, at most so many, and none at the end."""
        self._read, self._made = read, 0

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Unpacks some bytes."""
        made = self._read(len(buffer))
        buffer[: len(made)] = made
        self._made += len(made)
        return len(made)

    def tell(self) -> int:
        """How many were unpacked."""
        return self._made
