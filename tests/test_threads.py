"""One classifier in several threads: the numbers of each alone, whoever runs beside it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import VOCABULARY, WORDS

from classifier import Classifier
from classifier.batching import Batch, pad
from classifier.engines import Engine, engine_for
from classifier.manifest import load_manifest

ROUNDS = 15


@pytest.fixture(scope="module", params=["openvino", "torch"])
def engine(request: pytest.FixtureRequest, tiny_model: Path) -> Engine:
    return engine_for(request.param, "cpu")(load_manifest(tiny_model))


def some_batches(seed: int, count: int) -> list[Batch]:
    """Batches of 8 windows of 16 random ids."""
    rng = np.random.default_rng(seed)
    windows = [[[2, *rng.integers(4, len(VOCABULARY), 14).tolist(), 3] for _ in range(8)] for _ in range(count)]
    return [pad(made, np.arange(8), 0) for made in windows]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls return, begun together in threads of their own."""
    barrier = threading.Barrier(len(calls))

    def begin(call: Callable[[], Any]) -> Any:
        barrier.wait(timeout=30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def test_two_threads_get_the_predictions_of_each_alone(tiny_model: Path) -> None:
    classifier, rng = Classifier.load(tiny_model, engine="openvino"), random.Random(0)
    feeds = [[" ".join(rng.choices(WORDS, k=rng.randint(1, 60))) for _ in range(400)] for _ in range(2)]
    expected = [classifier.predict_proba(feed) for feed in feeds]
    for _ in range(5):
        found = at_once(*(lambda feed=feed: classifier.predict_proba(feed) for feed in feeds))
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("count", [2, 9])  # run one by one, and side by side
def test_each_call_gets_its_own_batches_and_no_other(engine: Engine, count: int) -> None:
    feeds = [some_batches(seed, count) for seed in range(2)]
    expected = [{id(batch): engine.logits(batch) for batch in feed} for feed in feeds]
    for _ in range(ROUNDS):
        found = at_once(*(lambda feed=feed: {id(b): logits for b, logits in engine.run(feed)} for feed in feeds))
        for got, wanted in zip(found, expected, strict=True):
            assert got.keys() == wanted.keys()
            for key, logits in got.items():
                np.testing.assert_allclose(logits, wanted[key], atol=1e-6)


def test_an_unfinished_call_stands_in_the_way_of_no_other(engine: Engine) -> None:
    first, second = some_batches(0, 9), some_batches(1, 9)
    unfinished = engine.run(first)
    begun = [next(unfinished)]
    [other] = at_once(lambda: list(engine.run(second)))
    here = list(engine.run(second))
    assert {id(batch) for batch, _ in other} == {id(batch) for batch, _ in here} == {id(batch) for batch in second}
    assert {id(batch) for batch, _ in [*begun, *unfinished]} == {id(batch) for batch in first}


def test_a_call_that_is_closed_early_leaves_nothing_to_the_next(engine: Engine) -> None:
    first, second = some_batches(0, 9), some_batches(1, 9)
    closed = engine.run(first)
    next(closed)
    closed.close()  # type: ignore[attr-defined]
    assert {id(batch) for batch, _ in engine.run(second)} == {id(batch) for batch in second}
