"""What is wrong with labelled data, as sentences and as doubts about stories: pure functions over loaded splits.

A *problem* is what training refuses, or would not notice; a *note* is what it mends by itself or only a person can
judge. Leaves out: how near copies and doubtful labels are found (near_pairs.py, label_issues.py), the rows of the sheet
(doubts.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from classifier.printed import counted
from classifier.tokens import Windows
from training.codebook import codebook_advice, undescribed
from training.config import DataConfig
from training.doubts import Doubt, Kind, Placed
from training.label_issues import FEWEST, LabelIssues
from training.near_pairs import Pair
from training.preflight import FEW
from training.splits import Split, Splits

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    level: Literal["ok", "note", "problem"]
    check: str
    text: str


def check_setup(problems: Sequence[str]) -> list[Finding]:
    """Settings that training refuses beside the data; `problems` is what `preflight.check_settings` says."""
    return [Finding("problem", "settings", problem) for problem in problems]


def check_codebook(data: DataConfig) -> list[Finding]:
    """Topics of which the codebook does not speak: a problem where it speaks of none, as another config's does."""
    missing = undescribed(data)
    level: Literal["note", "problem"] = "problem" if len(missing) == len(data.labels) else "note"
    return [Finding(level, "codebook", codebook_advice(data, missing))] if missing else []


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


def check_held_out(train: Split, validation: Split, data: DataConfig) -> list[Finding]:
    """How many stories are held out, where the config names no validation."""
    if data.validation is not None:
        return []
    text = (
        f"{counted(len(validation.stories), 'training story is', 'training stories are')} held out "
        f"(data.validation_share {data.validation_share:g}), {counted(len(train.stories), 'is', 'are')} left"
    )
    return [Finding("ok", "validation", text)]


def check_unlabelled(splits: Splits) -> list[Finding]:
    """How many stories without labels are learned from, where the config names some."""
    if splits.unlabelled is None:
        return []
    left_out = f"; left out: {splits.unlabelled.left_out}" if splits.unlabelled.left_out else ""
    found = counted(len(splits.unlabelled.stories), "story", "stories")
    return [Finding("ok", "unlabelled", f"{found} to learn from{left_out}")]


def check_topics(splits: Iterable[Split], data: DataConfig) -> list[Finding]:
    """Topics with too few stories, or with too few of anything else, in the splits that training comes to."""
    findings = [finding for split in splits for finding in _topics_of(split, data)]
    return findings or [Finding("ok", "thin topics", "every topic has enough stories in every split")]


def _topics_of(split: Split, data: DataConfig) -> Iterator[Finding]:
    has_one_class = data.problem_type == "multi_class"
    fewest = data.min_examples if split.role == "train" else FEW
    left_out = f"; left out: {split.left_out}" if split.left_out else ""
    counts = split.targets(len(data.labels)).sum(axis=0).astype(int)
    for label, count in zip(data.labels, counts, strict=True):
        if count < fewest:
            level: Literal["note", "problem"] = "problem" if split.role == "train" or count == 0 else "note"
            found, needed = counted(count, "story", "stories"), counted(fewest, "is", "are")
            text = f"{split.role}: '{label}' has {found}, {needed} needed for {_purpose(split.role)}"
            yield Finding(level, "thin topics", text + left_out)
        if count and count == len(split.stories):
            advice = "Add stories of other topics." if has_one_class else "Add stories without it."
            yield Finding("problem", "thin topics", f"{split.role}: every story has '{label}'. {advice}")
    have_topics = split.stories and all(labelled.topics for labelled in split.stories)
    if split.role == "train" and have_topics and not has_one_class:
        text = "train: every story has a topic. Add stories without, if there are any where the model is to be used."
        yield Finding("note", "no topic", text)


def _purpose(role: str) -> str:
    return {"train": "training (data.min_examples)", "validation": "its threshold"}.get(role, "a figure to lean on")


