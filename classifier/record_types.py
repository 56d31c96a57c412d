"""What all that reads records hands on: a record, one with its place, and those of a source.

Leaves out: the formats (records.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]
Placed = tuple[str, Record | str]  # a place, and the record there or what is wrong with it


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a source.

    Attributes:
        where: The source, or the line of its header, for messages.
        columns: Those of all records, where the format names them once; else None.
        rows: Each record with its place, or what is wrong there.
        left_out: A sentence on what is not read of the source, or is hidden and read; "" where there is no such thing.
    """

    where: str
    columns: tuple[str, ...] | None
    rows: Iterator[Placed]
    left_out: str = ""
