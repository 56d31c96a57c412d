"""A chunk of a job: its new texts are labelled by whoever labels, those seen before from the scores that are known.

    chunk   a b a c d        new: b c (d is under way in an earlier chunk, a was scored long ago)
            ↓ begin                                          ↓ finish, in the order of the chunks
            b c → labelled here or by a worker               a a d from the store, all rows in their order

Which texts are new is decided in the order of the input and by it alone, so that the batches that are scored, and the
rows, are the same whoever labels, how many at a time, and however often the job was stopped. Leaves out: rows on the
disk, counts and checkpoints (jobs.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from classifier.checkpoints import ChunkStore, JobState, text_key
from classifier.column_names import renamed
from classifier.job_labels import Asked, Labeller, Pending, Row, Work, label_known
from classifier.near_duplicates import NearDuplicates
from classifier.pipeline import Classifier
from classifier.scorable import read_texts
from classifier.stopping import stoppable
from classifier.stories import Story

NEAR_COLUMN = "near_duplicate_group"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk that was begun.

    Attributes:
        work: All of its stories.
        new: The numbers of those whose text is new, and of those with an error.
        keys: Those of the new texts, in order.
        pending: What comes of the new stories.
        near_copies: How many texts are nearly, or exactly, an earlier one; 0 if nobody looked.
        digest: Of all input up to its end.
        end: Bytes of the input up to its end.
    """

    work: Work
    new: Sequence[int]
    keys: Sequence[bytes]
    pending: Pending
    near_copies: int
    digest: bytes
    end: int

    @property
    def known(self) -> list[int]:
        """The numbers of the stories whose text was seen before."""
        new = set(self.new)
        return [number for number in range(len(self.work.stories)) if number not in new]


class Chunks:
    """Divides chunks, and puts them together again."""

    def __init__(
        self,
        classifier: Classifier,
        state: JobState,
        labeller: Labeller,
        asked: Asked,
        *,
        near: NearDuplicates | None,
        first: int,
    ) -> None:
        """`first` is the number of the first record that is to come."""
        self._classifier, self._state, self._labeller = classifier, state, labeller
        self._asked, self._near, self._next = asked, near, first
        self._begun: deque[Chunk] = deque()
        self._under_way: set[bytes] = set()

    def begin(self, stories: Sequence[Story], digest: bytes, end: int) -> None:
        """Has the new stories of a chunk labelled; `digest` and `end` as in `Chunk`."""
        texts, errors = read_texts(stories)
        new, keys = [], []
        for number, (text, error) in enumerate(zip(texts, errors, strict=True)):
            key = text_key(text) if error is None else None
            if key is not None and (key in self._under_way or self._state.has(key)):
                continue
            new.append(number)
            if key is not None:
                keys.append(key)
                self._under_way.add(key)
        near_copies = 0
        if self._near is not None:
            numbers = range(self._next, self._next + len(stories))
            groups = [
                self._near.group(text, number) if error is None else number  # a record with an error is alone
                for text, error, number in zip(texts, errors, numbers, strict=True)
            ]
            near_copies = sum(group != number for group, number in zip(groups, numbers, strict=True))
            stories = [self._grouped(story, group) for story, group in zip(stories, groups, strict=True)]
        work = Work(stories, texts, errors, self._asked)
        pending = self._labeller.begin(work.part(new))
        self._begun.append(Chunk(work, new, keys, pending, near_copies, digest, end))
        self._next += len(stories)

    def _grouped(self, story: Story, group: int) -> Story:
        """The story with its group among the near copies."""
        name = self._asked.prefix + NEAR_COLUMN
        return replace(story, columns={**renamed(story.columns, [name]), name: group})

    def is_due(self, *, at_end: bool = False) -> bool:
        """True if the first chunk is to be finished now: no more may be begun behind it, or it is labelled."""
        return bool(self._begun) and (at_end or len(self._begun) > self._labeller.most or self.is_labelled())

    def is_labelled(self) -> bool:
        """True if the first chunk can be finished without waiting."""
        return bool(self._begun) and self._begun[0].pending.done()

    def finish(self, should_stop: Callable[[], bool]) -> tuple[Chunk, list[Row], ChunkStore]:
        """The first of the chunks begun, all of its rows, and its scores, which the job does not have before `keep`.

        Raises:
            Stopped: If `should_stop` says so; of the chunk nothing is kept then.
            EngineError: If a worker is gone.
        """
        chunk = self._begun[0]
        labelled, work = chunk.pending.get(should_stop), chunk.work
        scored = dict(zip(chunk.keys, labelled.scored, strict=True))
        places = {
            kind: [(work.stories[chunk.new[number]], by_topic) for number, by_topic in found]
            for kind, found in labelled.places.items()
        }
        store = ChunkStore(self._state, scored, places)
        rows = dict(zip(chunk.new, labelled.rows, strict=True))
        if known := chunk.known:
            asking = stoppable(self._classifier, should_stop)
            rows |= zip(known, label_known(asking, work.part(known), store), strict=True)
        return chunk, [rows[number] for number in range(len(work.stories))], store

    def keep(self, store: ChunkStore) -> None:
        """Gives the job the scores of the chunk that was finished; the next one is the first."""
        store.keep()
        self._under_way.difference_update(self._begun.popleft().keys)
