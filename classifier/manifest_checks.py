"""What values a manifest may hold: types, lengths, ranges. Leaves out: the file and its folder (manifest.py)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from classifier.decide import POOLINGS, PROBLEM_TYPES
from classifier.printed import STEERING, counted

_PER_TOPIC = ("pooling", "temperature", "bias", "thresholds", "review_band")
_PER_TOPIC_OR_ABSENT = ("late_margin", "curve")
_RULE = ("temperature", "bias", "curve", "thresholds", "review_band")  # what a cascade's own rule may hold
_REQUIRED = ("schema_version", "name", "labels", "max_length", "stride", "pad_id", *_PER_TOPIC, "files")
_TYPES: Mapping[str, tuple[type, str]] = {
    "name": (str, "text"),
    "labels": (list, "a list"),
    **dict.fromkeys(("max_length", "stride", "pad_id"), (int, "a whole number")),
    **dict.fromkeys((*_PER_TOPIC, *_PER_TOPIC_OR_ABSENT, "scripts"), (list, "a list")),
    "files": (dict, "an object"),
}
_CASCADE: Mapping[str, tuple[Any, str]] = {
    **dict.fromkeys(("model", "manifest_sha256"), (str, "text")),
    "max_length": (int, "a whole number"),
    **dict.fromkeys(("scale", "shift"), (list, "a list")),
    **dict.fromkeys(("sure_below", "sure_from"), (int | float, "a number")),
}
_MOST_IDS = 2**31  # of tokens
_EARLIER_PROBLEM_TYPE = "multi_label_classification"  # what manifests of this schema said before there were others


def problems_of(contents: Any) -> list[str]:
    """What is wrong with a manifest, one sentence each."""
    if not isinstance(contents, dict):
        return [f"manifest.json holds {type(contents).__name__}, not an object."]
    missing = [key for key in _REQUIRED if key not in contents]
    if missing:
        return [f"manifest.json lacks {', '.join(missing)}."]
    wrong = [
        f"{key} is {contents[key]!r}, expected {expected}."
        for key, (kind, expected) in _TYPES.items()
        if key in contents and not isinstance(contents[key], kind)
    ]
    return (
        wrong
        or _wrong_entries(contents)
        or [*_wrong_problem_type(contents), *_out_of_range(contents), *_wrong_cascade(contents)]
    )


def _wrong_entries(contents: Mapping[str, Any]) -> list[str]:
    """Lists of the wrong length or with entries of the wrong kind."""
    count = len(contents["labels"])
    problems = [
        f"{key} has {counted(len(contents[key]), 'entry', 'entries')}, labels has {count}."
        for key in (*_PER_TOPIC, *_PER_TOPIC_OR_ABSENT)
        if key in contents and len(contents[key]) != count
    ]
    if not count or not all(isinstance(label, str) for label in contents["labels"]):
        problems.append(f"labels is {contents['labels']}, expected names.")
    elif len(set(contents["labels"])) < count or any(map(STEERING.search, contents["labels"])):
        problems.append(f"labels is {contents['labels']}, expected different names without control characters.")
    if not all(isinstance(digest, str) for digest in contents["files"].values()):
        problems.append(f"files is {contents['files']}, expected a SHA-256 for each name.")
    if not all(isinstance(script, str) for script in contents.get("scripts", ())):
        problems.append(f"scripts is {contents['scripts']}, expected names.")
    for key in ("temperature", "bias", "thresholds", "late_margin"):
        if key in contents and not all(map(_is_number, contents[key])):
            problems.append(f"{key} is {contents[key]}, expected numbers.")
    bands = contents["review_band"]
    if not all(isinstance(band, list) and len(band) == 2 and all(map(_is_number, band)) for band in bands):
        problems.append(f"review_band is {bands}, expected pairs of numbers.")
    curve = contents.get("curve", [])
    if not all(map(_is_curve, curve)) or len({len(row) for knots in curve for row in knots}) > 1:
        problems.append(
            f"curve is {curve}, expected two rows of rising numbers a topic, all of one length, at least 2."
        )
    return problems


def _is_curve(knots: Any) -> bool:
    return (
        isinstance(knots, list)
        and len(knots) == 2
        and all(isinstance(row, list) and len(row) > 1 and all(map(_is_number, row)) for row in knots)
        and all(1e-6 <= higher - lower < 1e6 for row in knots for lower, higher in pairwise(row))
    )


def problem_type_of(contents: Mapping[str, Any]) -> Any:
    """As written; multi-label where the manifest is older than the other types."""
    found = contents.get("problem_type", _EARLIER_PROBLEM_TYPE)
    return "multi_label" if found == _EARLIER_PROBLEM_TYPE else found


def _wrong_problem_type(contents: Mapping[str, Any]) -> list[str]:
    """An unknown type, or one that does not go with the number of labels."""
    found, count = problem_type_of(contents), len(contents["labels"])
    if found not in PROBLEM_TYPES:
        return [f"problem_type is {found!r}, allowed are {', '.join(PROBLEM_TYPES)}."]
    if (found == "binary" and count != 1) or (found == "multi_class" and count < 2):
        return [f"problem_type is {found}, labels has {counted(count, 'entry', 'entries')}."]
    if found == "multi_class" and len(set(contents["pooling"])) > 1:
        return [f"pooling is {contents['pooling']}, classes that exclude each other need the same rule for all."]
    return []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _out_of_range(contents: Mapping[str, Any]) -> list[str]:
    """Values that no decision can be made with."""
    problems = []
    if any(rule not in POOLINGS for rule in contents["pooling"]):
        problems.append(f"pooling is {contents['pooling']}, allowed are {', '.join(POOLINGS)}.")
    if "lead" in contents["pooling"] and "late_margin" not in contents:
        problems.append("pooling has lead, late_margin is missing.")
    if any(value < 0 for value in contents.get("late_margin", ())):
        problems.append(f"late_margin is {contents['late_margin']}, each must be at least 0.")
    if not all(value > 0 for value in contents["temperature"]):
        problems.append(f"temperature is {contents['temperature']}, each must be above 0.")
    if not all(0 < value < 1 for value in contents["thresholds"]):
        problems.append(f"thresholds is {contents['thresholds']}, each must lie between 0 and 1.")
    if not 0 <= contents["pad_id"] < _MOST_IDS:
        problems.append(f"pad_id is {contents['pad_id']}, expected the id of a token.")
    if not 0 <= contents["stride"] < contents["max_length"] - 2:
        problems.append(f"stride is {contents['stride']}, max_length is {contents['max_length']}.")
    return problems


def _wrong_rule(contents: Mapping[str, Any], rule: Any) -> list[str]:
    """What is wrong with a rule that holds in place of the manifest's own."""
    if not isinstance(rule, dict):
        return [f"it is {rule!r}, expected an object."]
    if unknown := [key for key in rule if key not in _RULE]:
        return [f"it has {', '.join(unknown)}, allowed are {', '.join(_RULE)}."]
    if wrong := [f"{key} is {value!r}, expected a list." for key, value in rule.items() if not isinstance(value, list)]:
        return wrong
    joined = {**contents, **rule}
    return _wrong_entries(joined) or _out_of_range(joined)


