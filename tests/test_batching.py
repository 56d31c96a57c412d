"""Windows → batches under a token budget."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.batching import Batch, batches, pad

PAD = 99
WINDOWS = st.lists(st.lists(st.integers(0, 98), min_size=1, max_size=12), max_size=30)
BUDGETS = st.integers(1, 60)


def contents(batch: Batch) -> list[tuple[int, list[int]]]:
    """(index, the ids that are not masked) of every row."""
    rows = zip(batch.indices, batch.input_ids, batch.attention_mask, strict=True)
    return [(int(index), ids[mask == 1].tolist()) for index, ids, mask in rows]


@given(WINDOWS, BUDGETS)
def test_every_window_is_in_exactly_one_batch_unchanged(windows: list[list[int]], budget: int) -> None:
    found = [row for batch in batches(windows, token_budget=budget, pad_id=PAD) for row in contents(batch)]
    assert sorted(found) == list(enumerate(windows))


@given(WINDOWS, BUDGETS)
def test_no_batch_is_over_budget_unless_it_is_one_window(windows: list[list[int]], budget: int) -> None:
    for batch in batches(windows, token_budget=budget, pad_id=PAD):
        assert batch.input_ids.size <= budget or len(batch.indices) == 1


@given(WINDOWS, BUDGETS)
def test_longest_windows_come_first_and_equal_ones_in_their_order(windows: list[list[int]], budget: int) -> None:
    order = [int(index) for batch in batches(windows, token_budget=budget, pad_id=PAD) for index in batch.indices]
    assert order == sorted(range(len(windows)), key=lambda index: (-len(windows[index]), index))


@given(WINDOWS, BUDGETS)
def test_padding_is_on_the_right_masked_and_no_longer_than_needed(windows: list[list[int]], budget: int) -> None:
    for batch in batches(windows, token_budget=budget, pad_id=PAD):
        lengths = batch.attention_mask.sum(axis=1)
        assert batch.input_ids.shape == batch.attention_mask.shape == (len(batch.indices), lengths.max())
        assert (np.diff(batch.attention_mask, axis=1) <= 0).all()
        assert (batch.input_ids[batch.attention_mask == 0] == PAD).all()


def test_the_example_of_the_docstring() -> None:
    windows = [[1] * 3, [2] * 9, [3] * 4]
    packed = list(batches(windows, token_budget=12, pad_id=0))
    assert [batch.indices.tolist() for batch in packed] == [[1], [2, 0]]
    assert [batch.input_ids.shape for batch in packed] == [(1, 9), (2, 4)]


def test_no_windows_make_no_batch() -> None:
    assert list(batches([], token_budget=10, pad_id=0)) == []


def test_padding_makes_whole_number_arrays_for_every_runtime() -> None:
    batch = pad([[5, 6], [7]], np.array([3, 1]), pad_id=0)
    assert batch.input_ids.tolist() == [[5, 6], [7, 0]]
    assert batch.attention_mask.tolist() == [[1, 1], [1, 0]]
    assert {array.dtype for array in (batch.indices, batch.input_ids, batch.attention_mask)} == {np.dtype(np.int64)}
