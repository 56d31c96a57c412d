"""Lines of a page → numbers that tell where a story starts.

A line's cues are its shape (a kicker in capitals, a dateline, no full stop), how it reads ("At least two were" opens a
story, "He also said" does not), and how well it continues the lines before it (rare words in common, the likeness of
word vectors). `describe` puts the cues of a line, of its neighbours and of the page side by side.
Left out: which lines are boilerplate (boilerplate.py), the network that weighs the cues (page_model.py), and how the
lexicon is learned (training/page_lexicon.py).
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier.boilerplate import WORD

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

# Patterns counted in a line, up to four times.
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        r"^[‘“'\"(]?[A-Z][A-Z0-9 .,&'’‘-]{1,38}[A-Z0-9][’”'\")]?: ?\S",  # a kicker
        r"^(?:[A-Z][\w.’'-]*,? ){1,5}(?:\([A-Za-z ]{2,20}\) ?)?(?:—|–|--?) ",  # a dateline
        r"^\(?(?:[A-Z]\w+ ){0,3}\((?:AP|AFP|CNN|UPI|Reuters)\)",  # an agency
        r"[.!?…][\"'”’)\]»*]*$",  # a full stop
        r"(?:\.\.\.|…|\[[.…]+\])$",  # cut off with dots
        r"[\"'”’)]$",  # a closing quote
        r"[:;,]$",
        r"\?$",
        r"^[\"“‘'](?![A-Z ]+[’'\"”]:)",  # an opening quote that is no kicker's
        r"^[a-z]",
        r"^(?:[-•*–—·▪]|\d{1,2}[.)] )",  # a bullet
        r"\d",
        r"[.!?][\"”’]? [A-Z“\"]",  # the end of a sentence inside
    )
)
_FULL_STOP, _PAUSE = 3, 6  # their places in _SHAPES
MIN_HEADLINE, MAX_HEADLINE = 13, 140  # characters
_READ_CHARS = 1200  # of a line: enough to know it by, and it bounds the time
_OPENER_WORDS = 40  # of a line
_RARE = 3.2  # inverse document frequency above which a word binds lines that share it
_REACH = 8  # lines over which it binds
_WINDOWS = ((1, 1), (3, 1), (1, 3), (3, 3), (8, 4))  # lines above, lines from here on: how alike are they?
NEIGHBOURS = 2  # lines on either side that a layer of the network sees


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page that belongs to a story."""

    number: int  # in the page, from 1
    text: str  # stripped
    is_after_blank: bool = False
    dropped: int = 0  # boilerplate lines just above
    start: int = field(default=0, compare=False)  # of `text` in the page, in characters from 0


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of words.

    Attributes:
        word_ids: Row of each known word, lower case.
        rarity: Shape (words + 1,), inverse document frequency; the last is an unknown word's.
        vectors: Shape (words + 1, dimensions); their sums are alike within a story; the last is zero.
        openers: How much a word speaks for a story's first line: "^in" as its first word, "^in a" as its
            first two ("?" is a name or an unknown word), "in" elsewhere.
    """

    word_ids: dict[str, int]
    rarity: Floats
    vectors: Floats
    openers: dict[str, float]


def describe(lines: list[Line], lexicon: Lexicon) -> Floats:
    """Cues of each line, its neighbours and the whole page: shape (lines, inputs)."""
    texts = [line.text[:_READ_CHARS] for line in lines]
    layout = [[line.is_after_blank, min(line.dropped, 3)] for line in lines]
    cues = np.hstack([shape_cues(texts), layout, word_cues(texts, lexicon)]).astype(np.float32)
    return surround(cues)


def surround(rows: Floats) -> Floats:
    """Each line's row with its neighbours' and the page's mean: shape (lines, 6 times the columns)."""
    padded = np.pad(rows, ((NEIGHBOURS, NEIGHBOURS), (0, 0)))
    shifted = [padded[i : i + len(rows)] for i in range(2 * NEIGHBOURS + 1)]
    return np.hstack([*shifted, np.broadcast_to(rows.mean(axis=0), rows.shape)])


