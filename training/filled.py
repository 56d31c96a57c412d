"""A review sheet that a person filled (classifier/review.py) as labelled stories.

    labels,suggested,why,value,…,title,text
    military|ceasefire,military,…          -> military, ceasefire
    none,military,…                        -> a story about none of the topics
    ,military,…                            -> not looked at: passed over

Leaves out: the sheet that corrects labels in place (annotation.py).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from classifier.errors import InputError
from classifier.records import open_records
from classifier.review import MARKS, NONE
from classifier.sources import Source, format_of
from classifier.stories import Story
from training.config import DataConfig


def is_sheet(origin: str) -> bool:
    """True for a table with the columns of a review sheet.

    Raises:
        InputError: If it is a table that cannot be read.
    """
    kind, compression = format_of(Path(origin))
    if kind != "csv":
        return False
    try:
        with open_records(Source(origin, kind, compression)) as records:
            return set(MARKS) <= set(records.columns or ())
    except OSError as error:
        raise InputError(f"{origin}: cannot be read ({error.strerror or error}).") from error


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
