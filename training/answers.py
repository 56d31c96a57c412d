"""Which topics a story has, by all that is said of it: a correction, a review sheet, readers' shares, its own labels.

They hold in this order. Leaves out: how each of them is read (annotation.py, filled.py, readings.py, labels.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from classifier.errors import nearest
from classifier.stories import Story
from training.annotation import read_corrections
from training.config import DataConfig
from training.config_data import shared_origins
from training.filled import Record
from training.labels import has_labels, says_none, topics_of
from training.readings import Shares, read_readings, readings_of


class Answer(NamedTuple):
    """Topics as indices into the label list, the primary topic where there is one, readers' shares where they count."""

    topics: frozenset[int]
    primary: str | None
    shares: Shares | None


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the stories of a split, by story id: corrected topics, and shares of readers."""

    corrected: Mapping[str, frozenset[int]]
    readings: Mapping[str, Shares]
    readings_file: str | None = None
    shared: Collection[str] = ()  # files of both train and validation

    def lines(self) -> Iterator[str]:
        """All of it, in an order of its own: other answers are other data."""
        yield from (f"{key}: {sorted(topics)}" for key, topics in sorted(self.corrected.items()))
        yield from (f"{key}: {shares}" for key, shares in sorted(self.readings.items()))

    def speaks_of(self, key: str) -> bool:
        """True if something stands beside a story with this id."""
        return key in self.corrected or key in self.readings

    def is_of_another_split(self, record: Record) -> bool:
        """True for a story of a file of both train and validation of which the readings of this split do not speak."""
        return record.origin in self.shared and str(record.story.id) not in self.readings

    def unmet(self, found: Collection[str], others: Collection[str], config: DataConfig) -> list[str]:
        """What is wrong with answers about stories that are not among those found; `others` are of another split."""
        corrected, readings = ([key for key in told if key not in found] for told in (self.corrected, self.readings))
        whole = {key.lstrip("0"): key for key in found} if corrected else {}
        return [
            *(self._not_corrected(config.corrections, key, whole.get(key.lstrip("0")), others) for key in corrected),
            *(f"{self.readings_file}: story '{key}' is in none of the files." for key in readings),
        ]

    def _not_corrected(self, sheet: str | None, key: str, whole: str | None, others: Collection[str]) -> str:
        """What is wrong with a correction of no story; `whole` is the id of one with more or fewer zeros in front."""
        if key in others:
            return (
                f"{sheet}: story '{key}' is not in {self.readings_file}, which says which stories of a file of both "
                "train and validation are of this split. Remove the row."
            )
        if whole is None:
            return f"{sheet}: story '{key}' is not in this file. Name the sheet that was written for it."
        return f"{sheet}: story '{key}' is not in this file, but '{whole}' is. Give the ids back the zeros in front."

    def changes(self, record: Record) -> bool:
        """True if a correction gives a story other topics than all else that is said of it."""
        given = self.corrected.get(str(record.story.id))
        if given is None:
            return False
        otherwise = replace(self, corrected={}).answer(record)
        return not isinstance(otherwise, Answer) or otherwise.topics != given

    def answer(self, record: Record) -> Answer | str | None:
        """The topics of a story; or what is wrong with them; or None, where nothing is said of a story beside readings.

        What a person said in a review sheet holds, whatever readers said.
        """
        story, fields = record.story, record.fields
        key = str(story.id)
        given = self.corrected.get(key)
        shares = self.readings.get(key) if given is None and record.kind != "sheet" else None
        if shares is not None:
            given = frozenset(topic for topic, share in enumerate(shares) if share > 0.5)
        if given is not None:
            return Answer(given, _primary(story, fields, given), shares)
        if self.readings and not has_labels(story, fields):
            return None
        topics, primary = topics_of(story, fields, in_table=record.kind != "records"), _primary(story, fields)
        if isinstance(topics, str):
            return topics
        if primary is not None and primary not in fields.labels and fields.labels_as != "numbers":
            return (
                f"{story.id}: unknown primary topic '{primary}'.{nearest(primary, fields.labels)} "
                f"Known: {', '.join(fields.labels)}. Correct it, or name another column with data.primary_field "
                "('' for none)."
            )
        return Answer(topics, primary, None)


def read_answers(config: DataConfig, role: str) -> Beside:
    """What the config names beside the data of one split.

    Raises:
        InputError: If a file cannot be read, or lacks a column.
        DataError: With all that is wrong with its rows.
    """
    corrected, readings = read_corrections(config, role), read_readings(config, role)
    return Beside(corrected, readings, readings_of(config, role), shared_origins(config, role))


def _primary(story: Story, fields: DataConfig, among: frozenset[int] | None = None) -> str | None:
    """The primary topic that the record names; None where it is not `among` the topics that replace the record's."""
    value = story.columns.get(fields.primary_field)
    primary = value.strip() if isinstance(value, str) else ""
    if not primary or says_none([primary], fields):
        return None
    return primary if among is None or primary in [fields.labels[topic] for topic in among] else None
