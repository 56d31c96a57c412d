"""What a job wants of some stories, what comes of them, and who labels them: this process, or workers (job_workers.py).

Leaves out: which stories of a chunk are new (job_chunks.py), rows (rows.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from classifier.pipeline import Classifier
from classifier.prediction import ByTopic, PlaceKind, Scored, ScoreStore
from classifier.rows import json_line, output_row
from classifier.stopping import stoppable
from classifier.stories import Story


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rows are to hold: the prefix of the label columns, evidence, later topics."""

    prefix: str = ""
    evidence: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """Stories to be labelled together, with what `scorable.read_texts` gave for them."""

    stories: Sequence[Story]
    texts: Sequence[str]
    errors: Sequence[str | None]
    asked: Asked

    def part(self, numbers: Sequence[int]) -> Work:
        """The stories with these numbers."""
        return Work(
            stories=[self.stories[number] for number in numbers],
            texts=[self.texts[number] for number in numbers],
            errors=[self.errors[number] for number in numbers],
            asked=self.asked,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A row as a JSON line, and what is counted of it."""

    line: str
    topics: tuple[str, ...]
    review: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class LabelledWork:
    """What comes of new stories, no two of which have the same text.

    Attributes:
        rows: One a story, in order.
        scored: One a story without an error, in order.
        places: Evidence and later topics that were looked for, each with the number of its story.
    """

    rows: Sequence[Row]
    scored: Sequence[Scored]
    places: Mapping[PlaceKind, Sequence[tuple[int, ByTopic]]]


class Pending(Protocol):
    """Labelled stories that may not be there yet."""

    def done(self) -> bool:
        """True if `get` waits for nothing."""
        ...

    def get(self, should_stop: Callable[[], bool]) -> LabelledWork:
        """What came of them.

        Raises:
            Stopped: If `should_stop` says so first.
            EngineError: If a worker is gone, or has no memory left.
        """
        ...


class Labeller(Protocol):
    """Labels new stories."""

    most: int
    """Calls of `begin` that should be under way while another is waited for."""

    def begin(self, work: Work) -> Pending:
        """Labels the stories, now or when the result is waited for."""
        ...


def label_known(classifier: Classifier, work: Work, store: ScoreStore) -> list[Row]:
    """The rows of stories whose scores may be in the store."""
    asked, read = work.asked, (work.texts, work.errors)
    predictions = classifier.classify_chunk(work.stories, store, evidence=asked.evidence, later=asked.later, read=read)
    lines = [
        json_line(output_row(story, prediction, prefix=asked.prefix))
        for story, prediction in zip(work.stories, predictions, strict=True)
    ]
    return [Row(line, made.topics, made.review, made.error) for line, made in zip(lines, predictions, strict=True)]


def label_new(classifier: Classifier, work: Work) -> LabelledWork:
    """The rows of stories that are all new, and what is to be remembered of them."""
    new = _NewOnly(work.stories)
    rows = label_known(classifier, work, new)
    return LabelledWork(rows, new.scored, new.places)


class _NewOnly:
    """A store in which nothing is known, and which hands out what it is given."""

    def __init__(self, stories: Sequence[Story]) -> None:
        self._numbers = {id(story): number for number, story in enumerate(stories)}
        self.scored: list[Scored] = []
        self.places: dict[PlaceKind, list[tuple[int, ByTopic]]] = {}

    def get(self, texts: Sequence[str]) -> dict[str, Scored]:
        """None of them."""
        return {}

    def put(self, scored: Mapping[str, Scored]) -> None:
        """Takes the scores, in the order of the texts."""
        self.scored += scored.values()

    def get_places(self, kind: PlaceKind, stories: Sequence[Story]) -> list[ByTopic | None]:
        """None of them."""
        return [None] * len(stories)

    def put_places(self, kind: PlaceKind, found: Sequence[tuple[Story, ByTopic]]) -> None:
        """Takes the places, by the numbers of their stories."""
        self.places[kind] = [(self._numbers[id(story)], by_topic) for story, by_topic in found]


class InProcess:
    """Labels in this process, when the result is waited for."""

    most = 0

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def begin(self, work: Work) -> Pending:
        """Does nothing yet."""
        return _Deferred(self._classifier, work)


@dataclass(frozen=True, slots=True)
class _Deferred:
    classifier: Classifier
    work: Work

    def done(self) -> bool:
        """Never before it is asked for."""
        return False

    def get(self, should_stop: Callable[[], bool]) -> LabelledWork:
        """Labels now, and may be stopped before every batch."""
        return label_new(stoppable(self.classifier, should_stop), self.work)