def _wrong_cascade(contents: Mapping[str, Any]) -> list[str]:
    """A cascade that cannot be run."""
    cascade, count = contents.get("cascade"), len(contents["labels"])
    if cascade is None:
        return []
    if not isinstance(cascade, dict) or (missing := [key for key in _CASCADE if key not in cascade]):
        lacks = f"it lacks {', '.join(missing)}" if isinstance(cascade, dict) else "it is no object"
        return [f"cascade is {cascade!r}: {lacks}."]
    problems = [
        f"cascade.{key} is {cascade[key]!r}, expected {expected}."
        for key, (kind, expected) in _CASCADE.items()
        if not isinstance(cascade[key], kind) or isinstance(cascade[key], bool)
    ]
    for key in ("scale", "shift"):
        values = cascade[key]
        if isinstance(values, list) and not (len(values) == count and all(map(_is_number, values))):
            problems.append(f"cascade.{key} is {values}, expected {counted(count, 'number')}.")
    if problems:
        return problems
    share, rule = cascade.get("share", 0.0), cascade.get("rule", {})
    if not _is_number(share) or share < 0:
        problems.append(f"cascade.share is {share!r}, expected a number from 0 on.")
    problems += [f"cascade.rule: {problem}" for problem in _wrong_rule(contents, rule)]
    if not 0 < cascade["sure_below"] <= cascade["sure_from"] <= 1:
        problems.append(f"cascade is sure below {cascade['sure_below']} and from {cascade['sure_from']} on.")
    if not all(value > 0 for value in cascade["scale"]):
        problems.append(f"cascade.scale is {cascade['scale']}, each must be above 0.")
    if not 3 <= cascade["max_length"] <= contents["max_length"]:
        problems.append(f"cascade.max_length is {cascade['max_length']}, max_length is {contents['max_length']}.")
    if problem_type_of(contents) == "multi_class":
        problems.append("cascade goes with problem_type multi_label and binary alone.")
    return problems
