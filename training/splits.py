"""Stories in their roles: a labelled story, a split, the splits of a run.

Leaves out: how they are loaded (data.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.stories import Story
from classifier.tokens import story_text
from training.readings import Shares


@dataclass(frozen=True, slots=True)
class Labelled:
    """A story with its topics (indices into the label list) and its primary topic, where the data names one."""

    story: Story
    topics: frozenset[int]
    primary: str | None = None
    shares: Shares | None = None  # of the readers that gave each topic, where that is known

    @property
    def text(self) -> str:
        """Title and text as the model reads them."""
        return story_text(self.story.title, self.story.text)


class Corrections(NamedTuple):
    """What the sheet of `data.corrections` came to: stories that it gives topics, and those that had others."""

    filled: int
    changed: int


@dataclass(frozen=True, slots=True)
class Split:
    """The stories of one role.

    Attributes:
        role: "train", "validation", "test" or "unlabelled".
        origin: File or hub id, as named in the config.
        sha256: Of the corrections and the records that were read, before anything was dropped.
        stories: What is left.
        dropped: How many stories were left out, by reason.
        corrections: Of its stories; None where the config names no sheet.
    """

    role: str
    origin: str
    sha256: str
    stories: Sequence[Labelled]
    dropped: Mapping[str, int] = field(default_factory=dict)
    corrections: Corrections | None = None

    def targets(self, num_labels: int) -> NDArray[np.float32]:
        """1 where a story has a topic, shape (stories, topics)."""
        targets = np.zeros((len(self.stories), num_labels), dtype=np.float32)
        for row, labelled in enumerate(self.stories):
            targets[row, list(labelled.topics)] = 1.0
        return targets

    def soft_targets(self, num_labels: int) -> NDArray[np.float32]:
        """The share of readers that gave each topic, where it is known; shape (stories, topics)."""
        targets = self.targets(num_labels)
        for row, labelled in enumerate(self.stories):
            if labelled.shares is not None:
                targets[row] = labelled.shares
        return targets

    @property
    def left_out(self) -> str:
        """How many stories were left out, and why: "2 empty, 1 without labels"; nothing where none was."""
        return ", ".join(f"{count:,} {why}" for why, count in self.dropped.items() if count)


@dataclass(frozen=True, slots=True)
class Splits:
    """Training, validation and, where the config names them, test data and stories without labels."""

    train: Split
    validation: Split
    test: Split | None = None
    unlabelled: Split | None = None

    @property
    def labelled(self) -> list[Split]:
        """Training, validation and, if there is one, test."""
        return [split for split in (self.train, self.validation, self.test) if split is not None]

    @property
    def all(self) -> list[Split]:
        """The labelled ones and, where there are some, the stories without labels."""
        return [*self.labelled, *([] if self.unlabelled is None else [self.unlabelled])]
