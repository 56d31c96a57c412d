"""Tables as labelled stories: review sheets that a person filled (classifier/review.py), and others.

    labels,suggested,why,value,…,title,text
    military|ceasefire,military,…          -> military, ceasefire
    none,military,…                        -> a story about none of the topics
    ,military,…                            -> not looked at: passed over

In a table without these columns an empty cell is a story about none of the topics, and so is `none`; where both stand
in one table, it may be a sheet whose columns somebody removed, and nobody may have looked at the empty rows.
Leaves out: the sheet that corrects labels in place (annotation.py), what else is said of a story (answers.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple

from classifier.errors import InputError
from classifier.formats import TABLE_FORMATS, format_of
from classifier.records import open_records
from classifier.review import MARKS, NONE
from classifier.sheet_cells import unmarked_cell
from classifier.sources import Source
from classifier.stories import ReadOptions, Story
from training.config import DataConfig
from training.labels import names_in, says_none
from training.reading import read_origin

Kind = Literal["sheet", "table", "records"]
_SHOWN = 5  # stories that a message names


class Record(NamedTuple):
    """A story as it stands in its file.

    Attributes:
        story: With its columns.
        fields: The config as it holds for the file: another one for a sheet.
        origin: The file, as it was named.
        kind: A review sheet; another table whose labels are names; all else.
    """

    story: Story
    fields: DataConfig
    origin: str
    kind: Kind


def read_all(role: str, origins: Sequence[str], config: DataConfig) -> Iterator[Record]:
    """Every record, those of review sheets first.

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
        is_table = format_of(Path(origin))[0] in TABLE_FORMATS and fields.labels_as == "names"
        kind: Kind = "sheet" if origin in sheets else "table" if is_table else "records"
        for story in read_origin(role, origin, options, fields.columns):
            yield Record(_as_given(story) if kind == "sheet" else story, fields, origin, kind)


def _as_given(story: Story) -> Story:
    """The story of a review sheet without the marks that keep it from being taken for a formula."""
    story_id = unmarked_cell(story.id) if isinstance(story.id, str) else story.id
    return replace(story, id=story_id, title=unmarked_cell(story.title), text=unmarked_cell(story.text))


def is_sheet(origin: str) -> bool:
    """True for a table with the columns of a review sheet; one that has no header, or cannot be read, is none."""
    kind, compression = format_of(Path(origin))
    if kind not in TABLE_FORMATS:
        return False
    try:
        source = Source(origin, kind, compression)
        with open_records(source, fields=ReadOptions().story_fields) as records:  # of a workbook, the sheet with texts
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


def is_filled(story: Story) -> bool:
    """True for a row of a sheet with labels that a person gave."""
    return bool(names_in(str(story.columns.get("labels") or "")))


@dataclass(slots=True)
class Blanks:
    """Which stories of each table that is no sheet say `none`, and which have an empty cell of labels."""

    nones: dict[str, str] = field(default_factory=dict)  # by table, the first
    first: dict[str, list[str]] = field(default_factory=dict)  # by table, the first few that are empty
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, record: Record) -> None:
        """Takes a record into account."""
        fields, cell = record.fields, record.story.columns.get(record.fields.labels_field)
        if record.kind != "table" or fields.problem_type == "multi_class" or not isinstance(cell, str):
            return
        names, shown = names_in(cell), f"'{record.story.id}'"
        if says_none(names, fields):
            self.nones.setdefault(record.origin, shown)
        elif not names:
            self.counts[record.origin] += 1
            if self.counts[record.origin] <= _SHOWN:
                self.first.setdefault(record.origin, []).append(shown)

    def problems(self) -> list[str]:
        """One for each table with both."""
        return [
            f"{origin}: story {none} has the label '{NONE}', and {_listed(self.first[origin], self.counts[origin])} no "
            f"label, as in a review sheet without its columns {', '.join(MARKS[1:])}, where nobody looked at them. "
            f"Write {NONE} where a story is about none of the topics, and delete rows that nobody looked at; or put "
            "these columns back."
            for origin, none in self.nones.items()
            if origin in self.first
        ]


def _listed(first: Sequence[str], count: int) -> str:
    more = f" … ({count:,} stories)" if count > len(first) else ""
    return f"{', '.join(first)}{more} {'has' if count == 1 else 'have'}"
