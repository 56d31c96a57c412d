"""Token windows → batches under a token budget, each of one padded length that a window's own length decides.

    step 4, lengths 3, 9, 4 with a budget of 12 tokens  ->  windows [1], then [0, 2] (padded 1 × 12 and 2 × 4)

A window is padded to the next multiple of the step, alone as in any batch: the shapes that a runtime computes a row
with do not depend on its neighbours, and so its logits do not either. Few shapes also suit a runtime that prepares
its kernels for each. Leaves out: what the ids mean, and who scores them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows padded to one length.

    Attributes:
        indices: Where each row stands in the sequence of windows that was given, shape (batch,).
        input_ids: Shape (batch, tokens).
        attention_mask: 1 for a token, 0 for padding, shape (batch, tokens).
    """

    indices: Ids
    input_ids: Ids
    attention_mask: Ids


STEP = 16  # tokens; 4 % of padding on news, and a multiple of every vector width


def batches(
    windows: Sequence[Sequence[int]], *, token_budget: int, pad_id: int, max_length: int, step: int = STEP
) -> Iterator[Batch]:
    """Every window in exactly one batch, longest first.

    Longest first means that a lack of memory shows at the first batch and not at the last.

    Args:
        windows: Token ids of each window.
        token_budget: The most tokens of one batch, padding included; a longer window makes a batch of its own.
        pad_id: The id to pad with.
        max_length: The most tokens that a window may be padded to.
        step: Lengths are padded to a multiple of this.
    """
    lengths = np.fromiter((len(window) for window in windows), dtype=np.int64, count=len(windows))
    padded = np.maximum(lengths, np.minimum(-(-lengths // step) * step, max_length))
    for length in np.unique(padded)[::-1].tolist():
        rows = np.flatnonzero(padded == length)
        size = max(1, token_budget // max(1, length))
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            yield pad([windows[row] for row in part], part, pad_id, length)


def pad(windows: Sequence[Sequence[int]], indices: Ids, pad_id: int, length: int | None = None) -> Batch:
    """The windows as one batch, padded on the right to `length` tokens; None is the longest of them."""
    length = max(len(window) for window in windows) if length is None else length
    input_ids = np.full((len(windows), length), pad_id, dtype=np.int64)
    attention_mask = np.zeros((len(windows), length), dtype=np.int64)
    for row, window in enumerate(windows):
        input_ids[row, : len(window)] = window
        attention_mask[row, : len(window)] = 1
    return Batch(np.asarray(indices, dtype=np.int64), input_ids, attention_mask)
