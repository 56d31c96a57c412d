"""What pydantic finds wrong with a config, in the words of the one who wrote it.

The traps of YAML 1.1 are explained where they bite: `2e-5` is text, `no` is False.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from reprlib import Repr
from typing import Any

from pydantic import BaseModel

from classifier.errors import nearest

_SHOWN = Repr()  # of a value in a message, however much there is in it
_SHOWN.maxlevel, _SHOWN.maxlist, _SHOWN.maxdict = 2, 10, 10
_SHOWN.maxstring = _SHOWN.maxlong = _SHOWN.maxother = 200
_TEXT, _LIST = "str", "tuple[str, ...]"  # how pydantic calls the two forms of a setting that is text or a list of it


def explained(errors: Iterable[Mapping[str, Any]], root: type[BaseModel]) -> list[str]:
    """All that pydantic found wrong with a config of type `root`, each problem once."""
    return [explain(error, root) for error in errors if not _is_said_elsewhere(error)]


def _is_said_elsewhere(error: Mapping[str, Any]) -> bool:
    """True where the other form of a setting was written, and for a list whose entries are wrong, and not missing."""
    if error["type"] == "extra_forbidden":  # a key, whatever its name
        return False
    form, is_list = error["loc"][-1] if error["loc"] else "", isinstance(error["input"], list)
    is_other_form = (form == _TEXT and is_list) or (form == _LIST and not is_list)
    return is_other_form or (error["type"] == "too_short" and bool(error["input"]))


def explain(error: Mapping[str, Any], root: type[BaseModel]) -> str:
    """One pydantic error of a config of type `root` as *key: what was found. What is allowed. What to do.*"""
    kind, found = error["type"], error["input"]
    if kind == "extra_forbidden":
        *sections, last = error["loc"]
        return f"{'.'.join(map(str, error['loc']))}: unknown key.{nearest(str(last), _known_keys(root, sections))}"
    where = ".".join(str(part) for part in error["loc"] if part not in (_TEXT, _LIST))
    if kind == "missing":
        return f"{where}: missing."
    if kind == "value_error":
        return str(error["ctx"]["error"])
    expected = "text or a list" if error["loc"][-1:] == (_TEXT,) else _EXPECTED.get(kind)
    if expected is None:
        return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}, got {_SHOWN.repr(found)}."
    return f"{where}: expected {expected}, got {_SHOWN.repr(found)} ({_kind(found)}).{_yaml_trap(found, expected)}"


_EXPECTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "model_type": "keys and values",
    "too_short": "at least one entry",
    "string_too_short": "at least one character",
    "string_pattern_mismatch": "lowercase letters a to z, digits and . _ -, with a letter or digit first",
}


def _yaml_trap(found: Any, expected: str) -> str:
    if isinstance(found, str) and re.fullmatch(r"[+-]?\d+(\.\d*)?e[+-]?\d+", found, re.IGNORECASE):
        mantissa, exponent = re.split("e", found, flags=re.IGNORECASE)
        exponent = exponent if exponent[0] in "+-" else f"+{exponent}"
        written = f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}"
        return f" Write {written}: YAML 1.1 reads {found} as text."
    if isinstance(found, bool) and expected == "text":
        words = "yes, on or true" if found else "no, off or false"
        return f" Put quotes around it: YAML 1.1 reads {words} as {found}."
    return ""


def _kind(value: Any) -> str:
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", type(None): "nothing"}
    return names.get(type(value), "a list" if isinstance(value, list) else "keys and values")


def _known_keys(root: type[BaseModel], sections: Sequence[Any]) -> list[str]:
    model: Any = root
    for section in sections:
        fields = getattr(model, "model_fields", {})
        model = fields[section].annotation if section in fields else None
    return list(getattr(model, "model_fields", {}))
