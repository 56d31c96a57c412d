"""A classifier and several processes: what cannot work says so at once, in words."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS

from classifier import Classifier, ClassifierError, EngineError, MissingExtraError, errors
from classifier.engines.one_process import OneProcess

WAIT_S = 60.0
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def texts(count: int) -> list[str]:
    rng = random.Random(0)
    return [" ".join(rng.choices(WORDS, k=30)) for _ in range(count)]


def in_a_fork(call: Callable[[], Any]) -> str:
    """What the call returns in a forked process, or the message of its EngineError; a test that hangs fails."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)

    def answer() -> None:
        try:
            there.send(repr(call()))
        except EngineError as error:
            there.send(str(error))
        os._exit(0)  # without the ends of runtimes and of pytest

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's own, that forks and threads do not go together
        process = context.Process(target=answer, daemon=True)
        process.start()
    try:
        assert here.poll(WAIT_S), "the forked process hangs"
        found: str = here.recv()
        return found
    finally:
        process.kill()
        process.join()


@needs_fork
@pytest.mark.parametrize("engine", ["openvino", "torch"])
@pytest.mark.parametrize("count", [1, 2000])  # one batch, and so many that they run side by side
def test_a_classifier_that_has_scored_is_refused_in_a_forked_process(tiny_model: Path, engine: str, count: int) -> None:
    classifier = Classifier.load(tiny_model, engine=engine, device="cpu")
    before = classifier.classify_many(texts(count))
    message = in_a_fork(lambda: classifier.classify_many(texts(count)))
    assert message.startswith(f"this classifier belongs to process {os.getpid()}; its threads did not come along into")
    assert "Load the classifier in each process, and start them by 'spawn'" in message
    assert classifier.classify_many(texts(count)) == before  # here it goes on


@needs_fork
def test_a_classifier_that_was_only_loaded_may_be_forked(tiny_model: Path) -> None:
    classifier = Classifier.load(tiny_model, engine="openvino")
    assert classifier.classify_many([]) == []
    found = in_a_fork(lambda: [prediction.topics for prediction in classifier.classify_many(texts(2000))])
    assert found == repr([prediction.topics for prediction in classifier.classify_many(texts(2000))])


@needs_fork
def test_torch_that_was_only_loaded_may_be_forked_where_it_has_one_thread(tiny_model: Path) -> None:
    import torch

    def alone() -> Any:
        torch.set_num_threads(1)
        return classifier.classify("talks").error

    classifier, before = Classifier.load(tiny_model, engine="torch", device="cpu"), torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert in_a_fork(lambda: classifier.classify("talks")).startswith("this classifier belongs to process")
        assert in_a_fork(alone) == "None"
    finally:
        torch.set_num_threads(before)


def test_one_process_may_be_entered_again_and_no_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    process = OneProcess()
    process.enter()
    process.enter()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    OneProcess().enter()
    with pytest.raises(
        EngineError, match=r"its threads did not come along into process -1, which was forked from that"
    ):
        process.enter()


def test_a_classifier_is_not_pickled(counting_classifier: Classifier) -> None:
    message = (
        r"^a Classifier cannot be pickled: .+ Load it in each process, in a pool by its initializer, and hand over"
    )
    for handed in (counting_classifier, counting_classifier.classify):
        with pytest.raises(TypeError, match=message):
            pickle.dumps(handed)
    assert copy.copy(counting_classifier).engine is counting_classifier.engine


def test_every_error_comes_back_from_another_process_as_it_was() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ClassifierError)]
    made = [kind("a.csv: empty.") for kind in kinds if kind is not MissingExtraError]
    missing = MissingExtraError("the engine 'torch'", "gpu")
    assert str(missing).startswith("the engine 'torch' needs the extra 'gpu'. Install it: pip install")
    for error in [*made, missing]:
        error.add_note("In a worker process")
        back = pickle.loads(pickle.dumps(error))
        assert (type(back), str(back), back.__notes__) == (type(error), str(error), ["In a worker process"])
