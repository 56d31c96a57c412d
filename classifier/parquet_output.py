"""Rows of a finished job → a Parquet file in which every column has its proper type.

Topics are list<string>, a score is a float, review a bool; an own column gets the type that it had in a Parquet input,
or one that holds all that was seen in it. Leaves out: the other formats and the place of the file (outputs.py).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.arrow import import_arrow

if TYPE_CHECKING:
    from classifier.outputs import Layout

_ROW_GROUP = 8192


def write_parquet(rows: Iterator[dict[str, Any]], target: Path, layout: Layout, own_types: Mapping[str, Any]) -> None:
    """Proper types: list<string> for topics, float a score, bool, int; own columns by what they hold."""
    pyarrow, parquet = import_arrow()

    types = {
        "null": pyarrow.string(),
        "bool": pyarrow.bool_(),
        "int": pyarrow.int64(),
        "float": pyarrow.float64(),
        "str": pyarrow.string(),
        "strings": pyarrow.list_(pyarrow.string()),
        "json": pyarrow.string(),
        "evidence": pyarrow.list_(_evidence_type()),
    }
    kinds = {"id": layout.own.kinds.get("id", "str"), **layout.kinds()}
    fields = {name: own_types.get(name, types[kind]) for name, kind in kinds.items()}
    for name in layout.label_columns():
        plain = name.removeprefix(layout.prefix)
        fields[name] = types["float" if plain.startswith("score_") else _LABEL_TYPES.get(plain, "str")]
    schema = pyarrow.schema(list(fields.items()))
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        while part := [layout.flat(row) for row in islice(rows, _ROW_GROUP)]:
            columns = [
                _array(
                    [row.get(name) for row in part], kind, is_json=kinds.get(name) == "json" and kind == types["json"]
                )
                for name, kind in fields.items()
            ]
            writer.write_table(pyarrow.table(columns, schema=schema), row_group_size=_ROW_GROUP)


_LABEL_TYPES = {
    "topics": "strings",
    "review": "bool",
    "evidence": "evidence",
    "tokens_read": "int",
    "tokens_total": "int",
}


def _evidence_type() -> Any:
    """One sentence with its topic."""
    pyarrow, _ = import_arrow()

    text, whole, real = pyarrow.string(), pyarrow.int64(), pyarrow.float64()
    kinds = {"topic": text, "text": text, "field": text, "start": whole, "end": whole, "score": real}
    return pyarrow.struct(list(kinds.items()))


def _array(values: Sequence[Any], kind: Any, *, is_json: bool) -> Any:
    """A column; what became text on its way through JSON (times, decimals, bytes) is read back."""
    pyarrow, _ = import_arrow()

    if is_json:
        values = [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]
    values = [value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value for value in values]
    if pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind):
        return pyarrow.array([None if value is None else base64.b64decode(value) for value in values], type=kind)
    if pyarrow.types.is_temporal(kind) or pyarrow.types.is_decimal(kind):
        return pyarrow.array(values, type=pyarrow.string()).cast(kind)
    return pyarrow.array(values, type=kind)
