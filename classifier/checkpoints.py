"""The state of a batch job on disk: what it was started with, how far it is, the score of every text.

One SQLite file. Progress is one row, replaced in the same transaction that makes the scores durable; a job that dies
leaves the last whole transaction. Leaves out: the rows of the job, and what its numbers mean (jobs.py).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from classifier.held_file import database_errors, hold
from classifier.prediction import ByTopic, Evidence, PlaceKind, Scored
from classifier.stories import Story

BUSY = "another job is writing here. Wait for it or stop it."
_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS scores (text BLOB PRIMARY KEY, score BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS evidence (story BLOB PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS later_topics (story BLOB PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID;
"""


class JobState:
    """Settings, progress and scores of one job. Holds the file alone: a second job on it is refused."""

    def __init__(self, path: Path, labels: int) -> None:
        """Opens or creates the file.

        Raises:
            InputError: If another job holds it, or it cannot be written.
        """
        self._path = path
        self._format = struct.Struct(f"<{labels}dqq")
        self.database = hold(path, BUSY, _SCHEMA)

    def read(self, key: str) -> Any:
        """The value kept under a key; None if there is none."""
        row = self.database.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def commit(self, values: Mapping[str, Any]) -> None:
        """Makes these values, and all scores put so far, durable."""
        with database_errors(self._path, BUSY):
            rows = [(key, json.dumps(value)) for key, value in values.items()]
            self.database.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", rows)
            self.database.execute("COMMIT")
            self.database.execute("BEGIN EXCLUSIVE")

    def has(self, key: bytes) -> bool:
        """True if the score of the text is known that this key (`text_key`) stands for."""
        return self.database.execute("SELECT 1 FROM scores WHERE text = ?", (key,)).fetchone() is not None

    def score(self, key: bytes) -> Scored | None:
        """The score of the text that this key (`text_key`) stands for; None where it is not known."""
        row = self.database.execute("SELECT score FROM scores WHERE text = ?", (key,)).fetchone()
        if row is None:
            return None
        *logits, tokens_read, tokens_total = self._format.unpack(row[0])
        return Scored(tuple(logits), tokens_read, tokens_total)

    def put(self, scored: Mapping[bytes, Scored]) -> None:
        """Keeps new scores by the keys of their texts; durable with the next `commit`."""
        rows = [
            (key, self._format.pack(*score.logits, score.tokens_read, score.tokens_total))
            for key, score in scored.items()
        ]
        with database_errors(self._path, BUSY):
            self.database.executemany("INSERT OR IGNORE INTO scores VALUES (?, ?)", rows)

    def places(self, kind: PlaceKind, story: Story) -> ByTopic | None:
        """The evidence or later topics of a story; None where they are not known."""
        row = self.database.execute(f"SELECT found FROM {kind} WHERE story = ?", (_story_key(story),)).fetchone()
        return None if row is None else _unpack(story, json.loads(row[0]))

    def put_places(self, kind: PlaceKind, found: Sequence[tuple[Story, ByTopic]]) -> None:
        """Keeps new evidence or later topics; durable with the next `commit`."""
        rows = [(_story_key(story), json.dumps(_pack(by_topic))) for story, by_topic in found]
        with database_errors(self._path, BUSY):
            self.database.executemany(f"INSERT OR IGNORE INTO {kind} VALUES (?, ?)", rows)

    def close(self) -> None:
        """Gives the file up; what was not committed is gone."""
        self.database.close()


class ChunkStore:
    """The scores and places of a job and, in front of them, those that one chunk of stories has added.

    The latter reach the job when the chunk is done: one that is given up leaves nothing, and is done again as if it
    were new.
    """

    def __init__(
        self,
        state: JobState,
        scored: Mapping[bytes, Scored],
        places: Mapping[PlaceKind, Sequence[tuple[Story, ByTopic]]],
    ) -> None:
        """`scored` and `places` are new, the first by the keys of the texts."""
        self._state = state
        self._scored = dict(scored)
        self._places: dict[PlaceKind, dict[bytes, tuple[Story, ByTopic]]] = {"evidence": {}, "later_topics": {}}
        for kind, found in places.items():
            self.put_places(kind, found)

    def get(self, texts: Sequence[str]) -> dict[str, Scored]:
        """The scores of those texts that are known."""
        known = ((text, self._score(text_key(text))) for text in texts)
        return {text: score for text, score in known if score is not None}

    def put(self, scored: Mapping[str, Scored]) -> None:
        """Takes new scores."""
        self._scored |= {text_key(text): score for text, score in scored.items()}

    def get_places(self, kind: PlaceKind, stories: Sequence[Story]) -> list[ByTopic | None]:
        """The evidence or later topics of each story; None where they are not known."""
        new = [self._places[kind].get(_story_key(story)) for story in stories]
        return [
            self._state.places(kind, story) if one is None else one[1] for story, one in zip(stories, new, strict=True)
        ]

    def put_places(self, kind: PlaceKind, found: Sequence[tuple[Story, ByTopic]]) -> None:
        """Takes new evidence or later topics."""
        self._places[kind] |= {_story_key(one[0]): one for one in found}

    def keep(self) -> None:
        """Hands all of it to the job."""
        self._state.put(self._scored)
        for kind, found in self._places.items():
            self._state.put_places(kind, list(found.values()))

    def _score(self, key: bytes) -> Scored | None:
        return self._scored.get(key) or self._state.score(key)


def text_key(text: str) -> bytes:
    """16 bytes that stand for a text: two texts in 10^15 have less than one chance in 10^8 to share them."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _story_key(story: Story) -> bytes:
    """16 bytes that stand for a story as it was given, since evidence counts its very characters."""
    return text_key(f"{len(story.title)} {story.title}{story.text}")


def _pack(by_topic: ByTopic) -> dict[str, list[tuple[str, int, int, float]]]:
    """Evidence without its text, which the story has."""
    return {topic: [(one.field, one.start, one.end, one.score) for one in some] for topic, some in by_topic.items()}


def _unpack(story: Story, packed: Mapping[str, Sequence[tuple[str, int, int, float]]]) -> ByTopic:
    return {
        topic: tuple(
            Evidence(getattr(story, field)[start:end], start, end, score, field) for field, start, end, score in some
        )
        for topic, some in packed.items()
    }
