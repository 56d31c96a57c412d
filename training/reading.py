"""What a config names as data → stories: files, tables without a header, `datasets` hub ids; and tables beside them.

Leaves out: labels (labels.py), splits (data.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from classifier.errors import DataError, InputError, bullet_list
from classifier.formats import RECORD_FORMATS, format_of
from classifier.imports import importing
from classifier.json_lists import StoryFields
from classifier.process import Warnings
from classifier.records import open_records
from classifier.rewording import in_other_words, reworded, stories_in_other_words
from classifier.sources import Source
from classifier.stories import ReadOptions, Story, read_stories, story_from_record
from training.tables import read_headless

_OPTIONS = {  # of predict, in messages: what a config has instead
    r"--(text|title)-field": r"data.\1_field",
    r"Name the encoding with --encoding, for example [\w-]+\.": "Save the file as UTF-8.",
}
_HUB_ID = re.compile(r"^([\w.-]+/[\w.-]+)(?::([\w.\[\]%-]+))?$")


def read_origin(role: str, origin: str, options: ReadOptions, columns: Sequence[str] | None = None) -> Iterator[Story]:
    """The stories of a file, or of a hub dataset.

    Args:
        role: The split that is read where a hub id names none.
        origin: The file, or "owner/name:split".
        options: Which columns hold what.
        columns: Those of a table without a header line; None where there is one.

    Raises:
        InputError: If it is neither, or cannot be read.
    """
    return stories_in_other_words(_read(role, origin, options, columns), _OPTIONS)


def same_data(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """True if two pairs of role and origin are read from the same place: one file, or one split of a hub dataset."""
    return _place(*one) == _place(*other)


def _place(role: str, origin: str) -> str:
    match = _HUB_ID.match(origin) if format_of(Path(origin))[0] not in RECORD_FORMATS else None
    return os.path.realpath(origin) if match is None else f"{match[1]}:{match[2] or role}"


def _read(role: str, origin: str, options: ReadOptions, columns: Sequence[str] | None) -> Iterator[Story]:
    kind, compression = format_of(Path(origin))
    if kind == "csv" and columns is not None:
        yield from read_headless(Source(origin, kind, compression), columns, options)
        return
    if kind in RECORD_FORMATS:
        source, said = Source(origin, kind, compression), list[str]()
        yield from read_stories(source, options, warn=said.append)
        for message in said:  # of sheets; what is said of a header, as of other kinds, preflight.py says
            if kind == "spreadsheet" and message.startswith(f"{source.shown}: "):
                _warn(message)
        return
    match = _HUB_ID.match(origin)
    if match is None or _is_meant_as_file(origin):
        raise InputError(
            f"{origin}: expected a .jsonl, .json, .csv, .tsv, .xlsx or .parquet file, or a hub id (owner/name:split)."
        )
    yield from _read_hub(match[1], match[2] or role, origin, options)


@cache  # a file may be read for each split
def _warn(message: str) -> None:
    Warnings("further ones are not said")(message)


def _is_meant_as_file(origin: str) -> bool:
    """True for a file, or a name in a folder that is there: it stays on this machine. A folder may hold a dataset."""
    path = Path(origin)
    return path.is_file() or (path.parent.is_dir() and not path.exists() and ":" not in path.name)


def read_beside(path: str, needed: Sequence[str], advice: str, take: Callable[[Mapping[str, Any]], str | None]) -> None:
    """Gives each row of a table that stands beside the data to `take`.

    Args:
        path: A table with a header line.
        needed: Its columns, at least.
        advice: What to do where one is missing.
        take: Notes a row, and returns what is wrong with it.

    Raises:
        InputError: If the file cannot be read, or lacks a column.
        DataError: With all that is wrong with its rows.
    """
    kind, compression = format_of(Path(path))
    source, problems = Source(path, kind or "csv", compression), []
    fields = StoryFields(needed[0], set(needed).issubset) if kind == "spreadsheet" else None  # to find its sheet by
    try:
        with in_other_words(_OPTIONS), open_records(source, fields=fields) as records:
            missing = [name for name in needed if name not in (records.columns or ())]
            if missing:
                raise InputError(f"{path}: no column '{missing[0]}'. {advice}")
            for where, record in records.rows:
                problem = reworded(record, _OPTIONS) if isinstance(record, str) else take(record)
                if problem:
                    problems.append(f"{where}: {problem}")
            if records.left_out:
                _warn(records.left_out)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from error
    if problems:
        raise DataError(bullet_list(path, problems))


def _read_hub(name: str, split: str, origin: str, options: ReadOptions) -> Iterator[Story]:
    with importing(f"the dataset '{origin}'", "train"):
        import datasets
    try:
        dataset = datasets.load_dataset(name, split=split)
    except Exception as error:  # the library raises many kinds, all of them the user's or the network's
        raise InputError(f"{origin}: datasets cannot load it ({type(error).__name__}: {error}).") from error
    for number, record in enumerate(dataset, 1):
        names = {key: _names(dataset.features[key], value) for key, value in record.items()}
        yield story_from_record(names, f"{origin}:{number}", options)


def _names(feature: Any, value: Any) -> Any:
    """Class numbers as class names, None for the negative ones of hidden labels; everything else as it is."""
    if isinstance(feature, list):
        feature = feature[0]
    inner: Any = getattr(feature, "feature", feature)
    if value is None or not hasattr(inner, "int2str"):
        return value
    if isinstance(value, list):
        return [_names(inner, number) for number in value]
    return inner.int2str(value) if value >= 0 else None
