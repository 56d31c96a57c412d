"""The columns of a finished table: those of the records, with the kind of value in each, and those of the labels.

Leaves out: rows (rows.py), types of Arrow (parquet_output.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from classifier.rows import flat_names, flat_row, label_names

_KINDS = {str: "str", type(None): "null", bool: "bool", float: "float", dict: "json"}
_WIDER = {frozenset(("int", "float")): "float", frozenset(("int", "long")): "long"}  # of two kinds in one column


class Columns:
    """The records' own columns in the order in which they turned up, with the kind of value that holds all of each.

    Kinds: "null", "bool", "int", "long" (integers beyond what a float holds exactly), "float" (integers among them),
    "str", "strings" (a list), "json" (other lists, objects and mixtures).
    """

    def __init__(self, kinds: Mapping[str, str] | None = None) -> None:
        """Goes on from `kinds`."""
        self.kinds: dict[str, str] = dict(kinds or {})

    def see(self, own: Mapping[str, Any]) -> None:
        """Widens the kinds so that this record fits."""
        for name, value in own.items():
            kind, known = _kind(value), self.kinds.get(name)
            if kind == known:
                continue
            if known is None or known == "null":
                self.kinds[name] = kind
            elif kind not in (known, "null"):
                self.kinds[name] = _WIDER.get(frozenset((kind, known)), "json")


def _kind(value: Any) -> str:
    if (kind := _KINDS.get(type(value))) is not None:
        return kind
    if isinstance(value, int):
        return "int" if abs(value) <= 2**53 else "long" if -(2**63) <= value < 2**63 else "json"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "strings"
    return "json"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of a table are made of.

    Attributes:
        own: The records' own columns.
        labels: The topics.
        prefix: Put before the names of the label columns.
        more: The columns of `rows.PLACES` that there are.
    """

    own: Columns
    labels: Sequence[str]
    prefix: str = ""
    more: Sequence[str] = ()

    def flat(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row with one column a score."""
        return flat_row(row, self.labels, self.prefix, more=self.more)

    def label_columns(self) -> list[str]:
        """The columns after the own ones."""
        return flat_names(self.labels, self.prefix, more=self.more)

    def kinds(self) -> dict[str, str]:
        """The own columns after renaming, and their kinds."""
        blank: dict[str, Any] = dict.fromkeys(self.own.kinds)
        ours: dict[str, Any] = {name: {} for name in label_names(self.prefix, self.more)}
        flat = self.flat({"id": None, **blank, **ours})
        names = [name for name in flat if name != "id" and name not in self.label_columns()]
        own = [name for name in self.own.kinds if name != "id" and name not in ours]
        return dict(zip(names, (self.own.kinds[name] for name in own), strict=True))
