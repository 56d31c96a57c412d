"""Stories to read, as CSV: those with wrong topics, and those whose topics another model changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifier.rows import CsvTable
from classifier.sheet_cells import SHEET_ENCODING, marked_cell
from training.metrics import Bools, Outcome
from training.splits import Labelled

_OPENING = 600  # characters of a story that are shown


def write_mistakes(path: Path, stories: Sequence[Labelled], outcome: Outcome) -> None:
    """The stories with a missed or wrongly given topic, the surest mistakes first."""
    wrong = outcome.predicted != outcome.true
    surest = np.where(wrong, np.abs(outcome.probabilities - outcome.true), 0.0).max(axis=1)
    order = [int(row) for row in np.argsort(-surest, kind="stable") if wrong[row].any()]
    rows = (
        {
            "id": marked_cell(stories[row].story.id),
            "true": _names(outcome.true[row], outcome.labels),
            "given": _names(outcome.predicted[row], outcome.labels),
            "missed": _names(outcome.true[row] & wrong[row], outcome.labels),
            "wrongly given": _names(outcome.predicted[row] & wrong[row], outcome.labels),
            "review": bool(outcome.review[row]),
            **{
                f"score {label}": round(float(value), 4)
                for label, value in zip(outcome.labels, outcome.probabilities[row], strict=True)
            },
            **_opening(stories[row]),
        }
        for row in order
    )
    scores = [f"score {label}" for label in outcome.labels]
    _write(path, ["id", "true", "given", "missed", "wrongly given", "review", *scores, "title", "text"], rows)


def write_changes(path: Path, stories: Sequence[Labelled], old: Outcome, new: Outcome) -> None:
    """The stories whose topics differ between two models: old -> new, and which of the two is right."""
    rows = (
        {
            "id": marked_cell(stories[row].story.id),
            "change": f"{_shown(old.predicted[row], old.labels)} -> {_shown(new.predicted[row], new.labels)}",
            "true": _names(old.true[row], old.labels),
            "old": _names(old.predicted[row], old.labels),
            "new": _names(new.predicted[row], new.labels),
            "right": _right(old, new, row),
            **_opening(stories[row]),
        }
        for row in np.flatnonzero((old.predicted != new.predicted).any(axis=1)).tolist()
    )
    _write(path, ["id", "change", "true", "old", "new", "right", "title", "text"], rows)


def _right(old: Outcome, new: Outcome, row: int) -> str:
    """ "old", "new", or which of two wrong sets has fewer mistakes."""
    wrong = [int((outcome.predicted[row] != outcome.true[row]).sum()) for outcome in (old, new)]
    if 0 in wrong:
        return "old" if wrong[0] == 0 else "new"
    return "neither" if wrong[0] == wrong[1] else f"neither ({'old' if wrong[0] < wrong[1] else 'new'} is nearer)"


def _write(path: Path, columns: Sequence[str], rows: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding=SHEET_ENCODING, newline="") as file:
        table = CsvTable(file, columns)
        for row in rows:
            table.write(row)


def _names(topics: Bools, labels: Sequence[str]) -> list[str]:
    return [label for label, given in zip(labels, topics.tolist(), strict=True) if given]


def _shown(topics: Bools, labels: Sequence[str]) -> str:
    return "|".join(_names(topics, labels)) or "none"


def _opening(labelled: Labelled) -> dict[str, str]:
    story = labelled.story
    text = story.text if len(story.text) <= _OPENING else story.text[:_OPENING] + " …"
    return {"title": marked_cell(story.title), "text": marked_cell(text)}
