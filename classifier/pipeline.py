"""Classifier: story → windows → batches → logits → probabilities → Prediction, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.batching import batches
from classifier.decide import Floats, calibrate, given, needs_review, pool, ranked_topics
from classifier.engines import Engine, check_names, load_engine
from classifier.manifest import Manifest, load_manifest
from classifier.stories import Story
from classifier.tokens import Tokenizer, Windows, story_text

DEFAULT_MODEL = "news"
CHUNK = 512  # stories scored together: enough for even batches, small enough to hold
_EMPTY = "empty text, nothing to label."


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of one story.

    Attributes:
        topics: The topics given, the primary topic first; may be empty.
        scores: Calibrated probability of every topic, 0 to 1; empty if there is an error.
        review: True where a person should look: a probability lies inside its topic's review band.
        tokens_read: Content tokens that were scored.
        tokens_total: Content tokens of the whole story.
        model: Name and version of the model.
        error: Why there are no scores; None for a good story.
    """

    topics: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    review: bool = False
    tokens_read: int = 0
    tokens_total: int = 0
    model: str = ""
    error: str | None = None

    @property
    def topic(self) -> str | None:
        """The primary topic; None where the story is about none."""
        return self.topics[0] if self.topics else None


class Classifier:
    """A model folder on an engine."""

    def __init__(self, manifest: Manifest, tokenizer: Tokenizer, engine: Engine) -> None:
        self.manifest = manifest
        self.tokenizer = tokenizer
        self.engine = engine

    @classmethod
    def load(cls, model: str | Path = DEFAULT_MODEL, *, engine: str = "auto", device: str = "auto") -> Classifier:
        """A classifier ready to run; every file it uses is verified first.

        Args:
            model: The name of a shipped model, or a model folder.
            engine: "auto", "openvino" or "torch".
            device: "auto", "cpu", "cuda" or "cuda:N".

        Raises:
            ModelError: If the folder is missing, damaged or inconsistent.
            EngineError: If the engine or device is unknown or not present.
            MissingExtraError: If torch is asked for and not installed.
        """
        check_names(engine, device)
        manifest = load_manifest(model)
        manifest.verify(["tokenizer.json", "config.json"])
        tokenizer = Tokenizer.from_file(
            manifest.model_dir / "tokenizer.json", max_length=manifest.max_length, stride=manifest.stride
        )
        return cls(manifest, tokenizer, load_engine(manifest, engine, device))

    @property
    def labels(self) -> tuple[str, ...]:
        """The topics, in the order of every array."""
        return self.manifest.labels

    def classify(self, story: str | Story) -> Prediction:
        """The prediction for one story."""
        return self.classify_many([story])[0]

    def classify_many(self, stories: Iterable[str | Story]) -> list[Prediction]:
        """One prediction a story, in order."""
        return [prediction for _, prediction in self.stream(stories)]

    def stream(self, stories: Iterable[str | Story], *, chunk: int = CHUNK) -> Iterator[tuple[Story, Prediction]]:
        """Every story with its prediction, in order; `chunk` stories are held at a time."""
        iterator = iter(stories)
        while part := [_as_story(story) for story in islice(iterator, chunk)]:
            yield from zip(part, self._classify_chunk(part), strict=True)

    def decision_function(self, stories: Iterable[str | Story]) -> Floats:
        """Raw logits, shape (stories, topics), unbounded; NaN for a story that cannot be scored."""
        iterator = iter(stories)
        parts = [np.zeros((0, len(self.labels)))]
        while part := [_as_story(story) for story in islice(iterator, CHUNK)]:
            parts.append(self._score(part)[0])
        return np.concatenate(parts)

    def predict_proba(self, stories: Iterable[str | Story]) -> Floats:
        """Calibrated probabilities, shape (stories, topics), each 0 to 1; NaN for a story that cannot be scored."""
        decision = self.manifest.decision
        return calibrate(self.decision_function(stories), decision.temperature, decision.bias)

    def predict(self, stories: Iterable[str | Story]) -> NDArray[np.bool_]:
        """Which topics each story gets, shape (stories, topics); none for a story that cannot be scored."""
        return given(self.predict_proba(stories), self.manifest.decision.thresholds)

    def window_logits(self, windows: Sequence[Sequence[int]]) -> Floats:
        """Raw logits of token windows, shape (windows, topics), in the order given."""
        logits = np.zeros((len(windows), len(self.labels)))
        for batch in batches(windows, token_budget=self.engine.token_budget, pad_id=self.manifest.pad_id):
            logits[batch.indices] = self.engine.logits(batch)
        return logits

    def _classify_chunk(self, stories: Sequence[Story]) -> list[Prediction]:
        decision = self.manifest.decision
        logits, windows, errors = self._score(stories)
        probabilities = calibrate(logits, decision.temperature, decision.bias)
        review = needs_review(probabilities, decision)
        predictions = []
        for row, (read, error) in enumerate(zip(windows, errors, strict=True)):
            if read is None:
                predictions.append(Prediction(model=self.manifest.id, error=error))
                continue
            predictions.append(
                Prediction(
                    topics=ranked_topics(probabilities[row], decision),
                    scores=dict(zip(self.labels, probabilities[row].tolist(), strict=True)),
                    review=bool(review[row]),
                    tokens_read=read.tokens_read,
                    tokens_total=read.tokens_total,
                    model=self.manifest.id,
                )
            )
        return predictions

    def _score(self, stories: Sequence[Story]) -> tuple[Floats, list[Windows | None], list[str | None]]:
        """Story logits of shape (stories, topics), the windows read, and the error of each story.

        A story with an error has NaN logits and no windows.
        """
        texts = [story_text(story.title, story.text) for story in stories]
        errors = [story.error or (None if text else _EMPTY) for story, text in zip(stories, texts, strict=True)]
        good = [row for row, error in enumerate(errors) if error is None]
        decision = self.manifest.decision
        most = None if decision.reads_whole else 1
        read = self.tokenizer.windows([texts[row] for row in good], max_windows=most)
        flat = [window for windows in read for window in windows.input_ids]
        logits = np.full((len(stories), len(self.labels)), np.nan)
        counts = [len(windows.input_ids) for windows in read]
        logits[good] = pool(self.window_logits(flat), counts, decision.pooling)
        by_story: list[Windows | None] = [None] * len(stories)
        for row, windows in zip(good, read, strict=True):
            by_story[row] = windows
        return logits, by_story, errors


def _as_story(story: str | Story) -> Story:
    return Story(text=story) if isinstance(story, str) else story
