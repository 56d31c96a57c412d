"""The codebook of a config against its topics: a file that another config was copied with describes others.

Leaves out: whether the file is there (preflight.py), what it says of a topic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from training.config import DataConfig

_BETWEEN = r"[\W_]*"  # blanks, hyphens, underscores, quotes


def undescribed(data: DataConfig) -> Sequence[str]:
    """The topics whose names do not occur in the codebook; none where there is no codebook of plain text."""
    try:
        text = Path(data.codebook or "").read_text(encoding="utf-8").casefold()
    except (OSError, UnicodeDecodeError):
        return ()
    return [label for label in data.labels if not _in_any_writing(label).search(text)]


def codebook_advice(data: DataConfig, missing: Sequence[str]) -> str:
    """What is said of topics that `undescribed` found."""
    return (
        f"data.codebook {data.codebook} does not speak of {', '.join(missing)}, and goes into the model folder as what "
        "the topics mean. Name one of your own, or leave data.codebook out."
    )


def _in_any_writing(label: str) -> re.Pattern[str]:
    """What finds a topic from the beginning of a word on: "CeaseFires" also as "cease-fire" and "CEASE_FIRE"."""
    letters = [character for character in label.casefold() if character.isalnum()]
    if len(letters) > 3 and letters[-1] == "s":
        letters.pop()  # a plural begins with its singular
    return re.compile(r"(?<![^\W_])" + _BETWEEN.join(map(re.escape, letters)))
