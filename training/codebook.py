"""The codebook of a config against its topics: a file that another config was copied with describes others.

Leaves out: whether the file is there (preflight.py), what it says of a topic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from training.config import DataConfig

_BETWEEN_WORDS = re.compile(r"[\W_]+")


def undescribed(data: DataConfig) -> Sequence[str]:
    """The topics whose names do not occur in the codebook; none where there is no codebook of plain text."""
    try:
        text = _words(Path(data.codebook or "").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ()
    return [label for label in data.labels if _words(label) not in text]


def codebook_advice(data: DataConfig, missing: Sequence[str]) -> str:
    """What is said of topics that `undescribed` found."""
    return (
        f"data.codebook {data.codebook} does not speak of {', '.join(missing)}, and goes into the model folder as what "
        "the topics mean. Name one of your own, or leave data.codebook out."
    )


def _words(text: str) -> str:
    """Words with one blank before each: "Law_and-order" -> " law and order"; a plural begins with its singular."""
    return f" {_BETWEEN_WORDS.sub(' ', text.casefold()).strip()}"
