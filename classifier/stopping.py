"""Work that can be stopped in the middle: a classifier before every batch, a sequence before every item.

Leaves out: who asks (process.py), and what is kept of a job then (jobs.py).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from classifier.batching import Batch
from classifier.engines import Engine
from classifier.pipeline import Classifier

Item = TypeVar("Item")


class Stopped(Exception):
    """The job was asked to stop and has saved what is done."""


def until_stopped(items: Iterable[Item], should_stop: Callable[[], bool]) -> Iterator[Item]:
    """The items; raises `Stopped` before the next one once `should_stop` says so."""
    for item in items:
        if should_stop():
            raise Stopped
        yield item


def stoppable(classifier: Classifier, should_stop: Callable[[], bool]) -> Classifier:
    """The same classifier, whose calls raise `Stopped` before the next batch once `should_stop` says so."""
    made = copy.copy(classifier)
    made.engine = _StoppableEngine(classifier.engine, should_stop)
    made.first = None if classifier.first is None else stoppable(classifier.first, should_stop)
    return made


class _StoppableEngine:
    """An engine that asks before every batch; those that are under way are waited for."""

    def __init__(self, engine: Engine, should_stop: Callable[[], bool]) -> None:
        self.name, self.token_budget = engine.name, engine.token_budget
        self._engine, self._should_stop = engine, should_stop

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """Raw logits, shape (batch, topics)."""
        if self._should_stop():
            raise Stopped
        return self._engine.logits(batch)

    def run(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, NDArray[np.float32]]]:
        """Every batch with its logits, in the order of the engine."""
        return self._engine.run(until_stopped(batches, self._should_stop))
