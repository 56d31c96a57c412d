"""A review sheet that a person filled (classifier/review.py) as labelled stories.

    labels,suggested,why,value,…,title,text
    military|ceasefire,military,…          -> military, ceasefire
    none,military,…                        -> a story about none of the topics
    ,military,…                            -> not looked at: passed over

Leaves out: the sheet that corrects labels in place (annotation.py), what else is said of a story (answers.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from classifier.errors import InputError
from classifier.records import open_records
from classifier.review import MARKS, NONE
from classifier.sources import Source, format_of
from classifier.stories import ReadOptions, Story
from training.config import DataConfig
from training.reading import read_origin


def read_all(role: str, origins: Sequence[str], config: DataConfig) -> Iterator[tuple[Story, DataConfig]]:
    """Every record, review sheets first, with the config as it holds for its file: another one for a sheet.

    Raises:
        InputError: If a file cannot be read.
    """
    sheets = set(filter(is_sheet, origins))
    for origin in sorted(origins, key=lambda origin: origin not in sheets):
        fields = sheet_fields(config) if origin in sheets else config
        options = ReadOptions(
            text_field=None if fields.text_field == "text" else fields.text_field,  # a default may be missing
            title_field=None if fields.title_field == "title" else fields.title_field,
            split=False,
        )
        for story in read_origin(role, origin, options, fields.columns):
            yield story, fields


def is_sheet(origin: str) -> bool:
    """True for a table with the columns of a review sheet; one that has no header, or cannot be read, is none."""
    kind, compression = format_of(Path(origin))
    if kind != "csv":
        return False
    try:
        with open_records(Source(origin, kind, compression)) as records:
            return set(MARKS) <= set(records.columns or ())
    except (OSError, InputError):  # which of them it is, and whether it matters, shows when it is read
        return False


def sheet_fields(config: DataConfig) -> DataConfig:
    """The config as it holds for a sheet, whose columns have names of their own."""
    own = {
        "text_field": "text",
        "title_field": "title",
        "labels_field": "labels",
        "labels_as": "names",
        "columns": None,
    }
    return config.model_copy(update=own)


def filled(story: Story, config: DataConfig) -> Story | None:
    """The story of a row with the labels that a person gave; None where there are none."""
    labels = str(story.columns.get("labels") or "").strip()
    if not labels:
        return None
    if labels == NONE and NONE not in config.labels:
        return replace(story, columns={**story.columns, "labels": ""})
    return story
