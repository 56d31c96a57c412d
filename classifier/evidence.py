"""Evidence: the sentences of a story that carried each of its topics.

Every sentence is scored by the same model as if it were a story, and those that have a topic's probability on their own
are its evidence, the strongest first. Nothing looks into the model, so this works on every engine; it costs at most
about as many tokens as the story itself, and only where a story got a topic:

    scores of the sentences alone 0.02, 0.91, 0.40, 0.05, threshold 0.36  ->  evidence: the second, the third

How faithful that is, is measured by taking the sentences out (benchmarks/evidence.py: comprehensiveness and
sufficiency; DeYoung et al. 2020, arXiv:1911.03429). Leaves out: where a sentence ends (sentences.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.decide import Decision, Floats, probabilities_of, topics_given
from classifier.manifest import Manifest
from classifier.prediction import ByTopic, Evidence, Prediction
from classifier.sentences import sentences
from classifier.stories import Story
from classifier.tokens import Tokenizer, Windows, normalise, read_parts

MOST = 3  # sentences a topic: what a person reads at a glance


class Model(Protocol):
    """What this needs of a classifier."""

    manifest: Manifest
    tokenizer: Tokenizer
    max_windows: int | None

    def text_logits(self, read: Sequence[Windows]) -> tuple[Floats, NDArray[np.bool_]]:
        """Logits of texts from their windows, shape (texts, topics), and a second array, which is not used here."""
        ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a story: its place in `field`, and its text as the model reads it."""

    field: str
    start: int
    end: int
    read: str


def story_sentences(story: Story) -> list[Sentence]:
    """The title, unless the text repeats it (then the model reads it once), and the sentences of the text."""
    title, _ = read_parts(story.title, story.text)
    start = len(story.title) - len(story.title.lstrip())
    found = [Sentence("title", start, len(story.title.rstrip()), title)] if title else []
    found += [Sentence("text", start, end, normalise(story.text[start:end])) for start, end in sentences(story.text)]
    return [sentence for sentence in found if sentence.read]


def choose(scores: Floats, has_topic: NDArray[np.bool_]) -> list[int]:
    """Which sentences carried a topic, the strongest first.

    Those that have the topic on their own, at most half of the story and at most `MOST`; else the strongest alone.

    Args:
        scores: The topic's probability for each sentence alone, shape (sentences,), at least one.
        has_topic: Whether each sentence alone would get the topic, shape (sentences,).
    """
    order = np.argsort(-scores, kind="stable").tolist()
    most = min(MOST, max(1, len(order) // 2))
    return [order[0], *(number for number in order[1:most] if has_topic[number])]


def find_evidence(model: Model, stories: Sequence[Story], predictions: Sequence[Prediction]) -> list[ByTopic]:
    """The evidence of each story for each of its topics; empty for a story without topics.

    Args:
        model: The classifier that gave the topics.
        stories: Scored together; a sentence that stands in several of them is scored once.
        predictions: What the model said of each.
    """
    asked = [
        _Asked(story, prediction, story_sentences(story) if prediction.topics else [])
        for story, prediction in zip(stories, predictions, strict=True)
    ]
    several = [item for item in asked if len(item.sentences) > 1]
    scores = _scores(model, several) if several else {}
    return [item.evidence(model.manifest.decision, scores) for item in asked]


@dataclass(slots=True)
class _Asked:
    """A story, what the model said of it, its sentences, and how many of these were read for each topic."""

    story: Story
    prediction: Prediction
    sentences: list[Sentence]
    read: dict[str, int] = field(default_factory=dict)

    def evidence(self, decision: Decision, scores: Mapping[str, Floats]) -> ByTopic:
        """The evidence for each topic; the only sentence of a story has the story's score."""
        topics, scores_of_story = self.prediction.topics, self.prediction.scores
        if len(self.sentences) == 1:
            return {topic: (self._evidence(0, scores_of_story[topic]),) for topic in topics}
        by_topic = {}
        for topic in topics if self.sentences else ():
            column = decision.labels.index(topic)
            alone = np.stack([scores[sentence.read] for sentence in self.sentences[: self.read[topic]]])
            chosen = choose(alone[:, column], topics_given(alone, decision)[:, column])
            by_topic[topic] = tuple(self._evidence(number, float(alone[number, column])) for number in chosen)
        return by_topic

    def _evidence(self, number: int, score: float) -> Evidence:
        place = self.sentences[number]
        text = getattr(self.story, place.field)[place.start : place.end]
        return Evidence(text, place.start, place.end, score, place.field)


def count_read(model: Model, lengths: Sequence[int], prediction: Prediction) -> dict[str, int]:
    """How many of a story's sentences the model read, at least by half, for each topic given; always the first.

    Args:
        model: Its pooling says which topics look at the first window alone.
        lengths: Tokens of each sentence.
        prediction: What the model said of the story.
    """
    decision, middles = model.manifest.decision, np.cumsum(lengths) - np.asarray(lengths) / 2
    in_all = prediction.tokens_read
    in_first = min(in_all, model.tokenizer.content_length)
    pooling = dict(zip(decision.labels, decision.pooling, strict=True))
    reach = {topic: in_first if pooling[topic] == "first" else in_all for topic in prediction.topics}
    return {topic: max(1, int((middles <= tokens).sum())) for topic, tokens in reach.items()}


def _scores(model: Model, asked: Sequence[_Asked]) -> dict[str, Floats]:
    """Calibrated probabilities, shape (topics,), of every different sentence that was read, by its text."""
    texts = list(dict.fromkeys(sentence.read for item in asked for sentence in item.sentences))
    windows = dict(zip(texts, model.tokenizer.windows(texts, max_windows=model.max_windows), strict=True))
    needed: dict[str, Windows] = {}
    for item in asked:
        lengths = [windows[sentence.read].tokens_total for sentence in item.sentences]
        item.read = count_read(model, lengths, item.prediction)
        most = max(item.read.values())
        needed |= {sentence.read: windows[sentence.read] for sentence in item.sentences[:most]}
    logits, _ = model.text_logits(list(needed.values()))
    return dict(zip(needed, probabilities_of(logits, model.manifest.decision), strict=True))
