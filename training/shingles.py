"""When two texts are nearly the same: they share most of the word 4-grams of their first 60 words.

Leaves out: what is done about it (data.py leaves stories out, near_pairs.py reports them).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"\w+")


def shingles(text: str, size: int = 4, words: int = 60) -> frozenset[int]:
    """Hashes of the word 4-grams of the first 60 words, lower case; a shorter text is one shingle."""
    found = _WORD.findall(text.lower())[:words]
    grams = (tuple(found[start : start + size]) for start in range(max(1, len(found) - size + 1)))
    return frozenset(hash(gram) for gram in grams)


class NearTexts:
    """Texts among which near-duplicates of others are looked up.

    >>> "a b c d e f" in NearTexts(["a b c d e", "x y z"], near=0.5)
    True
    """

    def __init__(self, texts: Iterable[str], near: float) -> None:
        """Two texts are near-duplicates if the share `near` of the smaller one's 4-grams is in the other."""
        self._near = near
        self._grams = [shingles(text) for text in texts]
        self._index: dict[int, list[int]] = {}
        for number, grams in enumerate(self._grams):
            for gram in grams:
                self._index.setdefault(gram, []).append(number)

    def __contains__(self, text: str) -> bool:
        """True if one of the texts is nearly this one."""
        grams = shingles(text)
        shared = Counter(number for gram in grams for number in self._index.get(gram, ()))
        return any(count >= self._near * min(len(grams), len(self._grams[n])) for n, count in shared.items())