def shape_cues(texts: list[str]) -> Floats:
    """How lines look: shape (lines, shapes + 5)."""
    counts = np.array([[min(len(shape.findall(text)), 4) for shape in _SHAPES] for text in texts], np.float32)
    length = np.array([len(text) for text in texts], np.float32)
    is_open = counts[:, [_FULL_STOP, _PAUSE]].sum(axis=1) == 0  # no closing punctuation
    words = [[word for word in text.split() if len(word) > 3] for text in texts]
    more = [
        np.log(length) - 5,
        is_open & (length > MAX_HEADLINE),  # cut off
        is_open & (length <= MAX_HEADLINE) & (length >= MIN_HEADLINE),  # like a headline
        [sum(word[0].isupper() for word in some) / (1 + len(some)) for some in words],
        [text.isupper() for text in texts],
    ]
    return np.hstack([counts, np.array(more, np.float32).T])


def word_cues(texts: list[str], lexicon: Lexicon) -> Floats:
    """How lines read, and how well each continues those above: shape (lines, windows + 3)."""
    words = [WORD.findall(text) for text in texts]
    forms: dict[str, int] = {}  # the page's distinct words as written
    form = np.array([forms.setdefault(word, len(forms)) for some in words for word in some], np.int64)
    counts = np.array([len(some) for some in words], np.int64)
    line = np.repeat(np.arange(len(texts)), counts)  # (tokens,), as is `form`
    keys = [word_key(word) for word in forms]
    row = np.array([lexicon.word_ids.get(key, -1) for key in keys], np.int64)  # (forms,)
    first: dict[str, int] = {}
    number = np.array([first.setdefault(key, i) for i, key in enumerate(keys)], np.int64)  # (forms,)
    vectors = np.zeros((len(texts), lexicon.vectors.shape[1]))
    if len(form):
        starts = (np.cumsum(counts) - counts)[counts > 0]
        vectors[counts > 0] = np.add.reduceat(lexicon.vectors[row][form], starts)
    openers = lexicon.openers
    opening = [sum(openers.get(key, 0.0) for key in opener_keys(some, openers)) for some in words]
    repeated = repetition(line, number[form], lexicon.rarity[row][form], len(texts))
    return np.stack([opening, *repeated, *likeness(vectors)], axis=1)


def word_key(word: str) -> str:
    """Name of a word in the lexicon: "Seoul’s" -> "seoul"."""
    return word.lower().removesuffix("'s").removesuffix("’s")


def opener_keys(words: list[str], first_words: Container[str]) -> list[str]:
    """A line's words as `Lexicon.openers` names them: "At least two" -> ^at, ^at least, least, two."""
    if not words:
        return []
    first = f"^{words[0].lower()}"
    first = first if first in first_words else "^?"
    second = words[1] if len(words) > 1 and words[1][0].islower() else "?"
    later = dict.fromkeys(word for word in words[1:_OPENER_WORDS] if word[0].islower())
    return [first, f"{first} {second}", *later]


def repetition(line: Ints, word: Ints, rarity: Floats, count: int) -> tuple[Doubles, Doubles]:
    """Shares of each line's rare words that also stand just above, and just below: shapes (lines,).

    Args:
        line: Shape (tokens,), ascending.
        word: Shape (tokens,), the same number for the same word.
        rarity: Shape (tokens,).
        count: Number of lines.
    """
    is_rare = rarity > _RARE
    place, token = np.unique(word[is_rare] * count + line[is_rare], return_index=True)  # a word once a line
    word, line, weight = place // count, place % count, rarity[is_rare][token]
    step = np.diff(line, prepend=0)  # lines since the same word, where it is the same
    is_near = (np.diff(word, prepend=-1) == 0) & (step <= _REACH)
    total = 5 + np.bincount(line, weight, count)
    above = np.bincount(line[is_near], weight[is_near], count)
    below = np.bincount((line - step)[is_near], weight[is_near], count)
    return above / total, below / total


def likeness(vectors: Doubles) -> list[Doubles]:
    """Cosines between the lines above each line and those from it on, per window: shapes (lines,).

    Args:
        vectors: Shape (lines, dimensions), the vectors of a line's words added up.
    """
    count = len(vectors)
    sums = np.pad(np.cumsum(vectors, axis=0), ((1, 0), (0, 0)))  # (lines + 1, dimensions)
    here = np.arange(count)
    cosines = []
    for above, below in _WINDOWS:
        before = sums[here] - sums[np.maximum(here - above, 0)]
        after = sums[np.minimum(here + below, count)] - sums[here]
        lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
        cosines.append((before * after).sum(axis=1) / (3 + lengths))  # 3: few words say little
    return cosines
