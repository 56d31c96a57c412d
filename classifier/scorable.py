"""What a caller hands over → stories in chunks, their texts, and why a story cannot be scored.

Leaves out: scoring (pipeline.py), how files become stories (stories.py).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from classifier.stories import Story
from classifier.tokens import story_text

_SEVERAL = "expected several stories (an iterable of texts or Stories)"
CHUNK = 512  # stories scored together: enough for even batches, small enough to hold
CHUNK_CHARACTERS = 8_000_000  # the same for long ones
_MISSING = ("NoneType", "NAType", "NaTType")  # of Python and Arrow, and of pandas, beside NaN
_DROPPED = frozenset(["Cc", "Cf", "Co", "Cs", "Mn", "Zl", "Zp", "Zs"])  # not Cn: emoji newer than Python's tables
LONGEST_TEXT = 2_000_000  # characters of one story: a thick book; what is longer is no news story


def read_texts(stories: Sequence[Story]) -> tuple[list[str], list[str | None]]:
    """The text of each story as the model reads it, and why it cannot be scored."""
    texts = ["" if _is_too_long(story) else story_text(story.title, story.text) for story in stories]
    return texts, [_error(story, text) for story, text in zip(stories, texts, strict=True)]


def _error(story: Story, text: str) -> str | None:
    """Why the story cannot be scored; `text` is what is left of it after normalisation."""
    if story.error is not None or _has_words(text):
        return story.error
    place = story.id if story.where is None else story.where
    where = "" if place is None else f"{place}: "
    if _is_too_long(story):
        length = len(story.title) + len(story.text)
        return f"{where}text too long ({length:,} characters, the limit is {LONGEST_TEXT:,}). Cut it into stories."
    return f"{where}empty text, nothing to label."


def _has_words(text: str) -> bool:
    """False where a tokenizer drops every character: accents without a letter, marks for what could not be decoded."""
    return any(character != "\ufffd" and unicodedata.category(character) not in _DROPPED for character in text)


def _is_too_long(story: Story) -> bool:
    return len(story.title) + len(story.text) > LONGEST_TEXT


def several(stories: Iterable[Any]) -> Iterable[Any]:
    """The same, unless it is one or a table: characters of a text, bytes or names of columns are no stories.

    Raises:
        TypeError: If it is.
    """
    kind = type(stories)  # asked instead of the value: a pandas Series has attributes by the names of its index
    if hasattr(kind, "columns") and hasattr(kind, "shape"):
        raise TypeError(f'{_SEVERAL}, got a {kind.__name__}: pass the column of texts, as in df["text"]')
    if isinstance(stories, str | Story | Mapping):
        raise TypeError(f"{_SEVERAL}, got one: use classify, or put it into a list")
    if isinstance(stories, bytes | bytearray | memoryview):
        raise TypeError(f"{_SEVERAL}, got {kind.__name__}: decode them, and use classify, or put the text into a list")
    return stories


def as_story(story: Any, number: int | None = None) -> Story:
    """A text as a Story, a Story as it is.

    Args:
        story: Of a caller; a value of an Arrow column is taken for what it holds.
        number: Its place among several, from 0, for the message.

    Raises:
        TypeError: For anything else, and for a Story whose title or text is none.
    """
    where = "" if number is None else f"stories[{number}]: "
    if isinstance(story, str):
        return Story(text=story)
    if hasattr(type(story), "as_py"):
        return as_story(story.as_py(), number)
    if not isinstance(story, Story):
        raise TypeError(f"{where}expected a text or a Story, got {type(story).__name__}{_hint(story)}")
    for name in ("title", "text"):
        if not isinstance(value := getattr(story, name), str):
            raise TypeError(f"{where}Story.{name} is {value!r}, expected a text; '' where there is none")
    return story


def _hint(value: Any) -> str:
    """What to do with a value that is no story, to be put behind a message; "" where that is plain."""
    if isinstance(value, Mapping):
        return ": Story(title=…, text=…) makes one of its fields"
    if type(value).__name__ in _MISSING or (isinstance(value, float) and math.isnan(value)):
        return """, a missing value: '' stands for no text, as in df["text"].fillna("")"""
    return ""


def chunks(stories: Iterable[str | Story], most: int = CHUNK) -> Iterator[list[Story]]:
    """The stories in lists of at most `most`, fewer where they are long; the same stories give the same lists.

    Raises:
        TypeError: For one story, and for what is none.
    """
    part: list[Story] = []
    characters = 0
    for number, item in enumerate(several(stories)):
        story = as_story(item, number)
        part.append(story)
        characters += len(story.title) + len(story.text)
        if len(part) >= most or characters >= CHUNK_CHARACTERS:
            yield part
            part, characters = [], 0
    if part:
        yield part


def chunks_before_error(stories: Iterable[str | Story], most: int = CHUNK) -> Iterator[list[Story]]:
    """The same, where `stories` raises or holds what is none with all that came before it first, then the error."""
    errors: list[Exception] = []

    def read() -> Iterator[Story]:
        try:
            for number, item in enumerate(several(stories)):
                yield as_story(item, number)
        except Exception as error:
            errors.append(error)

    yield from chunks(read(), most)
    for error in errors:
        raise error
