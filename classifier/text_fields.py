"""What others call the text of a story, and how Telegram writes it.

Leaves out: which field is read (stories.py), what is said of one that is not (fields.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

_ABOUT = frozenset(["abstract", "description", "lead", "lede", "summary"])  # said of a collection of stories as well
BODIES = _ABOUT | frozenset(  # as `bare` has them
    [
        *("article", "articlebody", "articlecontent", "articletext", "body", "bodytext", "content", "contenthtml"),
        *("contenttext", "fulltext", "maintext", "story", "storytext", "text", "textbody"),
    ]
)
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_LOOKED_AT = 100  # elements of a list


def bare(name: str) -> str:
    """A name without case, blanks, underscores and hyphens: "Full Text" is "fulltext"."""
    return _BETWEEN_WORDS.sub("", name).lower()


def has_body(record: Mapping[str, Any]) -> bool:
    """Whether a text stands in a record under another name, one that is not said of a collection of stories too."""
    return any(_is_filled(value) and bare(name) in BODIES - _ABOUT for name, value in record.items())


def are_like_stories(elements: Iterable[Any]) -> bool:
    """Whether all these are objects, and one has a text or headline by some name, or a text one level down."""
    seen = list(islice(elements, _LOOKED_AT))
    return all(isinstance(one, dict) for one in seen) and any(map(_is_like_story, seen))


def _is_like_story(record: Mapping[str, Any]) -> bool:
    inner = [(name, value) for inner in record.values() if isinstance(inner, dict) for name, value in inner.items()]
    filled = {bare(name) for name, value in [*record.items(), *inner] if _is_filled(value)}
    return not filled.isdisjoint(BODIES) or any(_is_filled(record.get(name)) for name in ("title", "headline"))


def text_in_parts(value: Any) -> str | None:
    """The text that Telegram writes as a list of strings and of objects, for what is bold or a link; None for others.

    >>> text_in_parts([{"type": "bold", "text": "Truce"}, " Envoys met."])
    'Truce Envoys met.'
    """
    if not isinstance(value, list) or not any(isinstance(part, dict) for part in value):
        return None
    parts = [part.get("text") if isinstance(part, dict) and "type" in part else part for part in value]
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else None


def _is_filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
