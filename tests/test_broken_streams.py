"""Stories that break off: what was read before the error is labelled, and then the error comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from classifier import Classifier, Prediction, Story


def broken(at: int, closed: list[bool]) -> Iterator[str]:
    try:
        yield from (f"troops {number}" for number in range(at))
        raise ConnectionError("the feed is gone")
    finally:
        closed.append(True)


@pytest.mark.parametrize(("at", "chunk"), [(0, 10), (3, 10), (10, 10), (14, 10), (3, 1)])
def test_what_was_read_before_an_error_is_labelled(counting_classifier: Classifier, at: int, chunk: int) -> None:
    got: list[tuple[Story, Prediction]] = []
    with pytest.raises(ConnectionError, match=r"^the feed is gone$"):
        got.extend(counting_classifier.stream(broken(at, []), chunk=chunk))
    assert [story.text for story, _ in got] == [f"troops {number}" for number in range(at)]
    assert {prediction.topics for _, prediction in got} <= {("military",)}


def test_what_stands_before_a_thing_that_is_no_story_is_labelled(counting_classifier: Classifier) -> None:
    results = counting_classifier.stream(cast("Any", ["talks", "troops", None, "flood"]))
    assert [next(results)[1].topics, next(results)[1].topics] == [("diplomacy",), ("military",)]
    with pytest.raises(TypeError, match=r"^stories\[2\]: expected a text or a Story, got NoneType"):
        next(results)
    with pytest.raises(StopIteration):
        next(results)


def test_other_methods_raise_the_error_itself(counting_classifier: Classifier) -> None:
    for method in (counting_classifier.classify_many, counting_classifier.predict_proba):
        with pytest.raises(ConnectionError, match=r"^the feed is gone$"):
            method(broken(3, []))


def test_a_stream_that_is_left_closes_what_it_reads(counting_classifier: Classifier) -> None:
    closed: list[bool] = []
    results = counting_classifier.stream(broken(30, closed), chunk=10)
    next(results)
    assert closed == []
    del results
    assert closed == [True]
