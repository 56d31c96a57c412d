"""The errors that a user's input can cause; anything else that is raised is a bug.

    ClassifierError
    ├── InputError           a file, a record or a field that cannot be read
    │   └── CommandError     an option that does not fit the input: no record can be right
    ├── ModelError           a model folder that is missing, damaged or not ours
    ├── EngineError          an engine or a device that is not known or not there
    ├── ConfigError          a training config with problems (all of them at once)
    ├── DataError            training data that must not be trained on
    ├── ExportError          a model that must not be shipped
    └── MissingExtraError    an optional part of this package that is not installed

A message says *where: what was found. What is allowed, or the nearest match. What to do.*
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from classifier.printed import counted, on_one_line


class ClassifierError(Exception):
    """What the command line prints as `error: …` with exit code 1."""


class InputError(ClassifierError):
    """A file, a record or a field that cannot be read."""


class CommandError(InputError):
    """An option that does not fit the input: what is wrong is the command, and not one source among others."""


class ModelError(ClassifierError):
    """A model folder that is missing, damaged or of another kind."""


class EngineError(ClassifierError):
    """An engine or a device that is not known or not present."""


class ConfigError(ClassifierError):
    """A training config with problems; the message lists all of them."""


class DataError(ClassifierError):
    """Training data that cannot be trained on; the message lists the problems."""


class ExportError(ClassifierError):
    """A trained model that must not be shipped, with the figures that say why."""


class MissingExtraError(ClassifierError):
    """An optional part of this package that is not installed, or does not load; `reason` is what the import said."""

    def __init__(self, feature: str, extra: str, reason: str = "") -> None:
        super().__init__(feature, extra, reason)  # what it is made of, so that it can be pickled

    def __str__(self) -> str:
        feature, extra, reason = self.args
        return (
            f"{feature} needs the extra '{extra}'. "
            f'Install it: pip install ".[{extra}]" in a checkout, else "news-topic-classifier[{extra}]"'
            + (f" ({' '.join(reason.split())})" if reason else "")
        )


@contextmanager
def unreadable_as(kind: type[ClassifierError]) -> Iterator[None]:
    """A file that may not be read, or whose disk is lost, is an error of this kind."""
    try:
        yield
    except OSError as error:
        named = error.filename or "a file"  # one that was opened and then cannot be read has no name here
        raise kind(f"{named}: cannot be read ({error.strerror or error}).") from error


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the closest known name, to be put behind a sentence; "" where none is close.

    >>> nearest("opnvino", ["openvino", "torch"])
    " Did you mean 'openvino'?"
    """
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{on_one_line(matches[0])}'?" if matches else ""


def differences(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """`key: was 1, is 2` for every key whose values differ; a missing one is None."""
    return [
        f"{key}: was {earlier.get(key)!r}, is {now.get(key)!r}"
        for key in sorted(earlier.keys() | now.keys())
        if earlier.get(key) != now.get(key)
    ]


def bullet_list(where: str, problems: Iterable[str], most: int = 20) -> str:
    """`where: N problems` and one line each; the rest is counted beyond `most`."""
    listed = list(problems)
    shown = [f"  - {problem}" for problem in listed[:most]]
    if len(listed) > most:
        shown.append(f"  … and {len(listed) - most} more")
    return "\n".join([f"{where}: {counted(len(listed), 'problem')}", *shown])


def alike_as_one(problems: Iterable[str], most: int = 3) -> list[str]:
    """`place: text` problems; where more than `most` have one text, they are one, with the first places and a count.

    >>> alike_as_one(["a:1: no text.", "a:2: not JSON.", "a:3: no text.", "a:4: no text."], most=2)
    ['a:1, a:3 and 1 more: no text.', 'a:2: not JSON.']
    """
    places: dict[str, list[str]] = {}
    for problem in problems:
        place, colon, text = problem.partition(": ")
        places.setdefault(colon + text, []).append(place)
    lines: list[str] = []
    for text, found in places.items():
        if len(found) > most and text:
            lines.append(f"{', '.join(found[:most])} and {len(found) - most:,} more{text}")
        else:
            lines += [place + text for place in found]
    return lines
