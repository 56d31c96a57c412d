"""The sheet for annotators: doubtful stories out as CSV, corrected labels back in.

    id,split,title,opening,given,suggested,reason,score,labels
    17,train,Quake shakes the coast,…,,disaster,labels: disaster is missing,0.981,

An annotator fills `labels`: topics joined by "|", or "none". A row without an entry changes nothing. The config names
the sheet as `data.corrections`, and every command that loads the data reads it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import InputError
from classifier.review import NONE
from classifier.sheet_cells import SHEET_ENCODING, marked_cell, unmarked_cell
from classifier.tokens import normalise
from training.config import DataConfig
from training.labels import names_in, says_none, wrong_count, wrong_names
from training.reading import read_beside

COLUMNS = ("id", "split", "title", "opening", "given", "suggested", "reason", "score", "labels")
_SPLITS = ("train", "validation", "test")
_OPENING = 300  # characters


@dataclass(frozen=True, slots=True)
class Row:
    """A story to look at.

    Attributes:
        id: As in the data, or where the story stands in it.
        split: "train", "validation" or "test".
        given: Its labels.
        suggested: What its labels may have to be; None where nothing speaks against them.
        reason: What is wrong with it.
        score: How bad that is, 0 to 1.
    """

    id: str
    split: str
    title: str
    text: str
    given: Sequence[str]
    suggested: Sequence[str] | None
    reason: str
    score: float


def check_new(path: Path) -> None:
    """Refuses a place where no sheet can be written, or where one may hold an annotator's work.

    Raises:
        InputError: With what to do.
    """
    if path.suffix.lower() != ".csv":
        raise InputError(f"--out {path}: expected a name that ends in .csv.")
    if path.exists():
        raise InputError(f"--out {path}: exists, and may hold an annotator's work. Name another file, or move it.")
    if not path.parent.is_dir():
        raise InputError(f"--out {path}: no folder '{path.parent}'. Make it first.")


def write_sheet(path: Path, rows: Iterable[Row]) -> None:
    """Writes the rows in their order, with an empty column `labels`.

    Raises:
        InputError: If the file exists or cannot be written.
    """
    try:
        with path.open("x", newline="", encoding=SHEET_ENCODING) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_cells(row) for row in rows)
    except OSError as error:
        raise InputError(f"--out {path}: cannot be written ({error.strerror}).") from error


def joined(labels: Sequence[str]) -> str:
    """Labels as an annotator writes them: joined by "|", "none" for none."""
    return "|".join(labels) or NONE


def opening(text: str, length: int = _OPENING) -> str:
    """The first characters of a text on one line, cut between two words."""
    line = " ".join(normalise(text[: 10 * length]).split())
    return line if len(line) <= length else f"{line[:length].rsplit(' ', 1)[0]} …"


def _cells(row: Row) -> list[str]:
    suggested = "" if row.suggested is None else joined(row.suggested)
    story_id, title, text = map(marked_cell, (row.id, opening(row.title), opening(row.text)))
    return [story_id, row.split, title, text, joined(row.given), suggested, row.reason, f"{row.score:.3f}", ""]


def read_corrections(config: DataConfig, role: str) -> Mapping[str, frozenset[int]]:
    """The corrected topics of one split by story id; empty where the config names no sheet.

    Raises:
        InputError: If the sheet cannot be read, or lacks the columns id, split and labels.
        DataError: With all broken rows, unknown labels and stories that are corrected twice.
    """
    if config.corrections is None:
        return {}
    found: dict[str, frozenset[int]] = {}
    read_beside(
        config.corrections,
        ("id", "split", "labels"),
        "Name a sheet that training.check wrote.",
        lambda record: _take(record, role, config, found),
    )
    return found


def _take(record: Mapping[str, str], role: str, config: DataConfig, found: dict[str, frozenset[int]]) -> str | None:
    """Notes the correction of a row, if it has one for this split; what is wrong with it."""
    names = names_in(record["labels"])
    if not names:
        return None
    if record["split"] not in _SPLITS:
        return f"'{record['split']}' in column 'split' is none of {', '.join(_SPLITS)}. Write it as it was."
    if record["split"] != role:
        return None
    if says_none(names, config):
        names = []
    if problem := wrong_names(names, config, in_table=True):
        return problem
    topics = frozenset(config.labels.index(name) for name in names)
    if problem := wrong_count(topics, config):
        return f"story '{record['id']}' {problem}"
    if found.setdefault(unmarked_cell(record["id"]), topics) != topics:
        return f"story '{record['id']}' is corrected twice, differently. Remove one row."
    return None
