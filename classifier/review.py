"""A finished output → the sheet of flagged stories for a person to look at, the most valuable look first.

    labels,suggested,why,value,score_diplomacy,…,id,title,text
    ,military,military 0.48 in 0.08 to 0.92,1.0,0.02,…,17,Ruvia recalls its envoy,…

A person fills `labels`: topics joined by "|", or "none". The sheet is then training data as it is
(`data.train: [train.jsonl, sheet.csv]`); rows without an entry are passed over. The value of a look is how unsure the
model is of a topic, divided by how many stories of the output have that topic: one story settles more of a rare one.
It is summed over the topics in doubt, and 1 for the first row. A story that is mostly in a script that the model has
not learned comes last: its scores say nothing. The output is read twice; the rows of the sheet alone are held.
Leaves out: which stories are flagged (decide.py, scripts.py, training/review_band.py).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.decide import Floats, in_band, margins
from classifier.errors import InputError
from classifier.finished import NO_MODEL, finished_rows, is_flagged, topics_in
from classifier.manifest import Manifest
from classifier.printed import counted
from classifier.rows import CsvTable
from classifier.scripts import is_unread, what_is_unread
from classifier.sheet_cells import SHEET_ENCODING, marked_cell
from classifier.tokens import story_text

NONE = "none"  # what a person writes for a story about none of the topics
MARKS = ("labels", "suggested", "why", "value")  # the columns by which a sheet is known


@dataclass(frozen=True, slots=True)
class Fields:
    """Where an output file holds what the sheet needs: columns of body and headline, label prefix; its encoding."""

    text: str = "text"
    title: str = "title"
    prefix: str = ""
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class _Row:
    """A labelled story of an output file: its scores are in the order of the labels."""

    scores: tuple[float, ...]
    topics: Sequence[str]
    review: bool
    columns: Mapping[str, Any]


def write_review(output: str, sheet: str, manifest: Manifest, *, most: int = 1000, fields: Fields | None = None) -> str:
    """Writes the sheet, and returns what is in it, in a sentence.

    Args:
        output: A file that predict wrote.
        sheet: A new .csv file.
        manifest: Of the model that labelled the output.
        most: Rows of the sheet; all of them are held in memory.
        fields: Where the output holds what.

    Raises:
        InputError: If the output cannot be read, is of another model or holds no text, or the sheet exists.
    """
    fields = fields or Fields()
    _check_new(Path(sheet))
    stories: dict[str, int] = {}
    for row in _rows(output, manifest, fields):
        for topic in row.topics:
            stories[topic] = stories.get(topic, 0) + 1
    weights = np.array([1.0 / (1 + stories.get(label, 0)) for label in manifest.labels])
    flagged = 0
    chosen: list[tuple[float, int, _Row, Floats]] = []
    for row in _rows(output, manifest, fields):
        if not row.review:
            continue
        flagged += 1
        doubt = _doubt(row, manifest, fields)
        entry = (float((doubt * weights).sum()), -flagged, row, doubt)  # of equal ones the earlier goes first
        if len(chosen) < most:
            heapq.heappush(chosen, entry)
        else:
            heapq.heappushpop(chosen, entry)
    chosen.sort(reverse=True)
    highest = max(chosen[0][0], 1e-12) if chosen else 1.0
    rows = (_cells(row, doubt, value / highest, manifest, fields) for value, _, row, doubt in chosen)
    scores = [f"score_{label}" for label in manifest.labels]
    _write(Path(sheet), [*MARKS, *scores, "id", "title", "text"], rows)
    left = "" if flagged == len(chosen) else f", the first {len(chosen):,} by value"
    found = counted(flagged, "flagged story", "flagged stories")
    return f"{sheet}: {found}{left}. Fill 'labels' (topics joined by '|', or {NONE})."


def _doubt(row: _Row, manifest: Manifest, fields: Fields) -> Floats:
    """How unsure the model is of each topic in doubt, 0 to 1; 0 for the others; shape (topics,).

    Of a story in a script that the model has not learned nothing is in doubt: its scores say nothing.
    """
    decision, probabilities = manifest.rule, np.array(row.scores)
    if _is_unread(row, manifest, fields):
        return np.zeros(len(probabilities))
    if decision.problem_type == "multi_class":
        unsure = 1 - probabilities
        likely = np.arange(len(probabilities)) == probabilities.argmax()
        inside = likely & (probabilities < decision.review_high)
    else:
        unsure = 1 - np.abs(margins(probabilities, decision.thresholds))
        likely = unsure == unsure.max()
        inside = in_band(probabilities, decision.review_low, decision.review_high)
    if not inside.any():
        inside = likely  # the scores of an output are rounded, and one lay on the edge
    return np.where(inside, unsure, 0.0)


def _is_unread(row: _Row, manifest: Manifest, fields: Fields) -> bool:
    title, text = (str(row.columns.get(name) or "") for name in (fields.title, fields.text))
    return is_unread(story_text(title, text), manifest.scripts)


def _cells(row: _Row, doubt: Floats, value: float, manifest: Manifest, fields: Fields) -> dict[str, Any]:
    """A row of the sheet."""
    decision = manifest.rule
    why = [what_is_unread(manifest.scripts)] if _is_unread(row, manifest, fields) else []
    why += [
        f"{label} {row.scores[topic]:.2f} in {decision.review_low[topic]:.2f} to {decision.review_high[topic]:.2f}"
        for topic, label in enumerate(decision.labels)
        if doubt[topic] > 0
    ]
    return {
        "labels": "",
        "suggested": "|".join(row.topics) or NONE,
        "why": "; ".join(why),
        "value": round(value, 4),
        **{f"score_{label}": score for label, score in zip(decision.labels, row.scores, strict=True)},
        "id": marked_cell(row.columns.get("id")),
        "title": marked_cell(row.columns.get(fields.title) or ""),
        "text": marked_cell(row.columns.get(fields.text) or ""),
    }


def _rows(output: str, manifest: Manifest, fields: Fields) -> Iterator[_Row]:
    """The labelled stories of an output file; those with an error are left out."""
    needed = [f"{fields.prefix}topics", f"{fields.prefix}model"]
    for where, record in finished_rows(output, needed, fields.encoding):
        row = _row(record, where, manifest, fields)
        if row is not None:
            yield row


def _row(record: Mapping[str, Any], where: str, manifest: Manifest, fields: Fields) -> _Row | None:
    prefix = fields.prefix
    if record.get(f"{prefix}error"):
        return None
    if not record[f"{prefix}model"]:
        raise InputError(f"{where}: {NO_MODEL}")
    if record[f"{prefix}model"] != manifest.id:
        raise InputError(
            f"{where}: labelled by {record[f'{prefix}model']}, the model here is {manifest.id}. "
            "Name the model that labelled it with --model, or label it again."
        )
    if fields.text not in record and fields.title not in record:
        raise InputError(f"{where}: no column '{fields.text}'. Name it with --text-field.")
    scores = record.get(f"{prefix}scores")
    if not isinstance(scores, dict):
        scores = {label: record.get(f"{prefix}score_{label}") for label in manifest.labels}
    try:
        values = tuple(_score(scores[label]) for label in manifest.labels)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where}: no readable scores of {', '.join(manifest.labels)}.") from error
    return _Row(values, topics_in(record, prefix), is_flagged(record, prefix, where), record)


def _score(value: Any) -> float:
    """A probability, also as a spreadsheet with decimal commas has saved it."""
    return float(value.replace(",", ".")) if isinstance(value, str) else float(value)


def _check_new(path: Path) -> None:
    """Refuses a place where no sheet can be written, or where one may hold a person's work."""
    if path.suffix.lower() != ".csv":
        raise InputError(f"{path}: the sheet is a table for people to fill. Name a file that ends in .csv.")
    if path.exists():
        raise InputError(f"{path}: exists, and may hold a person's work. Name another file, or move it.")


def _write(path: Path, columns: Sequence[str], rows: Iterator[Mapping[str, Any]]) -> None:
    try:
        with path.open("x", encoding=SHEET_ENCODING, newline="") as file:
            table = CsvTable(file, columns)
            for row in rows:
                table.write(row)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}).") from error
