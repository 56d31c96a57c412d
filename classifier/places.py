"""Predictions with the places in their stories that were asked for: evidence, later topics. Equal stories share them.

Leaves out: how the places are found (evidence.py, later.py), where they are kept (checkpoints.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from classifier.evidence import Model, find_evidence
from classifier.prediction import ByTopic, PlaceKind, Prediction, ScoreStore
from classifier.stories import Story


def with_evidence(
    model: Model, stories: Sequence[Story], predictions: Sequence[Prediction], store: ScoreStore | None
) -> list[Prediction]:
    """The predictions with the evidence for their topics."""
    labelled = [number for number, prediction in enumerate(predictions) if prediction.topics]
    found = _found_once("evidence", partial(find_evidence, model), stories, predictions, labelled, store)
    return [replace(one, evidence=found.get(number, {})) for number, one in enumerate(predictions)]


def with_later_topics(
    model: Model, stories: Sequence[Story], predictions: Sequence[Prediction], store: ScoreStore | None
) -> list[Prediction]:
    """The predictions with the topics that long stories turn to only later; none for others."""
    from classifier.later import find_later_topics, is_long  # with the network that cuts pages, which few ask for

    long = [number for number, prediction in enumerate(predictions) if is_long(model, prediction)]
    found = _found_once("later_topics", partial(find_later_topics, model), stories, predictions, long, store)
    return [replace(one, later_topics=found.get(number, {})) for number, one in enumerate(predictions)]


def _found_once(
    kind: PlaceKind,
    find: Callable[[Sequence[Story], Sequence[Prediction]], Sequence[ByTopic]],
    stories: Sequence[Story],
    predictions: Sequence[Prediction],
    numbers: Sequence[int],
    store: ScoreStore | None,
) -> dict[int, ByTopic]:
    """The places of the stories with these numbers; what the store has is not looked for again."""
    some = [stories[number] for number in numbers]
    known = store.get_places(kind, some) if store is not None else [None] * len(some)
    new = [number for number, places in zip(numbers, known, strict=True) if places is None]
    places_found = find([stories[number] for number in new], [predictions[number] for number in new])
    found = dict(zip(new, places_found, strict=True))
    if store is not None:
        store.put_places(kind, [(stories[number], places) for number, places in found.items()])
    return found | {number: places for number, places in zip(numbers, known, strict=True) if places is not None}
