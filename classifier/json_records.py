"""JSON → records: a line each, the elements of a list, or of the list that an object holds.

    {"text": "…"}                                                     a record
    [{"text": "…"}, {"text": "…"}]                                    two
    {"status": "ok", "response": {"results": [{"text": "…"}]}}        one, as news services answer

An object is taken for its list where it lacks what a story needs and exactly one list in it holds objects that have it.
Leaves out: which bytes belong together (json_values.py, lines.py), tables (tables.py).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from classifier.json_values import Value, read_values
from classifier.lines import LONGEST_RECORD_BYTES, decode, read_lines

Record = Mapping[str, Any]
IsRecord = Callable[[Record], bool]
Placed = tuple[str, Record | str]  # a place, and the record there or what is wrong with it
_DEEPEST = 4  # objects around a list
_TOO_LONG = f"longer than {LONGEST_RECORD_BYTES >> 20} MiB."


def _finite(number: str) -> float | None:
    return float(number) if math.isfinite(float(number)) else None


# NaN, Infinity and numbers beyond a float are common, but cannot be written as JSON again: they are read as null.
_JSON = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite)


def line_records(file: Any, name: str, encoding: str, is_record: IsRecord) -> Iterator[Placed]:
    """The records of JSON lines, with the numbers of their lines.

    Args:
        file: Whose lines end with the byte for a line feed.
        name: In messages and places.
        encoding: Of the lines.
        is_record: Whether an object is a record itself, and not taken for a list in it.
    """
    for number, raw in read_lines(file):
        where = f"{name}:{number}"
        if raw is None:
            yield where, _TOO_LONG
            continue
        line, problem = decode(raw, encoding)
        if problem:
            yield where, problem
        elif line.strip():
            yield from _records(_parse(line), where, is_record)


def document_records(file: Any, name: str, encoding: str, is_record: IsRecord) -> Iterator[Placed]:
    """The records of a JSON document, numbered; of one that is JSON lines after all, with the numbers of the lines.

    Args:
        file: With `peek`, at its start.
        name: In messages and places.
        encoding: One in which JSON's own characters are those of ASCII.
        is_record: Whether an object is a record itself, and not taken for a list in it.
    """
    if _has_lines(file.peek(1)):
        yield from line_records(file, name, encoding, is_record)
        return
    number = 0
    for value in read_values(file):
        number += 1
        where = f"{name}:{number}"
        if value.breaks_off or value.raw is None:
            yield where, _unfinished(value)
            continue
        text, problem = decode(value.raw, encoding)
        parsed: Any = _Wrong(problem) if problem else _parse(text)
        if value.in_list:
            yield where, _object(parsed)
            continue
        placed = list(_records(parsed, name, is_record))
        if len(placed) == 1:
            yield where, placed[0][1]
            continue
        for _, record in placed:
            yield f"{name}:{number}", record
            number += 1
        number -= 1


def _has_lines(start: bytes) -> bool:
    """Whether a file that begins so is JSON lines: the first or the second line is an object, and others follow."""
    lines = [line for line in start.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    whole = lines[:2] if len(lines) > 2 or start.endswith(b"\n") else lines[:1]
    if len(lines) < 2 or not lines[0].lstrip().startswith(b"{"):
        return False
    return any(isinstance(_parse(line.decode("utf-8", "replace")), dict) for line in whole)


def _records(parsed: Any, where: str, is_record: IsRecord) -> Iterator[Placed]:
    """A value of its own as a record, or as those in its list."""
    found = _list_in(parsed, is_record)
    if found is None:
        yield where, _object(parsed)
        return
    for number, element in enumerate(found, 1):
        yield f"{where}[{number}]", _object(element)


def _list_in(parsed: Any, is_record: IsRecord) -> list[Any] | None:
    """The list that stands for a value; None where it is a record, or nothing that could be told apart."""
    if isinstance(parsed, list):
        return parsed if parsed and isinstance(parsed[0], dict) else None
    if not isinstance(parsed, dict) or is_record(parsed):
        return None
    lists = [found for found in _lists(parsed, _DEEPEST) if isinstance(found[0], dict) and is_record(found[0])]
    return lists[0] if len(lists) == 1 else None


def _lists(parsed: Record, depth: int) -> Iterator[list[Any]]:
    """All lists with something in them, in objects down to `depth`."""
    for value in parsed.values():
        if isinstance(value, list) and value:
            yield value
        elif isinstance(value, dict) and depth > 1:
            yield from _lists(value, depth - 1)


class _Wrong(str):
    """What is wrong with a value, and no value of JSON."""


def _object(parsed: Any) -> Record | str:
    if isinstance(parsed, dict | _Wrong):
        return parsed
    return f"expected a JSON object, found {kind_of(parsed)}."


def _parse(text: str) -> Any:
    try:
        return _JSON.decode(text.strip("\r\n"))
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno} of it, column {error.colno}"
        return _Wrong(f"not JSON ({error.msg.removesuffix(' at')} at {place}).")
    except RecursionError:
        return _Wrong("JSON that cannot be read (nested too deeply).")
    except ValueError:
        return _Wrong("JSON that cannot be read (a number with too many digits).")


def _unfinished(value: Value) -> str:
    if value.raw is None:
        advice = "" if value.in_list else " Write the list in it as JSON lines, for example with jq -c '.articles[]'."
        return _TOO_LONG + advice
    if not value.raw:
        return "the file breaks off: its list is not closed."
    begin = value.raw[:40].decode("utf-8", "replace").split("\n")[0]
    return f"not JSON, or it breaks off: what begins with {begin} has no end."


def kind_of(value: Any) -> str:
    """What a value is, in the words of JSON."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), f"a number ({str(value)[:20]})")
