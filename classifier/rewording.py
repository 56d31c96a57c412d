"""Messages that speak of predict's options → the same for a caller that has others: a config, a call in Python.

Leaves out: the words of each caller (reading.py, training/reading.py, training/cascade_texts.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from classifier.errors import InputError


@contextmanager
def in_other_words(words: Mapping[str, str]) -> Iterator[None]:
    """An InputError of this block is raised as `reworded`."""
    try:
        yield
    except InputError as error:
        raise InputError(reworded(str(error), words)) from error.__cause__


def reworded(message: str, words: Mapping[str, str]) -> str:
    """The message with what fits a pattern replaced."""
    for pattern, instead in words.items():
        message = re.sub(pattern, instead, message)
    return message
