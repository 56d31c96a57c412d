"""Classifier: story → windows → batches → logits → probabilities → Prediction, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from classifier.batching import batches
from classifier.decide import Floats, needs_review, pool, probabilities_of, ranked_topics, topics_given
from classifier.engines import Engine, check_names, engine_for
from classifier.errors import ModelError
from classifier.manifest import WITHOUT_CASCADE, Manifest, load_first, load_manifest
from classifier.own_thread import own_thread
from classifier.places import with_evidence, with_later_topics
from classifier.prediction import Prediction, Scored, ScoreStore
from classifier.scorable import CHUNK, as_story, chunks, chunks_before_error, read_texts, several
from classifier.scripts import is_unread
from classifier.stories import Story
from classifier.tokens import Tokenizer, Windows

DEFAULT_MODEL = "news"


class Classifier:
    """A model folder on an engine.

    Attributes:
        max_windows: The most windows of a story that are read, from its start; None reads as much as the model's rules
            ask for. What was read is in every prediction.
        first: In a cascade, the smaller model that looks first, and whose answer stands where it is sure; else None.
    """

    def __init__(
        self,
        manifest: Manifest,
        tokenizer: Tokenizer,
        engine: Engine,
        *,
        max_windows: int | None = None,
        first: Classifier | None = None,
    ) -> None:
        self.manifest = manifest
        self.tokenizer = tokenizer
        self.engine = engine
        self.max_windows = max_windows if manifest.decision.reads_whole else 1
        self.first = first

    @classmethod
    def load(
        cls,
        model: str | Path = DEFAULT_MODEL,
        *,
        engine: str = "auto",
        device: str = "auto",
        max_windows: int | None = None,
        cascade: bool = True,
    ) -> Classifier:
        """A classifier ready to run; every file it uses is verified first.

        Args:
            model: The name of a shipped model, or a model folder.
            engine: "auto", "openvino" or "torch".
            device: "auto", "cpu", "cuda" or "cuda:N".
            max_windows: The most windows of a story that are read, at least 1; None reads it whole where the model's
                rules ask for that.
            cascade: Let the smaller model look first where the folder names one; False scores every story with the
                whole model, which is slower.

        Raises:
            ModelError: If the folder, or that of the smaller model, is missing, unreadable, damaged or inconsistent.
            EngineError: If the engine or device is unknown or not present.
            MissingExtraError: If torch is asked for and not installed.
            ValueError: If `max_windows` is below 1.
        """
        if max_windows is not None and max_windows < 1:
            raise ValueError(f"max_windows is {max_windows}, at least 1 window is read")
        check_names(engine, device)
        manifest = load_manifest(model)
        manifest.verify(["tokenizer.json", "config.json"])
        tokenizer = Tokenizer.from_file(
            manifest.model_dir / "tokenizer.json", max_length=manifest.max_length, stride=manifest.stride
        )
        load = engine_for(engine, device)
        if not cascade or manifest.cascade is None:
            return cls(manifest, tokenizer, load(manifest), max_windows=max_windows)
        smaller = load_first(manifest)
        with own_thread(partial(load, smaller)) as loading:  # most of a cold start is the loading of engines
            whole = load(manifest)
        try:
            first = cls(smaller, tokenizer, loading.result())
        except ModelError as error:
            raise ModelError(f"{error}\n{WITHOUT_CASCADE}") from error
        manifest = replace(manifest, decision=manifest.rule)
        return cls(manifest, tokenizer, whole, max_windows=max_windows, first=first)

    def __copy__(self) -> Classifier:
        """Another with the same engines."""
        return Classifier(self.manifest, self.tokenizer, self.engine, max_windows=self.max_windows, first=self.first)

    def __reduce__(self) -> NoReturn:
        """Refuses to be pickled, which would load the model again with each call that a pool hands over."""
        raise TypeError(
            "a Classifier cannot be pickled: its engine belongs to one process. Load it in each process, in a pool by "
            "its initializer, and hand over the stories alone."
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The topics, in the order of every array."""
        return self.manifest.labels

    def classify(self, story: str | Story, *, evidence: bool = False, later: bool = False) -> Prediction:
        """The prediction for one story; `evidence` and `later` as in `classify_chunk`."""
        return self.classify_many([as_story(story)], evidence=evidence, later=later)[0]

    def classify_many(
        self, stories: Iterable[str | Story], *, evidence: bool = False, later: bool = False
    ) -> list[Prediction]:
        """One prediction a story, in order."""
        return [prediction for _, prediction in self.stream(stories, evidence=evidence, later=later)]

    def stream(
        self, stories: Iterable[str | Story], *, chunk: int = CHUNK, evidence: bool = False, later: bool = False
    ) -> Iterator[tuple[Story, Prediction]]:
        """Every story with its prediction, in order; `evidence` and `later` as in `classify_chunk`.

        At most `chunk` stories are held at a time: so many are read before the first of them comes back, fewer at the
        end and before an error of `stories`. With 1 each comes as soon as it is read, as from a feed that is awaited.
        """
        for part in chunks_before_error(stories, chunk):
            yield from zip(part, self.classify_chunk(part, evidence=evidence, later=later), strict=True)

    def classify_chunk(
        self,
        stories: Sequence[str | Story],
        store: ScoreStore | None = None,
        *,
        evidence: bool = False,
        later: bool = False,
        read: tuple[Sequence[str], Sequence[str | None]] | None = None,
    ) -> list[Prediction]:
        """One prediction a story, in order; each text is scored once.

        Args:
            stories: Held and scored together.
            store: Where scores of earlier texts are looked up and new ones are kept; None looks no further back
                than this chunk.
            evidence: Also find the sentences that carried each topic.
            later: Also find the topics that a long story turns to only later (later.py).
            read: What `scorable.read_texts` gave for these stories, where it was asked before.
        """
        part = [as_story(story, number) for number, story in enumerate(several(stories))]
        texts, errors = read or read_texts(part)
        scored = self._score_once([text for text, error in zip(texts, errors, strict=True) if error is None], store)
        rows = [scored.get(text) if error is None else None for text, error in zip(texts, errors, strict=True)]
        predictions = self._decide(texts, rows, errors)
        if later:
            predictions = with_later_topics(self, part, predictions, store)
        return with_evidence(self, part, predictions, store) if evidence else predictions

    def decision_function(self, stories: Iterable[str | Story]) -> Floats:
        """Raw logits, shape (stories, topics), unbounded; NaN for a story that cannot be scored."""
        return np.concatenate([np.zeros((0, len(self.labels))), *map(self._logits, chunks(stories))])

    def predict_proba(self, stories: Iterable[str | Story]) -> Floats:
        """Calibrated probabilities, shape (stories, topics), each 0 to 1; NaN for a story that cannot be scored."""
        return probabilities_of(self.decision_function(stories), self.manifest.decision)

    def predict(self, stories: Iterable[str | Story]) -> NDArray[np.bool_]:
        """Which topics each story gets, shape (stories, topics); none for a story that cannot be scored."""
        return topics_given(self.predict_proba(stories), self.manifest.decision)

    def window_logits(self, windows: Sequence[Sequence[int]]) -> Floats:
        """Raw logits of token windows by the whole model, shape (windows, topics), in the order given."""
        logits = np.zeros((len(windows), len(self.labels)))
        budget, manifest = self.engine.token_budget, self.manifest
        made = batches(windows, token_budget=budget, pad_id=manifest.pad_id, max_length=manifest.max_length)
        for batch, values in self.engine.run(made):
            logits[batch.indices] = values
        return logits

    def score(self, texts: Sequence[str]) -> list[Scored]:
        """Logits and token counts of texts (what `story_text` gives), in order."""
        read = self.tokenizer.windows(texts, max_windows=self.max_windows)
        logits, is_early = self.text_logits(read)
        cascade = self.manifest.cascade
        most = self.tokenizer.content_of(cascade.max_length) if cascade is not None else 0
        return [
            Scored(tuple(row), min(windows.tokens_read, most) if early else windows.tokens_read, windows.tokens_total)
            for row, early, windows in zip(logits.tolist(), is_early.tolist(), read, strict=True)
        ]

    def text_logits(self, read: Sequence[Windows]) -> tuple[Floats, NDArray[np.bool_]]:
        """Logits of texts from their windows, shape (texts, topics), and where a cascade's first model was sure."""
        if (first := self.first) is None or (cascade := self.manifest.cascade) is None:
            return self._whole_logits(read), np.zeros(len(read), dtype=np.bool_)
        openings = [self.tokenizer.shortened(windows.input_ids[0], cascade.max_length) for windows in read]
        logits = cascade.on_scale(of_first := first.window_logits(openings))
        is_early = cascade.is_sure(probabilities_of(logits, self.manifest.decision))
        later = np.flatnonzero(~is_early).tolist()
        logits[later] = self._whole_logits([read[row] for row in later]) + cascade.share * of_first[later]
        return logits, is_early

    def _whole_logits(self, read: Sequence[Windows]) -> Floats:
        """Logits of texts by the whole model, shape (texts, topics)."""
        decision = self.manifest.decision
        logits = self.window_logits([window for windows in read for window in windows.input_ids])
        counts = [len(windows.input_ids) for windows in read]
        return pool(logits, counts, decision.pooling, decision.late_margin)

    def _score_once(self, texts: Sequence[str], store: ScoreStore | None) -> dict[str, Scored]:
        """The scores of all different texts."""
        unique = list(dict.fromkeys(texts))
        known = store.get(unique) if store is not None else {}
        new = [text for text in unique if text not in known]
        scored = dict(zip(new, self.score(new), strict=True))
        if store is not None and scored:
            store.put(scored)
        return {**known, **scored}

    def _decide(
        self, texts: Sequence[str], rows: Sequence[Scored | None], errors: Sequence[str | None]
    ) -> list[Prediction]:
        """Predictions from texts and their scores; None is a story that could not be scored."""
        decision, nothing = self.manifest.decision, (float("nan"),) * len(self.labels)
        logits = np.array([row.logits if row else nothing for row in rows]).reshape(len(rows), len(self.labels))
        probabilities = probabilities_of(logits, decision)
        review = needs_review(probabilities, decision).tolist()
        topics, scores = ranked_topics(probabilities, decision), probabilities.tolist()
        return [
            Prediction(model=self.manifest.id, error=error)
            if row is None
            else Prediction(
                topics=topics[number],
                scores=dict(zip(self.labels, scores[number], strict=True)),
                review=review[number] or is_unread(texts[number], self.manifest.scripts),
                tokens_read=row.tokens_read,
                tokens_total=row.tokens_total,
                model=self.manifest.id,
            )
            for number, (row, error) in enumerate(zip(rows, errors, strict=True))
        ]

    def _logits(self, stories: Sequence[Story]) -> Floats:
        """Story logits, shape (stories, topics); NaN for a story that cannot be scored."""
        texts, errors = read_texts(stories)
        logits = np.full((len(stories), len(self.labels)), np.nan)
        good = [row for row, error in enumerate(errors) if error is None]
        if good:
            logits[good] = [scored.logits for scored in self.score([texts[row] for row in good])]
        return logits
