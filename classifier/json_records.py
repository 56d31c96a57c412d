"""JSON → records: a line each, the elements of a list, or of the list in the answer of a news service.

    {"text": "…"}                                                     a record
    [{"text": "…"}, {"text": "…"}]                                    two
    {"status": "ok", "response": {"results": [{"text": "…"}]}}        one

In a document (not in JSON lines) an object around a list of stories is taken for the list. Where such an object is not
JSON as a whole, the elements of its list are read one by one.
Leaves out: which bytes belong together (json_values.py, lines.py), what they say (json_text.py), which list an object
stands for (json_lists.py), tables (tables.py).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from classifier.json_lists import LISTS, OTHER_LISTS, StoryFields, list_in
from classifier.json_text import Wrong, parse_json
from classifier.json_values import Value, read_values
from classifier.lines import LONGEST_RECORD_BYTES, decode, read_lines
from classifier.record_types import Placed, Record

_START_BYTES = 4096  # of an object, in which its list begins
_BREAKS_OFF = "the file breaks off: its list is not closed."
_TOO_LONG = f"longer than {LONGEST_RECORD_BYTES >> 20} MiB."


def line_records(file: Any, name: str, encoding: str) -> Iterator[Placed]:
    """The records of JSON lines, with the numbers of their lines.

    Args:
        file: Whose lines end with the byte for a line feed.
        name: In messages and places.
        encoding: Of the lines.
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
            yield where, _object(parse_json(line))


def document_records(file: Any, name: str, encoding: str, fields: StoryFields | None) -> Iterator[Placed]:
    """The records of a JSON document, numbered. JSON lines are one too.

    Args:
        file: With `read1`, at its start.
        name: In messages and places.
        encoding: One in which JSON's own characters are those of ASCII.
        fields: What a story has; None takes every object for a record.
    """
    number = 0
    for value in read_values(file):
        for record in _records(value, encoding, fields):
            number += 1
            yield f"{name}:{number}", record


def _records(value: Value, encoding: str, fields: StoryFields | None) -> Iterator[Record | str]:
    """What a value of a document holds, or what is wrong with it."""
    if value.raw is None or not value.raw:
        yield _TOO_LONG if value.raw is None else _BREAKS_OFF
        return
    parsed = _decoded(value.raw, encoding)
    if isinstance(parsed, Wrong) and fields is not None and not value.in_list:
        begin = _list_begins(value.raw, fields)
        if begin is not None:
            yield from _elements(value.raw[begin:], encoding, parsed, breaks_off=value.breaks_off)
            return
    found = None if fields is None else list_in(parsed, fields, is_element=value.in_list)
    yield from [_object(parsed)] if found is None else map(_object, found)
    if value.breaks_off and value.in_list:
        yield _BREAKS_OFF


_BEFORE_A_LIST = re.compile(  # names with short values, perhaps in objects, then a list of objects
    rb'\{\s*(?:"[^"]*"\s*:\s*(?:(?:"[^"]{0,300}"|[^\s",{}\[\]]+)[\s,}]*|\{\s*))*"([^"]*)"\s*:\s*(?=\[\s*\{)'
)


def _list_begins(raw: bytes, fields: StoryFields) -> int | None:
    """Where the list begins in an object around stories that is not JSON; None if it does not begin like one."""
    found = _BEFORE_A_LIST.match(raw[:_START_BYTES])
    if found is None or found[1].decode("latin-1").lower() not in LISTS | OTHER_LISTS:
        return None
    _, bracket, behind = raw[found.end() :].rpartition(b"]")
    around = found[0] + (behind if bracket and b"{" not in behind else b"")  # with one, the list goes on there
    has_text = re.search(rb'"%s"\s*:' % re.escape(fields.text.encode()), around)
    return None if has_text else found.end()


def _elements(raw: bytes, encoding: str, problem: str, *, breaks_off: bool) -> Iterator[Record | str]:
    """The elements of the list with which these bytes begin, and what is wrong, at least `problem`.

    What follows the list is left out, but for objects and lists without a name: the list may seem to end in a broken
    element.
    """
    any_wrong = is_open = is_named = in_other = False
    in_list = True
    for value in read_values(io.BytesIO(raw)):
        is_open = value.in_list and value.breaks_off
        in_other = value.in_list and (in_other if in_list else is_named)
        in_list = value.in_list
        is_element = not in_other and (in_list or ((value.raw or b"").startswith(b"{") and not is_named))
        is_named = (value.raw or b"").endswith(b":")
        if value.raw and is_element:
            record = _object(_decoded(value.raw, encoding))
            any_wrong |= isinstance(record, str)
            yield record
    if breaks_off and is_open:
        yield _BREAKS_OFF
    elif not any_wrong:
        yield problem


_LIST_BEGINS = re.compile(r"\[\s*(?:\{|\]?\s*$)")
_AROUND_A_LIST = re.compile(  # names with short values, then a list of objects
    r'\{\s*(?:"[^"]*"\s*:\s*(?:"[^"]{0,300}"|[^\s",{}\[\]]+)\s*,\s*)*"[^"]*"\s*:\s*\[\s*\{'
)


def looks_like_document(start: str, fields: StoryFields) -> bool:
    """Whether text that begins so is a JSON document rather than JSON lines or a page."""
    if not start.startswith("{"):
        return bool(_LIST_BEGINS.match(start))
    line, line_break, _ = start.partition("\n")
    first = parse_json(line)
    if isinstance(first, dict):
        return list_in(first, fields) is not None
    return bool(line_break) or bool(_AROUND_A_LIST.match(start))


def _object(parsed: Any) -> Record | str:
    if isinstance(parsed, dict | Wrong):
        return parsed
    return f"expected a JSON object, found {kind_of(parsed)}."


def _decoded(raw: bytes, encoding: str) -> Any:
    """What these bytes say, or what is wrong with them."""
    text, problem = decode(raw, encoding)
    return Wrong(problem) if problem else parse_json(text)


def kind_of(value: Any) -> str:
    """What a value is, in the words of JSON."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    other = "a number" if isinstance(value, int | float) else f"a {type(value).__name__}"
    return names.get(type(value), f"{other} ({str(value)[:20]})")
