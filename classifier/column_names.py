"""Names of columns that are taken: the record's own column moves aside, to `input_<name>`.

Leaves out: which names are taken (rows.py, stories.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from classifier.arrow_values import utf8


def renamed(columns: Mapping[str, Any], taken: Collection[str]) -> dict[str, Any]:
    """The columns, those with a taken name as `input_<name>` (and again, where a record has that name as well)."""
    if not any(name in taken for name in columns):
        return dict(columns)
    new_columns = {}
    for name, value in columns.items():
        new = name
        while new in taken or (new != name and new in columns):
            new = f"input_{new}"
        new_columns[new] = value
    return new_columns


def utf8_names(names: Collection[str]) -> list[str]:
    """The names as UTF-8 can hold them, all different: one that has become another column's is `input_<name>`.

    >>> utf8_names(["k\\ud800", "k?", "k"])
    ['input_k?', 'k?', 'k']
    """
    taken = set(names)
    written = []
    for name in names:
        new = utf8(name)
        while new != name and new in taken:
            new = f"input_{new}"
        taken.add(new)
        written.append(new)
    return written
