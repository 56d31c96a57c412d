"""Windows → batches under a token budget."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.batching import Batch, batches, pad

PAD, LONGEST, STEP = 99, 12, 4
WINDOWS = st.lists(st.lists(st.integers(0, 98), min_size=1, max_size=12), max_size=30)
BUDGETS = st.integers(1, 60)


def packed(windows: list[list[int]], budget: int) -> list[Batch]:
    return list(batches(windows, token_budget=budget, pad_id=PAD, max_length=LONGEST, step=STEP))


def padded_length(window: list[int]) -> int:
    return min(-(-len(window) // STEP) * STEP, LONGEST)


def contents(batch: Batch) -> list[tuple[int, list[int]]]:
    """(index, the ids that are not masked) of every row."""
    rows = zip(batch.indices, batch.input_ids, batch.attention_mask, strict=True)
    return [(int(index), ids[mask == 1].tolist()) for index, ids, mask in rows]


@given(WINDOWS, BUDGETS)
def test_every_window_is_in_exactly_one_batch_unchanged(windows: list[list[int]], budget: int) -> None:
    found = [row for batch in packed(windows, budget) for row in contents(batch)]
    assert sorted(found) == list(enumerate(windows))


@given(WINDOWS, BUDGETS)
def test_no_batch_is_over_budget_unless_it_is_one_window(windows: list[list[int]], budget: int) -> None:
    for batch in packed(windows, budget):
        assert batch.input_ids.size <= budget or len(batch.indices) == 1


@given(WINDOWS, BUDGETS)
def test_longest_windows_come_first_and_equal_ones_in_their_order(windows: list[list[int]], budget: int) -> None:
    order = [int(index) for batch in packed(windows, budget) for index in batch.indices]
    assert order == sorted(range(len(windows)), key=lambda index: (-padded_length(windows[index]), index))


@given(WINDOWS, BUDGETS)
def test_padding_is_on_the_right_masked_and_as_long_as_the_window_alone_asks(
    windows: list[list[int]], budget: int
) -> None:
    for batch in packed(windows, budget):
        assert batch.input_ids.shape == batch.attention_mask.shape
        assert {padded_length(windows[index]) for index in batch.indices} == {batch.input_ids.shape[1]}
        assert (np.diff(batch.attention_mask, axis=1) <= 0).all()
        assert (batch.input_ids[batch.attention_mask == 0] == PAD).all()


def test_the_example_of_the_docstring() -> None:
    made = packed([[1] * 3, [2] * 9, [3] * 4], 12)
    assert [batch.indices.tolist() for batch in made] == [[1], [0, 2]]
    assert [batch.input_ids.shape for batch in made] == [(1, 12), (2, 4)]


def test_a_window_is_never_padded_beyond_what_the_model_reads() -> None:
    [batch] = batches([[1] * 9, [2] * 10], token_budget=100, pad_id=PAD, max_length=10, step=4)
    assert batch.input_ids.shape == (2, 10)
    [batch] = batches([[1] * 11], token_budget=100, pad_id=PAD, max_length=10, step=4)
    assert batch.input_ids.shape == (1, 11)


def test_no_windows_make_no_batch() -> None:
    assert packed([], 10) == []


def test_padding_makes_whole_number_arrays_for_every_runtime() -> None:
    batch = pad([[5, 6], [7]], np.array([3, 1]), pad_id=0)
    assert batch.input_ids.tolist() == [[5, 6], [7, 0]]
    assert batch.attention_mask.tolist() == [[1, 1], [1, 0]]
    assert {array.dtype for array in (batch.indices, batch.input_ids, batch.attention_mask)} == {np.dtype(np.int64)}
