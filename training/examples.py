"""Stories → the batches that training sees.

Stories become windows anew each epoch (some without their title, some cut short, long ones from their middle, some
behind another text, some of their tokens hidden), batches hold windows of similar length. Leaves out: the loop
(trainer.py), what it minimises (objective.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from classifier.batching import pad
from classifier.tokens import Tokenizer, story_text
from training.splits import Split

Targets = NDArray[np.float32]
SHORTEST = 32  # tokens that a story is never cut below


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How training varies the stories from epoch to epoch; the defaults vary nothing.

    Attributes:
        title_dropout: Share of the stories that are read without their title, 0 to 1.
        body_cut: Share that are cut short.
        later_window: Share that are read from a later window, where they have one.
        embedded: Share that are put behind the end of another text.
        word_dropout: Share of the tokens of every window that are hidden.
        mask_id: The token that replaces hidden ones; needed with `word_dropout`.
        seed: Of all draws.

    Raises:
        ValueError: If tokens are to be hidden and `mask_id` is None.
    """

    title_dropout: float = 0.0
    body_cut: float = 0.0
    later_window: float = 0.0
    embedded: float = 0.0
    word_dropout: float = 0.0
    mask_id: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.word_dropout and self.mask_id is None:
            raise ValueError("word_dropout needs a mask_id")


class StoryDataset(Dataset[dict[str, Any]]):
    """One window of each story with its targets; an augmentation gives another view of the stories every epoch."""

    def __init__(
        self, split: Split, tokenizer: Tokenizer, targets: Targets, augmentation: Augmentation | None = None
    ) -> None:
        """`targets`, perhaps smoothed: shape (stories, topics), each 0 to 1; without `augmentation` nothing varies."""
        self.augmentation = varied = augmentation or Augmentation()
        self._targets, self._room = targets, tokenizer.content_length
        texts = [labelled.text for labelled in split.stories]
        most = None if varied.later_window or varied.embedded else 1
        self._windows = [read.input_ids for read in tokenizer.windows(texts, max_windows=most)]
        untitled = [story_text("", labelled.story.text) for labelled in split.stories]
        self._untitled = (
            [read.input_ids[0] for read in tokenizer.windows(untitled, max_windows=1)]
            if varied.title_dropout
            else [windows[0] for windows in self._windows]
        )
        self._can_drop = np.array([bool(text) for text in untitled])
        self._without_topics = np.flatnonzero((split.soft_targets(targets.shape[1]) < 0.1).all(axis=1))
        self._epoch = -1
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Draws how every story is seen; the same epoch and seed give the same draw."""
        if epoch == self._epoch:
            return
        self._epoch, count, varied = epoch, len(self._windows), self.augmentation
        dropped = np.random.default_rng([varied.seed, epoch]).random(count) < varied.title_dropout
        rng = np.random.default_rng([varied.seed, epoch, 7])
        kept = np.where(rng.random(count) < varied.body_cut, rng.uniform(0.2, 1.0, count), 1.0)
        rng = np.random.default_rng([varied.seed, epoch, 11])
        later = rng.random(count) < varied.later_window
        embedded = rng.random(count) < varied.embedded
        self._seen: list[Sequence[int]] = []
        for row, windows in enumerate(self._windows):
            if later[row] and len(windows) > 1:
                window = windows[rng.integers(1, len(windows))]
            else:
                window = self._untitled[row] if dropped[row] and self._can_drop[row] else windows[0]
                window = _cut(window, kept[row])
            self._seen.append(self._behind_another(window, rng) if embedded[row] else window)
        if varied.word_dropout:  # one draw for all: one a story took longer than all else that a batch needs
            self._ends = np.cumsum([len(window) for window in self._seen])
            rng = np.random.default_rng([varied.seed, epoch, 13])
            self._hidden = rng.random(int(self._ends[-1]), dtype=np.float32) < varied.word_dropout

    def _behind_another(self, window: Sequence[int], rng: np.random.Generator) -> Sequence[int]:
        """The window after the end of a window without topics, at most three times as long: as in a long text."""
        if not self._without_topics.size:
            return window
        others = self._windows[rng.choice(self._without_topics)]
        before = others[rng.integers(len(others))][1:-1]
        most = min(len(before), self._room - SHORTEST, 3 * len(window))
        if most < SHORTEST:
            return window
        before = before[-int(rng.integers(SHORTEST, most + 1)) :]
        return [window[0], *before, *window[1:-1][: self._room - len(before)], window[-1]]

    def lengths(self, epoch: int) -> list[int]:
        """Tokens of every example as it is seen in an epoch."""
        self.set_epoch(epoch)
        return [len(window) for window in self._seen]

    def __len__(self) -> int:
        return len(self._seen)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"input_ids": self._masked(index), "labels": self._targets[index]}

    def _masked(self, index: int) -> Sequence[int]:
        """The window with some of its tokens hidden, the same in a repeated epoch; never those at its ends."""
        window, varied = self._seen[index], self.augmentation
        if varied.mask_id is None or not varied.word_dropout or len(window) < 3:
            return window
        start, end = self._ends[index] - len(window) + 1, self._ends[index] - 1
        inside = np.where(self._hidden[start:end], varied.mask_id, window[1:-1])
        return [window[0], *inside.tolist(), window[-1]]


def _cut(window: Sequence[int], kept: float) -> Sequence[int]:
    """The share `kept` of the window, never below `SHORTEST` tokens, with its last token."""
    length = max(SHORTEST, int(kept * len(window)))
    return [*window[: length - 1], window[-1]] if length < len(window) else window


class LengthGroupedSampler(Sampler[int]):
    """Batches of similar length in random order, drawn from seed and epoch alone.

    Transformers' own sampler draws from the global generator, so that a resumed run sees other batches than an
    undisturbed one, and feeds the batches of each group from long to short.
    """

    def __init__(self, dataset: StoryDataset, *, batch_size: int, seed: int, group: int = 50) -> None:
        """`group` batches are drawn at random and sorted by length together."""
        self._dataset = dataset
        self._batch_size, self._group, self._seed, self._epoch = batch_size, group, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """The same epoch and seed give the same order."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._dataset)

    def __iter__(self) -> Iterator[int]:
        rng = np.random.default_rng([self._seed, self._epoch])
        lengths = np.asarray(self._dataset.lengths(self._epoch))
        order, size, batches = rng.permutation(len(lengths)), self._batch_size, []
        for start in range(0, len(order), self._group * size):
            part = order[start : start + self._group * size]
            part = part[np.argsort(-lengths[part], kind="stable")]
            batches += [part[row : row + size] for row in range(0, len(part), size)]
        short = [batch for batch in batches if len(batch) < size]  # must come last, or it would shift all others
        full = [batch for batch in batches if len(batch) == size]
        rng.shuffle(full)
        for batch in [*full, *short]:
            yield from batch.tolist()


class Collator:
    """Examples → tensors padded to the longest."""

    def __init__(self, pad_id: int) -> None:
        self._pad_id = pad_id

    def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        batch = pad([example["input_ids"] for example in examples], np.arange(len(examples)), self._pad_id)
        return {
            "input_ids": torch.from_numpy(batch.input_ids),
            "attention_mask": torch.from_numpy(batch.attention_mask),
            "labels": torch.from_numpy(np.stack([example["labels"] for example in examples])),
        }
