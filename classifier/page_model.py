"""Cues of a page's lines → the probability that a story starts at each; and the fitted model, read from its file.

The network sees a line, two neighbours on either side and the mean of the page, twice over: first their cues, then what
its first layer made of them. It runs on numpy alone, well under a millisecond for a page of usual length.

    The search goes on, he said.                                           0.00
    DELUGE: Three villages were cleared after a dam burst on Monday and    0.99

Left out: the cues (page_cues.py), what is done with the probabilities (pages.py), and fitting (training/pages.py).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from classifier.page_cues import Floats, Lexicon, surround


@dataclass(frozen=True, slots=True)
class Network:
    """Two layers over standardised inputs, each seeing a line's neighbours and page, and thresholds.

    Attributes:
        centre: Shape (inputs,).
        spread: Shape (inputs,), above 0.
        lines: Shape (inputs + 1, units), the first layer; the last row is the bias, as below.
        contexts: Shape (6 times the units + 1, units), the second layer.
        output: Shape (units + 1, 1).
        line_threshold: From this probability on a line may start a story.
        page_threshold: Such lines do start stories if the probability that any of them does is at least this.
    """

    centre: Floats
    spread: Floats
    lines: Floats
    contexts: Floats
    output: Floats
    line_threshold: float
    page_threshold: float

    def probabilities(self, inputs: Floats) -> Floats:
        """Probability of a story's start, shape (lines,), for inputs of shape (lines, inputs)."""
        scaled = np.clip((inputs - self.centre) / self.spread, -5, 5)
        lines = np.maximum(_affine(scaled, self.lines), 0)
        contexts = np.maximum(_affine(surround(lines), self.contexts), 0)
        logits = np.clip(_affine(contexts, self.output)[:, 0], -30, 30)
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _affine(rows: Floats, weights: Floats) -> Floats:
    """Rows times weights plus bias."""
    product: Floats = rows @ weights[:-1] + weights[-1]
    return product


@cache
def load_page_model() -> tuple[Lexicon, Network]:
    """The fitted lexicon and network of the package."""
    path = Path(__file__).parent / "models" / "pages.json"
    model: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    arrays = {name: _array(**spec) for name, spec in model["arrays"].items()}
    ids = {word: row for row, word in enumerate(model["words"].split())}
    lexicon = Lexicon(ids, arrays["rarity"], arrays["vectors"], model["openers"])
    centre, spread, lines, contexts, output = (
        arrays[name] for name in ("centre", "spread", "lines", "contexts", "output")
    )
    thresholds = model["line_threshold"], model["page_threshold"]
    return lexicon, Network(centre, spread, lines, contexts, output, *thresholds)


def _array(data: str, dtype: str, shape: list[int], scale: float) -> Floats:
    """Array from base64."""
    return np.frombuffer(base64.b64decode(data), dtype).reshape(shape).astype(np.float32) * np.float32(scale)
