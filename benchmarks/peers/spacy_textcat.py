"""spaCy's `textcat_multilabel` with its default model: bag of words and a small convolutional network together."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import fastest
from classifier.decide import Floats

BATCH_SIZE = 32
MAX_WORDS = 200  # of a training story; scoring reads all of it


class Peer:
    """A blank English pipeline with the one component."""

    def __init__(self, folder: Path, *, num_topics: int, epochs: int) -> None:
        self.folder, self.labels, self.epochs, self.processes = folder, list(map(str, range(num_topics))), epochs, 1

    def train(self, texts: Sequence[str], targets: Floats) -> None:
        """A few passes over all stories, in an order that is shuffled with a fixed seed."""
        import spacy
        from spacy.training import Example
        from spacy.util import fix_random_seed, minibatch

        fix_random_seed(0)
        nlp = spacy.blank("en")
        nlp.add_pipe("textcat_multilabel")
        examples = [
            Example.from_dict(
                nlp.make_doc(" ".join(text.split()[:MAX_WORDS])),
                {"cats": dict(zip(self.labels, map(float, row), strict=True))},
            )
            for text, row in zip(texts, targets, strict=True)
        ]
        optimizer = nlp.initialize(lambda: examples)
        order = random.Random(0)
        for epoch in range(self.epochs):
            order.shuffle(examples)
            losses: dict[str, float] = {}
            for batch in minibatch(examples, size=BATCH_SIZE):
                nlp.update(batch, sgd=optimizer, drop=0.2, losses=losses)
            print(f"spaCy: epoch {epoch + 1} of {self.epochs}, loss {sum(losses.values()):.1f}", file=sys.stderr)
        with nlp.use_params(optimizer.averages):
            nlp.to_disk(self.folder / "model")

    def load(self) -> None:
        """Loads the pipeline."""
        import spacy

        self.nlp = spacy.load(self.folder / "model")

    def tune(self, texts: Sequence[str]) -> dict[str, Any]:
        """One process or one a core: it has no threads."""

        def run(processes: int) -> None:
            self.processes = processes
            self.score(texts)

        self.processes = fastest(sorted({1, os.cpu_count() or 1}), run, repeats=1)
        return {"processes": self.processes}

    def score(self, texts: Sequence[str]) -> Floats:
        """Probabilities, shape (stories, topics)."""
        processes = self.processes if len(texts) > 1 else 1
        docs = self.nlp.pipe(texts, n_process=processes, batch_size=64)
        return np.array([[doc.cats[label] for label in self.labels] for doc in docs])
