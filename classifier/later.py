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
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from classifier.decide import Floats, probabilities_of, topics_given
from classifier.evidence import Model
from classifier.pages import start_probabilities, story_lines
from classifier.prediction import ByTopic, Evidence, Prediction
from classifier.scorable import CHUNK
from classifier.sentences import sentences
from classifier.stories import Story
from classifier.tokens import read_parts, story_text

LIKELY = 0.01  # from here on a line may begin a part: finds nine in ten, and makes two parts of a long story
CLEAR = 0.4  # from here on it does, and what was read before it ends
MOST = 64  # parts of a story, which bounds the work: those of 16,000 tokens, were each a window
_READ_CHARACTERS = 3_000  # of a part: more than a window holds
_LONG_LINE = 1_500  # characters: several paragraphs, their line breaks lost


def is_long(model: Model, prediction: Prediction) -> bool:
    """True for a story that goes on behind its first window."""
    return prediction.error is None and prediction.tokens_total > model.tokenizer.content_length


def find_later_topics(model: Model, stories: Sequence[Story], predictions: Sequence[Prediction]) -> list[ByTopic]:
    """The later topics of each story, each with the line at which the part begins that is most about it.

    In a text that has lost its lines it is the sentence of the part that is most about it by itself.

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
    scores = np.concatenate([_scores(model, texts[start : start + CHUNK]) for start in range(0, len(texts) + 1, CHUNK)])
    ends = list(accumulate(len(parts) for parts in found))
    return [
        _later(model, story, prediction, parts, scores[end - len(parts) : end])
        for story, prediction, parts, end in zip(stories, predictions, found, ends, strict=True)
    ]


def _scores(model: Model, texts: Sequence[str]) -> Floats:
    """Calibrated probabilities of each text's first window, shape (texts, topics)."""
    logits, _ = model.text_logits(model.tokenizer.windows(texts, max_windows=1))
    return probabilities_of(logits, model.manifest.decision)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a text.

    Attributes:
        start: Where its first line or sentence begins.
        end: Where that ends.
        read_to: Where the model stops to read.
        chance: How likely it is that a part begins here, 0 to 1.
        within: For a part that begins at a sentence within a line, about where its first window ends; else None.
    """

    start: int
    end: int
    read_to: int
    chance: float = 0.0
    within: int | None = None


def _later(model: Model, story: Story, prediction: Prediction, parts: Sequence[_Part], scores: Floats) -> ByTopic:
    """The later topics of one story; `scores` has the shape (parts, topics)."""
    given = topics_given(scores, model.manifest.decision)
    later: dict[str, tuple[Evidence, ...]] = {}
    for topic, label in enumerate(model.manifest.labels):
        if label not in prediction.topics and given[:, topic].any():
            best = int(np.where(given[:, topic], scores[:, topic], -1.0).argmax())
            start, end = _shown(model, story.text, parts[best], topic)
            later[label] = (Evidence(story.text[start:end], start, end, float(scores[best, topic])),)
    return later


def _shown(model: Model, text: str, part: _Part, topic: int) -> tuple[int, int]:
    """The line at which the part begins; where it begins at none, its sentence with the most of the topic."""
    if part.within is None:
        return part.start, part.end
    start, within = part.start, part.within
    found = ((start + begin, start + end) for begin, end in sentences(text[start : part.read_to]))
    places = [place for place in found if place[0] < within]
    scores = _scores(model, [story_text("", text[slice(*place)]) for place in places])
    return places[int(scores[:, topic].argmax())]


def _parts(model: Model, story: Story, prediction: Prediction) -> list[_Part]:
    """The parts that may begin behind the first window, the likeliest where there are many, in their order."""
    if not is_long(model, prediction):
        return []
    window = model.tokenizer.content_length
    title, text = read_parts(story.title, story.text)
    length = len(title) + bool(title and text) + len(text)
    step = max(1, length * window // prediction.tokens_total)  # about the characters of a window
    behind = _place_of(story.text, step - len(title))
    parts = [part for part in _all_parts(story.text, step) if part.start >= behind]
    return sorted(sorted(parts, key=lambda part: -part.chance)[:MOST], key=lambda part: part.start)


def _place_of(text: str, length: int) -> int:
    """Where in the text, as it was given, about so many characters of it have been read: blank space is not read."""
    place = 0
    for raw in text.splitlines(keepends=True):
        line = raw.strip()
        if line and length <= len(line):
            return place + raw.index(line) + max(0, length)
        length -= len(line) + 1 if line else 0
        place += len(raw)
    return place


def _all_parts(text: str, step: int) -> list[_Part]:
    """Parts that begin at lines at which they may begin; and, in very long lines, at sentences a window apart."""
    lines = story_lines(text)
    chances = start_probabilities(lines) if len(lines) > 1 else np.zeros(len(lines))
    clear = [*(lines[number].start for number in np.flatnonzero(chances >= CLEAR).tolist()), len(text)]
    parts = []
    for line, chance in zip(lines, chances.tolist(), strict=True):
        start = line.start
        if chance >= LIKELY:
            read_to = min(start + _READ_CHARACTERS, clear[bisect_right(clear, start)])
            parts.append(_Part(start, start + len(line.text), read_to, chance))
        if len(line.text) > max(_LONG_LINE, step):
            parts += _at_sentences(line.text, start, step)
    return parts


def _at_sentences(line: str, start: int, step: int) -> list[_Part]:
    """Parts of a line without its own lines: they begin at sentences, at least `step` characters from one another."""
    parts: list[_Part] = []
    last = 0
    for begin, end in sentences(line):
        if begin - last >= step:
            place = start + begin
            read_to = min(place + _READ_CHARACTERS, start + len(line))
            parts.append(_Part(place, start + end, read_to, within=min(place + step, read_to)))
            last = begin
    return parts
