"""A classifier over labelled stories: what it says beside what is true, decided (Outcome) or by window (WindowLogits).

Scores come from `classifier.Classifier`, so that what users run is what is measured.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from classifier import Classifier, Prediction
from classifier.decide import POOLINGS, Pooling
from training.calibrate import Bools, WindowLogits
from training.metrics import Outcome
from training.splits import Labelled


@dataclass(frozen=True, slots=True)
class ScoredStories:
    """A model's outcome on the stories that it could score.

    Attributes:
        outcome: One row for each of `stories`.
        stories: Those that were scored, in order.
        tokens: Content tokens of each.
        errors: Why the others were not.
    """

    outcome: Outcome
    stories: tuple[Labelled, ...]
    tokens: tuple[int, ...]
    errors: tuple[str, ...]


def score(classifier: Classifier, stories: Sequence[Labelled], labels: Sequence[str]) -> ScoredStories:
    """What the classifier says of the stories.

    Args:
        classifier: Its labels are those of `labels`, perhaps in another order.
        stories: Their topics are indices into `labels`.
        labels: The topics, in the order of every array.
    """
    predictions = classifier.classify_many(labelled.story for labelled in stories)
    pairs = list(zip(stories, predictions, strict=True))
    good = [(labelled, prediction) for labelled, prediction in pairs if prediction.error is None]
    return ScoredStories(
        _outcome([labelled for labelled, _ in good], [prediction for _, prediction in good], tuple(labels)),
        tuple(labelled for labelled, _ in good),
        tuple(prediction.tokens_total for _, prediction in good),
        tuple(prediction.error for _, prediction in pairs if prediction.error is not None),
    )


def window_logits(
    classifier: Classifier, texts: Sequence[str], true: Bools, rules: Collection[Pooling] = POOLINGS
) -> WindowLogits:
    """What the classifier's engine says of the windows of the texts.

    Args:
        classifier: Its decision rule has no say.
        texts: What `story_text` gives.
        true: Shape (texts, topics).
        rules: How windows may be joined; for "first" alone, no other window is read.
    """
    read = classifier.tokenizer.windows(texts, max_windows=1 if set(rules) == {"first"} else None)
    logits = classifier.window_logits([ids for windows in read for ids in windows.input_ids])
    return WindowLogits(logits, [len(windows.input_ids) for windows in read], true)


def _outcome(stories: Sequence[Labelled], predictions: Sequence[Prediction], labels: tuple[str, ...]) -> Outcome:
    shape = (len(stories), len(labels))
    index = {label: number for number, label in enumerate(labels)}
    return Outcome(
        labels=labels,
        true=np.array([[k in labelled.topics for k in range(shape[1])] for labelled in stories], bool).reshape(shape),
        predicted=np.array([[label in p.topics for label in labels] for p in predictions], bool).reshape(shape),
        probabilities=np.array([[p.scores[label] for label in labels] for p in predictions]).reshape(shape),
        review=np.array([p.review for p in predictions], bool),
        true_primary=np.array([index.get(labelled.primary or "", -1) for labelled in stories], np.int64),
        primary=np.array([index.get(p.topic or "", -1) for p in predictions], np.int64),
    )
