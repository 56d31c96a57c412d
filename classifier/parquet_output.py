"""Rows of a finished job → a Parquet file in which every column has its proper type.

Topics are list<string>, a score is a float, review a bool; an own column gets the type that it had in a Parquet input,
or one that holds all that was seen in it. A type of the input that some value does not fit (an id that was missing, and
is a place instead) gives way to the latter, so that a finished job always has an output. Leaves out: the other formats
and the place of the file (outputs.py), single values (arrow_values.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from classifier.arrow import import_arrow
from classifier.arrow_values import Restore, restorer
from classifier.column_names import utf8_names
from classifier.layout import Layout
from classifier.rows import PLACES

Rows = Callable[[], Iterator[dict[str, Any]]]
_ROW_GROUP = 8192
_LABEL_KINDS = {
    "topics": "strings",
    "review": "bool",
    **dict.fromkeys(PLACES, "places"),
    "tokens_read": "int",
    "tokens_total": "int",
}


class _UnfitError(Exception):
    """A column, by name, that holds a value which its type does not."""


@dataclass(frozen=True, slots=True)
class _Column:
    """An Arrow type, and the function that makes values of JSON fit it."""

    type: Any
    restore: Restore

    def array(self, name: str, values: Sequence[Any]) -> Any:
        pyarrow, _ = import_arrow()

        try:
            return pyarrow.array([self.restore(value) for value in values], type=self.type)
        except (pyarrow.ArrowException, ValueError, TypeError, ArithmeticError) as error:
            raise _UnfitError(name) from error


def write_parquet(rows: Rows, target: Path, layout: Layout, own_types: Mapping[str, Any]) -> None:
    """Writes the rows with proper types.

    Args:
        rows: Gives all rows, from the first on, each time it is called: again for each type that did not fit.
        target: The file.
        layout: Its columns.
        own_types: The Arrow types that own columns had in the input, by their names there.
    """
    kinds = {"id": layout.own.kinds.get("id", "str"), **layout.kinds()}
    labels = {name: _label_kind(name.removeprefix(layout.prefix)) for name in layout.label_columns()}
    inferred = {name: _column(kind) for name, kind in {**kinds, **labels}.items()}
    known = {name: _Column(kind, restorer(kind)) for name, kind in placed_types(own_types, kinds).items()}
    while True:
        try:
            _write(map(layout.flat, rows()), target, {**inferred, **known})
            return
        except _UnfitError as unfit:
            if known.pop(str(unfit), None) is None:
                raise


def placed_types(own_types: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The types by the names of the output, where a column whose name was taken is `input_<name>`.

    >>> placed_types({"id": "int64", "topic": "string", "gone": "bool"}, ["id", "input_id", "input_topic"])
    {'input_id': 'int64', 'input_topic': 'string'}
    """
    placed = {}
    for name, kind in own_types.items():
        moved = f"input_{name}"
        while moved in own_types:
            moved = f"input_{moved}"
        placed[moved if moved in names else name] = kind
    return {name: kind for name, kind in placed.items() if name in names}


def _write(rows: Iterator[dict[str, Any]], target: Path, columns: Mapping[str, _Column]) -> None:
    pyarrow, parquet = import_arrow()

    types = (column.type for column in columns.values())
    schema = pyarrow.schema(list(zip(utf8_names(columns), types, strict=True)))
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        while part := list(islice(rows, _ROW_GROUP)):
            arrays = [column.array(name, [row.get(name) for row in part]) for name, column in columns.items()]
            writer.write_table(pyarrow.table(arrays, schema=schema), row_group_size=_ROW_GROUP)


def _label_kind(name: str) -> str:
    return "float" if name.startswith("score_") else _LABEL_KINDS.get(name, "str")


def _column(kind: str) -> _Column:
    """The column for a kind of value, as `layout.Columns` names them."""
    pyarrow, _ = import_arrow()

    text = pyarrow.string()
    types = {
        "bool": pyarrow.bool_(),
        "int": pyarrow.int64(),
        "long": pyarrow.int64(),
        "float": pyarrow.float64(),
        "strings": pyarrow.list_(text),
        "places": pyarrow.list_(_place_type()),
    }
    back = restorer(types.get(kind, text))
    if kind == "json":
        return _Column(text, lambda value: back(_json_text(value)))
    return _Column(types.get(kind, text), back)


def _json_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _place_type() -> Any:
    """One sentence or line with its topic."""
    pyarrow, _ = import_arrow()

    text, whole, real = pyarrow.string(), pyarrow.int64(), pyarrow.float64()
    kinds = {"topic": text, "text": text, "field": text, "start": whole, "end": whole, "score": real}
    return pyarrow.struct(list(kinds.items()))
