"""What is wrong with labelled data, as sentences and as rows of the sheet: pure functions over loaded splits.

A *problem* is what training refuses, or would not notice; a *note* is what it mends by itself or only a person can
judge. Leaves out: how near copies and doubtful labels are found (near_pairs.py, label_issues.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np

from classifier.tokens import Windows
from training.annotation import Row
from training.data import Labelled, Split
from training.label_issues import FEWEST, LabelIssues
from training.near_pairs import Pair

FEW = 10  # stories of a topic in validation or test, below which thresholds and figures are a matter of luck
_EXAMPLES = 3
_REASONS = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    level: Literal["ok", "note", "problem"]
    check: str
    text: str


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
    DROPPED = 3
    COPY = 4


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason to look at a story, given by its number; `score` 0 to 1 within its kind."""

    story: int
    kind: Kind
    reason: str
    score: float


def check_ids(splits: Sequence[Split]) -> list[Finding]:
    """Ids that stand more than once in a split: a correction would meet all of them."""
    findings = []
    for split in splits:
        counts = Counter(str(labelled.story.id) for labelled in split.stories)
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            text = f"{split.role}: {_some(twice, 'id')} more than once. Give each story its own."
            findings.append(Finding("problem", "ids", text))
    return findings or [Finding("ok", "ids", "every story has an id of its own in its split")]


def check_topics(splits: Sequence[Split], labels: Sequence[str], min_examples: int) -> list[Finding]:
    """Topics with too few stories, or with too few of anything else."""
    findings = []
    for split in splits:
        counts = split.targets(len(labels)).sum(axis=0).astype(int)
        fewest = min_examples if split.role == "train" else FEW
        for label, count in zip(labels, counts, strict=True):
            if count < fewest:
                level: Literal["note", "problem"] = "problem" if split.role == "train" or count == 0 else "note"
                text = f"{split.role}: '{label}' has {count} stories, {fewest} are needed for {_purpose(split.role)}"
                findings.append(Finding(level, "thin topics", text))
            if count and count == len(split.stories):
                text = f"{split.role}: every story has '{label}'. Add stories without it."
                findings.append(Finding("problem", "thin topics", text))
        if split.role == "train" and split.stories and all(labelled.topics for labelled in split.stories):
            text = (
                "train: every story has a topic. Add stories without, if there are any where the model is to be used."
            )
            findings.append(Finding("note", "no topic", text))
    return findings or [Finding("ok", "thin topics", "every topic has enough stories in every split")]


def _purpose(role: str) -> str:
    return {"train": "training (data.min_examples)", "validation": "its threshold"}.get(role, "a figure to lean on")


def check_texts(splits: Sequence[Split], windows: Mapping[str, Sequence[Windows]], max_length: int) -> list[Finding]:
    """Empty texts, and how much of the texts lies beyond the first window, by split."""
    findings = []
    for split in splits:
        empty = split.dropped.get("empty", 0)
        if not split.stories or empty:
            level: Literal["note", "problem"] = "note" if split.stories else "problem"
            text = f"{split.role}: {empty} without text are left out, {len(split.stories):,} are left"
            findings.append(Finding(level, "empty texts", text))
        read = windows[split.role]
        long = [story for story in read if story.tokens_read < story.tokens_total]
        if long:
            share = 1 - sum(story.tokens_read for story in read) / sum(story.tokens_total for story in read)
            text = (
                f"{split.role}: {len(long):,} of {len(read):,} stories ({len(long) / len(read):.1%}) are longer than "
                f"model.max_length = {max_length} tokens; {share:.1%} of all tokens lie beyond it"
                + (" and are not trained on" if split.role == "train" else "")
            )
            findings.append(Finding("note", "long texts", text))
    return findings or [Finding("ok", "texts", f"no text is empty or longer than {max_length} tokens")]


def check_copies(placed: Sequence[Placed], pairs: Sequence[Pair], near: float) -> tuple[list[Finding], list[Doubt]]:
    """Near copies across splits and within one, and copies whose labels differ."""
    doubts = [doubt for pair in pairs for doubt in _doubts_of(pair, placed, near)]
    findings = []
    for kind, level, check, text in _COPY_KINDS:
        stories = sorted({doubt.story for doubt in doubts if doubt.kind == kind})
        if stories:
            names = [placed[story].name for story in stories]
            findings.append(Finding(level, check, f"{text}: {_some(names, 'story', 'stories')}"))
    return findings or [Finding("ok", "copies", "no two stories have nearly the same text")], doubts


