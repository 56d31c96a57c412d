"""What the model says: Scored of a text, Prediction of a story with its Evidence; and what remembers it, ScoreStore.

Leaves out: how it is found (pipeline.py, evidence.py, later.py), how it is written (rows.py, terminal.py), where it is
kept (checkpoints.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from classifier.stories import Story

PlaceKind = Literal["evidence", "later_topics"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that carried a topic, or the line at which the part of a story begins that is about a later topic.

    Attributes:
        text: Its characters in the story: `getattr(story, field)[start:end]`.
        start: Its first character, counted from 0 in Unicode code points of the field as it was given.
        end: The character after its last.
        score: The topic's calibrated probability if the sentence, or that part, were the whole story, 0 to 1.
        field: "text" or "title".
    """

    text: str
    start: int
    end: int
    score: float
    field: str = "text"


ByTopic = Mapping[str, tuple[Evidence, ...]]  # at least one a topic


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of one story.

    Attributes:
        topics: The topics given, the primary topic first; may be empty.
        scores: Calibrated probability of every topic, 0 to 1; empty if there is an error.
        review: True where a person should look: a probability lies inside its topic's review band, or most of the story
            is in a script that the model has not learned.
        tokens_read: Content tokens that were scored.
        tokens_total: Content tokens of the whole story.
        model: Name and version of the model.
        error: Why there are no scores; None for a good story.
        evidence: The sentences that carried each topic, the strongest first; empty if nobody asked for them.
        later_topics: Topics that are not given, since only a later part of a long story is about them, each with the
            line at which that part begins; None if nobody asked for them.
    """

    topics: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    review: bool = False
    tokens_read: int = 0
    tokens_total: int = 0
    model: str = ""
    error: str | None = None
    evidence: ByTopic = field(default_factory=dict)
    later_topics: ByTopic | None = None

    @property
    def topic(self) -> str | None:
        """The primary topic; None where the story is about none."""
        return self.topics[0] if self.topics else None


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model says of one text: a logit a topic, and how many of its content tokens were read."""

    logits: tuple[float, ...]
    tokens_read: int
    tokens_total: int


class ScoreStore(Protocol):
    """Remembers scores by text, and evidence and later topics by story."""

    def get(self, texts: Sequence[str]) -> dict[str, Scored]:
        """The scores of those texts that are known."""
        ...

    def put(self, scored: Mapping[str, Scored]) -> None:
        """Keeps new scores."""
        ...

    def get_places(self, kind: PlaceKind, stories: Sequence[Story]) -> list[ByTopic | None]:
        """The evidence or later topics of each story; None where they are not known."""
        ...

    def put_places(self, kind: PlaceKind, found: Sequence[tuple[Story, ByTopic]]) -> None:
        """Keeps new evidence or later topics."""
        ...
