"""The fields of title and primary topic that a config names, against those that its stories have.

A story without a title, or a primary topic, is good as well, so that a wrong name would lose all of them in silence.
Files may differ in what they have: a field is missing where no story of any has it. Leaves out: the text and the
labels, which every story needs.
"""

from __future__ import annotations

from collections.abc import Iterable

from classifier.errors import DataError
from classifier.fields import no_field
from classifier.review import MARKS
from training.config import DataConfig
from training.splits import Split

_DEFAULTS = {"title_field": "title", "primary_field": "primary"}  # may be missing


def check_named_fields(splits: Iterable[Split], config: DataConfig) -> None:
    """Refuses a named field that no story has; rows of review sheets, whose fields have other names, do not count.

    Raises:
        DataError: With every such field, the nearest name and what to do.
    """
    splits = list(splits)
    records = [labelled.story.columns for split in splits for labelled in split.stories]
    records = [record for record in records if not set(MARKS) <= record.keys()]
    found = list(dict.fromkeys(name for record in records for name in record))
    where = ", ".join(split.origin for split in splits)
    problems = [
        no_field(where, name, found, f"data.{field}", among=" in any record")
        for field, default in _DEFAULTS.items()
        if (name := getattr(config, field)) not in ("", default, *found) and records
    ]
    if problems:
        raise DataError("\n".join(problems))
