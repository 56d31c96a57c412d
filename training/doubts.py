"""Reasons to look at a story → the rows of the sheet for annotators, with what the labels may have to be.

Leaves out: where the reasons come from (findings.py), how the sheet is written (annotation.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from training.annotation import Row
from training.config import DataConfig
from training.label_issues import LabelIssues
from training.splits import Labelled

_REASONS = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """A story and the split that it stands in."""

    split: str
    labelled: Labelled

    @property
    def name(self) -> str:
        """Split and id, for messages."""
        return f"{self.split} {self.labelled.story.id}"


class Kind(IntEnum):
    """Why a story is in the sheet, the worst first."""

    CONFLICT = 0
    LEAK = 1
    LABELS = 2
    KEPT = 3
    DROPPED = 4
    COPY = 5


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason to look at a story, given by its number; `score` 0 to 1 within its kind."""

    story: int
    kind: Kind
    reason: str
    score: float


def sheet_rows(placed: Sequence[Placed], doubts: Iterable[Doubt], issues: LabelIssues, data: DataConfig) -> list[Row]:
    """One row for every doubtful story, the worst kind first, and within it the highest score."""
    by_story: dict[int, list[Doubt]] = {}
    for doubt in sorted(doubts, key=lambda doubt: (doubt.kind, -doubt.score, doubt.story)):
        by_story.setdefault(doubt.story, []).append(doubt)  # so the first of a story is its worst, and the order stays
    rows = []
    for number, reasons in by_story.items():
        story, topics = placed[number].labelled.story, placed[number].labelled.topics
        better = _suggested(number, topics, issues, has_one_class=data.problem_type == "multi_class")
        rows.append(
            Row(
                id=str(story.id),
                split=placed[number].split,
                title=story.title,
                text=story.text,
                given=_names(topics, data.labels),
                suggested=None if better is None else _names(better, data.labels),
                reason="; ".join(list(dict.fromkeys(doubt.reason for doubt in reasons))[:_REASONS]),
                score=reasons[0].score,
            )
        )
    return rows


def _suggested(
    number: int, topics: frozenset[int], issues: LabelIssues, *, has_one_class: bool
) -> frozenset[int] | None:
    """What the topics of a story may have to be; None where nothing speaks against them, or for another class."""
    wrong = np.flatnonzero(issues.flagged[number]).tolist() if number < len(issues.flagged) else []
    if not wrong:
        return None
    if not has_one_class:
        return topics ^ frozenset(wrong)
    others = issues.doubt[number].copy()  # of a class that is not given: how probable it is
    others[list(topics)] = 0
    return frozenset([int(others.argmax())]) if others.any() else None


def _names(topics: Iterable[int], labels: Sequence[str]) -> list[str]:
    return [labels[topic] for topic in sorted(topics)]