_COPY_KINDS: tuple[tuple[Kind, Literal["note", "problem"], str, str], ...] = (
    (Kind.CONFLICT, "problem", "label conflicts", "other labels than a story with nearly the same text (settle which)"),
    (
        Kind.LEAK,
        "problem",
        "leaks",
        "nearly the same text in validation and test (remove one: thresholds are fitted on validation)",
    ),
    (Kind.DROPPED, "note", "leaks", "nearly the text of one in validation or test (training leaves it out)"),
    (Kind.COPY, "note", "copies", "nearly the text of an earlier one in the same split"),
)


def _doubts_of(pair: Pair, placed: Sequence[Placed], near: float) -> list[Doubt]:
    """What a pair of near copies says against its stories."""
    first, second = placed[pair.first], placed[pair.second]
    doubts = []
    if first.labelled.topics != second.labelled.topics and pair.similarity >= near:
        for story, other in ((pair.first, second), (pair.second, first)):
            reason = f"nearly the text of {other.name}, which has other labels"
            doubts.append(Doubt(story, Kind.CONFLICT, reason, pair.similarity))
    if first.split == second.split:
        reason = f"nearly the text of {first.name}"
        doubts.append(Doubt(pair.second, Kind.COPY, reason, pair.similarity))
    elif "train" in (first.split, second.split):
        story, other = (pair.first, second) if first.split == "train" else (pair.second, first)
        doubts.append(Doubt(story, Kind.DROPPED, f"nearly the text of {other.name}", pair.similarity))
    else:
        for story, other in ((pair.first, second), (pair.second, first)):
            doubts.append(Doubt(story, Kind.LEAK, f"nearly the text of {other.name}", pair.similarity))
    return doubts


def check_labels(issues: LabelIssues, given: np.ndarray, labels: Sequence[str]) -> tuple[list[Finding], list[Doubt]]:
    """Labels that are probably wrong; `given` has shape (stories, topics)."""
    findings, doubts = [], []
    unjudged = [label for label, judged in zip(labels, issues.judged, strict=True) if not judged]
    if unjudged:
        text = f"{', '.join(unjudged)}: not judged, since fewer than {FEWEST} stories have it or lack it"
        findings.append(Finding("note", "labels", text))
    for story in np.flatnonzero(issues.flagged.any(axis=1)).tolist():
        wrong = np.flatnonzero(issues.flagged[story]).tolist()
        parts = [f"{labels[topic]} {'looks wrong' if given[story, topic] else 'looks missing'}" for topic in wrong]
        score = float(issues.doubt[story, wrong].max())
        doubts.append(Doubt(story, Kind.LABELS, ", ".join(parts), score))
    if doubts:
        each = ", ".join(f"{label} {n:,}" for label, n in zip(labels, issues.flagged.sum(axis=0), strict=True) if n)
        text = (
            f"{len(doubts):,} of {len(given):,} stories ({len(doubts) / len(given):.1%}) look wrongly labelled: {each}"
            f" (to a model of words whose own F1, out of fold, is {issues.judge_f1:.2f})"
        )
        findings.append(Finding("note", "labels", text))
    return findings or [Finding("ok", "labels", "no label looks wrong")], doubts


def sheet_rows(
    placed: Sequence[Placed], doubts: Iterable[Doubt], issues: LabelIssues, labels: Sequence[str]
) -> list[Row]:
    """One row for every doubtful story, the worst kind first, and within it the highest score."""
    by_story: dict[int, list[Doubt]] = {}
    for doubt in sorted(doubts, key=lambda doubt: (doubt.kind, -doubt.score, doubt.story)):
        by_story.setdefault(doubt.story, []).append(doubt)  # so the first of a story is its worst, and the order stays
    rows = []
    for number, reasons in by_story.items():
        story, topics = placed[number].labelled.story, placed[number].labelled.topics
        wrong = frozenset(np.flatnonzero(issues.flagged[number]).tolist()) if number < len(issues.flagged) else None
        rows.append(
            Row(
                id=str(story.id),
                split=placed[number].split,
                title=story.title,
                text=story.text,
                given=_names(topics, labels),
                suggested=_names(topics ^ wrong, labels) if wrong else None,
                reason="; ".join(list(dict.fromkeys(doubt.reason for doubt in reasons))[:_REASONS]),
                score=reasons[0].score,
            )
        )
    return rows


def _names(topics: Iterable[int], labels: Sequence[str]) -> list[str]:
    return [labels[topic] for topic in sorted(topics)]


def _some(names: Sequence[str], one: str, many: str | None = None) -> str:
    """How many there are, and the first of them.

    >>> _some(["a", "b", "c", "d"], "id")
    '4 ids (a, b, c, …)'
    """
    word = one if len(names) == 1 else many or f"{one}s"
    more = ", …" if len(names) > _EXAMPLES else ""
    return f"{len(names):,} {word} ({', '.join(names[:_EXAMPLES])}{more})"
