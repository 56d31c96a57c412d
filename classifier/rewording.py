"""Messages that speak of predict's options → the same for a caller that has others: a config, a call in Python.

Leaves out: the words of each caller (reading.py, training/reading.py, training/cascade_texts.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from classifier.errors import InputError
from classifier.stories import Story


@contextmanager
def in_other_words(words: Mapping[str, str]) -> Iterator[None]:
    """An InputError of this block is raised as `reworded`."""
    try:
        yield
    except InputError as error:
        raise InputError(reworded(str(error), words)) from error.__cause__


def stories_in_other_words(stories: Iterator[Story], words: Mapping[str, str]) -> Iterator[Story]:
    """The stories, with what is wrong with one, or with all, `reworded`."""
    with in_other_words(words):
        for story in stories:
            yield story if story.error is None else replace(story, error=reworded(story.error, words))


def reworded(message: str, words: Mapping[str, str]) -> str:
    """The message with what fits a pattern replaced."""
    for pattern, instead in words.items():
        message = re.sub(pattern, instead, message)
    return message
