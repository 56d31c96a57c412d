"""Which training stories are held out for validation: a share of all, and of every topic, the same in every run.

Leaves out: what is done with them (data.py).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

Topics = frozenset[int]


def held_out_of(topics: Sequence[Topics], texts: Sequence[str], share: float) -> set[int]:
    """The numbers of the stories that are held out: round(share x stories) of them.

    The stories stand in line by their topics, the rarest topic first, so that those with a rare topic stand together;
    each stretch of the line gives its share, and what rounding leaves over is carried on to the next. Among stories
    with the same topics, those whose text has the smallest SHA-256 are held out: the same stories give the same part,
    in whatever order they are given.

    >>> held_out_of([{0}, {1}, {0, 1}, {1}, set(), set()], ["a", "b", "c", "d", "e", "f"], 0.5)
    {0, 3, 5}

    Args:
        topics: Of each story.
        texts: Of each story.
        share: 0 to 1.
    """
    counts = Counter(topic for own in topics for topic in own)
    rank = {topic: place for place, topic in enumerate(sorted(counts, key=lambda topic: (counts[topic], topic)))}
    groups: dict[tuple[int, ...], list[int]] = {}
    for story, own in enumerate(topics):
        groups.setdefault(tuple(sorted(rank[topic] for topic in own)), []).append(story)
    held: set[int] = set()
    passed = 0
    for _, group in sorted(groups.items()):
        group.sort(key=lambda story: hashlib.sha256(texts[story].encode("utf-8")).digest())
        passed += len(group)
        held.update(group[: round(share * passed) - len(held)])
    return held
