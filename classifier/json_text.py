"""The text of one JSON value → the value, or what is wrong with it.

Whatever comes back can be written as JSON again. Leaves out: where a value ends (json_values.py, lines.py), what is a
record (json_records.py).
"""

from __future__ import annotations

import json
import math
from typing import Any

_MOST_NESTED = 500  # objects and lists in one another: Python writes fewer than it reads, about a thousand
_TOO_DEEP = "JSON that cannot be read (nested too deeply)."


class Wrong(str):
    """A sentence that says what is wrong with a value; its type tells it from a string of JSON."""


def _finite(number: str) -> float | None:
    return float(number) if math.isfinite(float(number)) else None


# NaN, Infinity and numbers beyond a float are common, but cannot be written as JSON again: they are read as null.
_JSON = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite)


def parse_json(text: str) -> Any:
    """The value, or a `Wrong`."""
    try:
        parsed = _JSON.decode(text.strip("\r\n"))
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno} of it, column {error.colno}"
        return Wrong(f"not JSON ({error.msg.removesuffix(' at')} at {place}).")
    except RecursionError:
        return Wrong(_TOO_DEEP)
    except ValueError:
        return Wrong("JSON that cannot be read (a number with too many digits).")
    may_be_deep = text.count("{") + text.count("[") > _MOST_NESTED
    return Wrong(_TOO_DEEP) if may_be_deep and _is_too_deep(parsed) else parsed


def _is_too_deep(parsed: Any) -> bool:
    level = [parsed]
    for _ in range(_MOST_NESTED):
        inner = (value.values() if isinstance(value, dict) else value for value in level)
        level = [one for values in inner for one in values if isinstance(one, dict | list)]
        if not level:
            return False
    return True