def check_texts(splits: Sequence[Split], windows: Mapping[str, Sequence[Windows]], max_length: int) -> list[Finding]:
    """Empty texts, and how much of the texts lies beyond the first window, by split."""
    findings = []
    for split in splits:
        empty = split.dropped.get("empty", 0)
        if not split.stories or empty:
            level: Literal["note", "problem"] = "note" if split.stories else "problem"
            without = counted(empty, "without text is", "without text are")
            text = f"{split.role}: {without} left out, {counted(len(split.stories), 'is', 'are')} left"
            findings.append(Finding(level, "empty texts", text))
        read = windows[split.role]
        long = [story for story in read if story.tokens_read < story.tokens_total]
        if long:
            share = 1 - sum(story.tokens_read for story in read) / sum(story.tokens_total for story in read)
            found = f"{len(long):,} of {counted(len(read), 'story', 'stories')} ({len(long) / len(read):.1%})"
            text = (
                f"{split.role}: {found} {'is' if len(long) == 1 else 'are'} longer than "
                f"model.max_length = {max_length} tokens; {share:.1%} of all tokens lie beyond it"
                + (" and are not trained on" if split.role == "train" else "")
            )
            findings.append(Finding("note", "long texts", text))
    return findings or [Finding("ok", "texts", f"no text is empty or longer than {max_length} tokens")]


def check_copies(
    placed: Sequence[Placed], pairs: Sequence[Pair], data: DataConfig
) -> tuple[list[Finding], list[Doubt]]:
    """Near copies across splits and within one, and copies whose labels differ."""
    doubts = [doubt for pair in pairs for doubt in _doubts_of(pair, placed, data)]
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
    (
        Kind.KEPT,
        "problem",
        "leaks",
        "nearly the text of one in validation or test (data.drop_duplicates is false: training keeps it, so that the "
        "figures flatter the model)",
    ),
    (Kind.DROPPED, "note", "leaks", "nearly the text of one in validation or test (training leaves it out)"),
    (Kind.COPY, "note", "copies", "nearly the text of an earlier one in the same split"),
)


def _doubts_of(pair: Pair, placed: Sequence[Placed], data: DataConfig) -> list[Doubt]:
    """What a pair of near copies says against its stories."""
    first, second = placed[pair.first], placed[pair.second]
    doubts = []
    if first.labelled.topics != second.labelled.topics and pair.similarity >= data.near_duplicate:
        for story, other in ((pair.first, second), (pair.second, first)):
            reason = f"nearly the text of {other.name}, which has other labels"
            doubts.append(Doubt(story, Kind.CONFLICT, reason, pair.similarity))
    if first.split == second.split:
        reason = f"nearly the text of {first.name}"
        doubts.append(Doubt(pair.second, Kind.COPY, reason, pair.similarity))
    elif "train" in (first.split, second.split):
        story, other = (pair.first, second) if first.split == "train" else (pair.second, first)
        kind = Kind.DROPPED if data.drop_duplicates else Kind.KEPT
        doubts.append(Doubt(story, kind, f"nearly the text of {other.name}", pair.similarity))
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
            f"{len(doubts):,} of {counted(len(given), 'story', 'stories')} ({len(doubts) / len(given):.1%}) "
            f"{'looks' if len(doubts) == 1 else 'look'} wrongly labelled: {each}"
            f" (to a model of words whose own F1, out of fold, is {issues.judge_f1:.2f})"
        )
        findings.append(Finding("note", "labels", text))
    return findings or [Finding("ok", "labels", "no label looks wrong")], doubts


def _some(names: Sequence[str], one: str, many: str | None = None) -> str:
    """How many there are, and the first of them.

    >>> _some(["a", "b", "c", "d"], "id")
    '4 ids (a, b, c, …)'
    """
    more = ", …" if len(names) > _EXAMPLES else ""
    return f"{counted(len(names), one, many)} ({', '.join(names[:_EXAMPLES])}{more})"
