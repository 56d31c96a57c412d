"""Stories → the batches that training sees.

Stories become windows anew each epoch (some without their title, some cut short), batches hold stories of similar
length. Leaves out: the loop (trainer.py), what it minimises (objective.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from classifier.batching import pad
from classifier.tokens import Tokenizer, story_text
from training.data import Split

Targets = NDArray[np.float32]
SHORTEST = 32  # tokens that a story is never cut below


class StoryDataset(Dataset[dict[str, Any]]):
    """The first window of each story with its targets; in training, titles and endings are dropped anew each epoch."""

    def __init__(
        self,
        split: Split,
        tokenizer: Tokenizer,
        targets: Targets,
        *,
        title_dropout: float = 0.0,
        body_cut: float = 0.0,
        seed: int = 0,
    ) -> None:
        """`targets` has shape (stories, topics), each 0 to 1."""
        self._targets = targets
        self._full = _first_windows([labelled.text for labelled in split.stories], tokenizer)
        untitled = [story_text("", labelled.story.text) for labelled in split.stories]
        self._untitled = _first_windows(untitled, tokenizer) if title_dropout else self._full
        self._can_drop = np.array([bool(text) for text in untitled])
        self._title_dropout, self._body_cut, self._seed = title_dropout, body_cut, seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Draws which titles are dropped, and where stories end; the same epoch and seed give the same draw."""
        count = len(self._full)
        draw = np.random.default_rng([self._seed, epoch]).random(count)
        self._dropped = (draw < self._title_dropout) & self._can_drop
        rng = np.random.default_rng([self._seed, epoch, 7])
        self._kept = np.where(rng.random(count) < self._body_cut, rng.uniform(0.2, 1.0, count), 1.0)

    @property
    def lengths(self) -> list[int]:
        """Tokens of every example, title included."""
        return [len(window) for window in self._full]

    def __len__(self) -> int:
        return len(self._full)

    def __getitem__(self, index: int) -> dict[str, Any]:
        window = (self._untitled if self._dropped[index] else self._full)[index]
        kept = max(SHORTEST, int(self._kept[index] * len(window)))
        if kept < len(window):
            window = [*window[: kept - 1], window[-1]]
        return {"input_ids": window, "labels": self._targets[index]}


def _first_windows(texts: Sequence[str], tokenizer: Tokenizer) -> list[Sequence[int]]:
    return [windows.input_ids[0] for windows in tokenizer.windows(texts, max_windows=1)]


class LengthGroupedSampler(Sampler[int]):
    """Batches of similar length in random order, drawn from seed and epoch alone.

    Transformers' own sampler draws from the global generator, so that a resumed run sees other batches than an
    undisturbed one, and feeds the batches of each group from long to short.
    """

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int, group: int = 50) -> None:
        """`group` batches are drawn at random and sorted by length together."""
        self._lengths = np.asarray(lengths)
        self._batch_size, self._group, self._seed, self._epoch = batch_size, group, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """The same epoch and seed give the same order."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        rng = np.random.default_rng([self._seed, self._epoch])
        order, size, batches = rng.permutation(len(self._lengths)), self._batch_size, []
        for start in range(0, len(order), self._group * size):
            part = order[start : start + self._group * size]
            part = part[np.argsort(-self._lengths[part], kind="stable")]
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
