"""Pairs of stories with nearly the same text, over all splits at once.

The measure is the one by which training leaves stories out (shingles.py): word 4-grams of the first 60 words.
Exact for all but boilerplate: a 4-gram remembers the first 200 stories that have it, so that thousands of stories from
one template cost no more than a few hundred comparisons each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from training.shingles import shingles

_MOST_STORIES = 200


@dataclass(frozen=True, slots=True)
class Pair:
    """Two stories, by their numbers, `first` below `second`.

    Attributes:
        similarity: Jaccard similarity of their 4-grams, above 0 to 1; two texts that begin alike for 60 words have 1.
    """

    first: int
    second: int
    similarity: float


def near_pairs(texts: Sequence[str], near: float) -> list[Pair]:
    """The pairs in which the share `near` of the smaller text's 4-grams is in the other.

    >>> near_pairs(["a b c d e", "x y z", "a b c d e f"], 0.5)
    [Pair(first=0, second=2, similarity=0.6666666666666666)]
    """
    grams = [shingles(text) for text in texts]
    index: dict[int, list[int]] = {}
    pairs = []
    for second, own in enumerate(grams):
        shared = Counter(first for gram in own for first in index.get(gram, ()))
        for first, count in sorted(shared.items()):
            sizes = len(own), len(grams[first])
            if count >= near * min(sizes):
                pairs.append(Pair(first, second, count / (sum(sizes) - count)))
        for gram in own:
            stories = index.setdefault(gram, [])
            if len(stories) < _MOST_STORIES:
                stories.append(second)
    return pairs
