"""Topics that a long story turns to only later: its label goes by how it begins, and leaves them out.

A digest, a round-up or a situation report is about more than its opening. Where another part may begin (the network
that cuts pages into stories says so, and is asked for little certainty), the part's first window is scored as if it
were a story. What it is about and the story is not, is a later topic:

    [floods, 600 tokens] [at line 14: a truce is signed]  ->  topics disaster, later topics ceasefire, at line 14

Whether a part tells news of its own or mentions something in passing is for the reader to judge, so that later topics
are no part of the label (how many are right: docs/experiments.md). Leaves out: the label (pipeline.py), cutting a text
into stories that are labelled for themselves (`--split`, pages.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from classifier.decide import Floats, probabilities_of, topics_given
from classifier.evidence import Evidence, Model
from classifier.page_cues import Line
from classifier.pages import NEWLINE, read_lines, start_probabilities
from classifier.sentences import sentences
from classifier.stories import Story
from classifier.tokens import story_text

if TYPE_CHECKING:
    from classifier.prediction import Prediction

LIKELY = 0.01  # from here on a line may begin a part: finds nine in ten, and makes two parts of a long story
CLEAR = 0.4  # from here on it does, and what was read before it ends
_READ_CHARACTERS = 3_000  # of a part: more than a window holds


def with_later_topics(model: Model, stories: Sequence[Story], predictions: Sequence[Prediction]) -> list[Prediction]:
    """The predictions with later topics, each with the line at which the part begins that is most about it.

    Args:
        model: The classifier that made the predictions.
        stories: Parts of all are scored together.
        predictions: What the model said of each.
    """
    found = [_parts(model, story, prediction) for story, prediction in zip(stories, predictions, strict=True)]
    texts = [
        story_text("", story.text[part.start : part.read_to])
        for story, parts in zip(stories, found, strict=True)
        for part in parts
    ]
    logits, _ = model.text_logits(model.tokenizer.windows(texts, max_windows=1))
    scores = probabilities_of(logits, model.manifest.decision)
    ends = list(accumulate(len(parts) for parts in found))
    return [
        replace(prediction, later_topics=_later(model, story, prediction, parts, scores[end - len(parts) : end]))
        for story, prediction, parts, end in zip(stories, predictions, found, ends, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a text: its first line is `text[start:end]`, and it is read up to `read_to`."""

    start: int
    end: int
    read_to: int


def _later(
    model: Model, story: Story, prediction: Prediction, parts: Sequence[_Part], scores: Floats
) -> dict[str, tuple[Evidence, ...]]:
    """The later topics of one story; `scores` has the shape (parts, topics)."""
    given = topics_given(scores, model.manifest.decision)
    later: dict[str, tuple[Evidence, ...]] = {}
    for topic, label in enumerate(model.manifest.labels):
        if label not in prediction.topics and given[:, topic].any():
            best = int(np.where(given[:, topic], scores[:, topic], -1.0).argmax())
            start, end = parts[best].start, parts[best].end
            later[label] = (Evidence(story.text[start:end], start, end, float(scores[best, topic])),)
    return later


def _parts(model: Model, story: Story, prediction: Prediction) -> list[_Part]:
    """The parts that may begin behind the first window; none where the story is no longer than that."""
    window = model.tokenizer.content_length
    if prediction.error is not None or prediction.tokens_total <= window:
        return []
    behind = len(story.text) * window // prediction.tokens_total  # characters: about where the first window ends
    lines = read_lines(story.text)
    parts = _from_lines(story.text, lines) if len(lines) > 1 else _from_sentences(story.text, behind)
    return [part for part in parts if part.start >= behind]


def _from_lines(text: str, lines: list[Line]) -> list[_Part]:
    """Parts that begin at lines at which they may begin."""
    raw = NEWLINE.split(text)
    widths = [len(line) + len(end) for line, end in zip(raw, [*NEWLINE.findall(text), ""], strict=True)]
    offsets = [0, *accumulate(widths)]
    starts = [offsets[line.number - 1] + raw[line.number - 1].index(line.text) for line in lines]
    chances = start_probabilities(lines)
    clear = [*(starts[number] for number in np.flatnonzero(chances >= CLEAR).tolist()), len(text)]
    parts = []
    for number in np.flatnonzero(chances >= LIKELY).tolist():
        start = starts[number]
        read_to = min(start + _READ_CHARACTERS, clear[bisect_right(clear, start)])
        parts.append(_Part(start, start + len(lines[number].text), read_to))
    return parts


def _from_sentences(text: str, step: int) -> list[_Part]:
    """Parts of a text without line breaks: they begin at sentences, at least `step` characters from one another."""
    parts: list[_Part] = []
    for start, end in sentences(text):
        if not parts or start - parts[-1].start >= step:
            parts.append(_Part(start, end, start + _READ_CHARACTERS))
    return parts
