"""The scripts of a text, and whether a model has learned to read them.

A model that was trained on English gives a story in Arabic sure scores that mean nothing: it knows the letters at best.
So a model folder names the scripts of its training stories, and a story that is mostly in others is for a person:

    "Мирные talks", scripts Latin  ->  6 letters of 11 are Cyrillic: not read

Leaves out: languages. Spanish is in the Latin script as well, and nothing here notices it.
"""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

LEARNED_FROM = 0.01  # of the letters of all training stories: what is rarer was not learned
_READ_CHARACTERS = 1000  # of a story: about as much as a window of a model has
_NO_ASCII_LETTERS = bytes(set(range(128)) - set(string.ascii_letters.encode()))


def is_unread(text: str, scripts: Sequence[str]) -> bool:
    """True if more than half of the letters at the start of the text are in other scripts; of no scripts, never."""
    start = text[:_READ_CHARACTERS]
    if not scripts or ("Latin" in scripts and _is_mostly_ascii(start)):
        return False
    counts = _letters(start)
    return 2 * sum(counts[script] for script in scripts) < counts.total()


def scripts_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The scripts of at least `LEARNED_FROM` of the letters at the starts of these texts, sorted."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts += _letters(text[:_READ_CHARACTERS])
    return tuple(sorted(script for script, count in counts.items() if count >= LEARNED_FROM * counts.total()))


def what_is_unread(scripts: Sequence[str]) -> str:
    """Why a person should look at a story that is not read."""
    return f"most of it is not in the {' or '.join(scripts)} script"


def _is_mostly_ascii(text: str) -> bool:
    """True if ASCII letters are at least as many as characters that are not ASCII: found in microseconds."""
    if text.isascii():
        return True
    inside = text.encode("ascii", "ignore")
    return len(inside.translate(None, _NO_ASCII_LETTERS)) >= len(text) - len(inside)


def _letters(text: str) -> Counter[str]:
    """How many letters of each script."""
    counts: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if character.isalpha():
            counts[_script(character)] += count
    return counts


@lru_cache(1 << 14)
def _script(letter: str) -> str:
    """The first word of the letter's name: "Latin", "Cyrillic", "Hangul"; "Cjk" for Chinese characters."""
    return unicodedata.name(letter, "unknown").partition(" ")[0].capitalize()
