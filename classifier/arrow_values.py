"""Arrow values ↔ what JSON holds: out of a Parquet file into records, into rows as text, and back to their types.

    timestamp 1,709,294,400,000,000,001 ns  ->  "2024-03-01T12:00:00.000000001"  ->  the same timestamp

Times are ISO 8601, durations too (in seconds: "PT90.5S"), bytes base64, decimals their digits, a map is a list of
pairs. A float that is not finite (NaN, Infinity) is null, as it is when JSON is read, since JSON cannot hold it. None
of this needs pandas, which Arrow asks for where there are nanoseconds. Leaves out: files and columns (records.py,
parquet_output.py).
"""

from __future__ import annotations

import base64
import datetime
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from classifier.arrow import import_arrow

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_BEYOND_MICROSECONDS = re.compile(r"\.\d{6}(\d{3})")
_DURATION = re.compile(r"(-?)PT(\d+)(?:\.(\d{1,9}))?S")

Restore = Callable[[Any], Any]


def python_values(array: Any) -> list[Any]:
    """The values of an Arrow array; what Python's times cannot hold (nanoseconds, the year 10000) is text."""
    pyarrow, _ = import_arrow()
    types, kind = pyarrow.types, array.type

    if types.is_dictionary(kind):
        return python_values(array.dictionary_decode())
    if types.is_floating(kind):
        return [_finite(value) for value in array.to_pylist()]
    if types.is_temporal(kind):
        return [_moment(scalar) if scalar.is_valid else None for scalar in array]
    if types.is_struct(kind):
        names, children = [field.name for field in kind], [python_values(child) for child in array.flatten()]
        records = (dict(zip(names, values, strict=True)) for values in zip(*children, strict=True))
        return [record if whole else None for record, whole in zip(records, array.is_valid().to_pylist(), strict=True)]
    if types.is_map(kind):
        return [_pairs(scalar.values) if scalar.is_valid else None for scalar in array]
    if _is_list(kind):
        return [python_values(scalar.values) if scalar.is_valid else None for scalar in array]
    values: list[Any] = array.to_pylist()
    return values


def text_type(kind: Any) -> Any:
    """The type of a column that is read as text: that of text for one of bytes, its own for any other."""
    pyarrow, _ = import_arrow()
    types = pyarrow.types

    held = kind.value_type if types.is_dictionary(kind) else kind
    is_bytes = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary, types.is_binary_view)
    return pyarrow.string() if any(is_kind(held) for is_kind in is_bytes) else kind


def plain(value: Any) -> str:
    """What Parquet holds and JSON does not, as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime.timedelta):
        return _duration_text(value // datetime.timedelta(microseconds=1) * 1000)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def utf8(text: str) -> str:
    """What UTF-8 cannot hold (lone surrogates) becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def restorer(kind: Any) -> Restore:
    """The function that takes a value of this Arrow type, as JSON held it, back to one that Arrow takes.

    It raises a ValueError, TypeError or ArithmeticError where a value is not of the type; not everything that is not
    is noticed here, the rest is when the array is made.
    """
    pyarrow, _ = import_arrow()
    types = pyarrow.types

    if types.is_dictionary(kind):
        return restorer(kind.value_type)
    if types.is_struct(kind):
        fields = {field.name: restorer(field.type) for field in kind}
        return _only(dict, lambda record: {name: back(record.get(name)) for name, back in fields.items()})
    if types.is_map(kind):
        key, item = restorer(kind.key_type), restorer(kind.item_type)
        return _only(list, lambda pairs: [(key(name), item(value)) for name, value in pairs])
    if _is_list(kind):
        back = restorer(kind.value_type)
        return _only(list, lambda items: [back(value) for value in items])
    if types.is_timestamp(kind) or types.is_time(kind) or types.is_duration(kind):
        read = _duration_ns if types.is_duration(kind) else _time_ns if types.is_time(kind) else _timestamp_ns
        return _only(str, lambda text: read(text) // _NANOSECONDS[kind.unit])
    for known, from_text in _FROM_TEXT.items():
        if any(getattr(types, f"is_{name}")(kind) for name in known.split()):
            return _only(str, from_text)
    return lambda value: value


def _only(expected: type, back: Restore) -> Restore:
    """Refuses other values: Arrow would take a text for a list of its letters."""

    def restore(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, expected):
            raise TypeError(f"expected {expected.__name__}, found {value!r}")
        return back(value)

    return restore


def _is_list(kind: Any) -> bool:
    types = import_arrow()[0].types
    known = (types.is_list, types.is_large_list, types.is_fixed_size_list, types.is_list_view, types.is_large_list_view)
    return any(is_kind(kind) for is_kind in known)


def _pairs(entries: Any) -> list[tuple[Any, Any]]:
    """The entries of a map, shape (entries,), as (key, value)."""
    return list(zip(python_values(entries.field(0)), python_values(entries.field(1)), strict=True))


def _finite(value: Any) -> float | None:
    """A float of Python, where older versions of Arrow have a half float of NumPy."""
    return None if value is None or not math.isfinite(value) else float(value)


def _moment(scalar: Any) -> Any:
    """A date, time or duration."""
    pyarrow, _ = import_arrow()

    if getattr(scalar.type, "unit", None) != "ns":
        try:
            return scalar.as_py()
        except (ValueError, OverflowError):
            return scalar.cast(pyarrow.string()).as_py()
    microseconds, rest = divmod(scalar.value, 1000)
    if pyarrow.types.is_duration(scalar.type):
        return _duration_text(scalar.value) if rest else datetime.timedelta(microseconds=microseconds)
    is_time = pyarrow.types.is_time(scalar.type)
    coarser = pyarrow.time64("us") if is_time else pyarrow.timestamp("us", scalar.type.tz)
    value = pyarrow.scalar(microseconds, coarser).as_py()
    if not rest:
        return value
    text: str = value.isoformat(timespec="microseconds")
    point = text.index(".") + 7
    return f"{text[:point]}{rest:03d}{text[point:]}"


def _timestamp_ns(text: str) -> int:
    """Nanoseconds since 1970; a time without an offset is taken as UTC, as Arrow keeps it."""
    moment, beyond = datetime.datetime.fromisoformat(text), _BEYOND_MICROSECONDS.search(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    microseconds = (moment - _EPOCH) // datetime.timedelta(microseconds=1)
    return microseconds * 1000 + (int(beyond[1]) if beyond else 0)


def _time_ns(text: str) -> int:
    """Nanoseconds since midnight."""
    return _timestamp_ns(f"{_EPOCH:%Y-%m-%d}T{text}")


def _duration_text(nanoseconds: int) -> str:
    """ISO 8601 in seconds, with a sign before it where it goes back.

    >>> _duration_text(-90_500_000_000)
    '-PT90.5S'
    """
    seconds, rest = divmod(abs(nanoseconds), 10**9)
    part = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{'-' if nanoseconds < 0 else ''}PT{seconds}{part}S"


def _duration_ns(text: str) -> int:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"expected a duration such as PT90.5S, found {text!r}")
    sign, seconds, part = found.groups()
    nanoseconds = int(seconds) * 10**9 + int((part or "").ljust(9, "0"))
    return -nanoseconds if sign else nanoseconds


# From text back to the value, by the names of Arrow types in pyarrow.types.
_FROM_TEXT: dict[str, Restore] = {
    "string large_string string_view": utf8,
    "binary large_binary fixed_size_binary binary_view": lambda text: base64.b64decode(text, validate=True),
    "decimal": Decimal,
    "date": datetime.date.fromisoformat,
}
