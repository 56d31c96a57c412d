"""Token windows → batches of similar length under a token budget, so that little of a batch is padding.

    lengths 3, 9, 4 with a budget of 12 tokens  ->  windows [1], then [2, 0] (padded 1 × 9 and 2 × 4)

Leaves out: what the ids mean, and who scores them.
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


def batches(windows: Sequence[Sequence[int]], *, token_budget: int, pad_id: int) -> Iterator[Batch]:
    """Every window in exactly one batch, longest first.

    Longest first means that a lack of memory shows at the first batch and not at the last.

    Args:
        windows: Token ids of each window.
        token_budget: The most tokens of one batch, padding included; a longer window makes a batch of its own.
        pad_id: The id to pad with.
    """
    lengths = np.fromiter((len(window) for window in windows), dtype=np.int64, count=len(windows))
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        longest = int(lengths[order[start]])
        stop = start + max(1, token_budget // max(1, longest))
        yield pad([windows[i] for i in order[start:stop]], order[start:stop], pad_id)
        start = stop


def pad(windows: Sequence[Sequence[int]], indices: Ids, pad_id: int) -> Batch:
    """The windows as one batch, padded on the right to the longest."""
    longest = max(len(window) for window in windows)
    input_ids = np.full((len(windows), longest), pad_id, dtype=np.int64)
    attention_mask = np.zeros((len(windows), longest), dtype=np.int64)
    for row, window in enumerate(windows):
        input_ids[row, : len(window)] = window
        attention_mask[row, : len(window)] = 1
    return Batch(np.asarray(indices, dtype=np.int64), input_ids, attention_mask)
