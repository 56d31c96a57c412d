"""A JSON object around a list of stories → the list.

    {"title": "Our export", "reports": [{"text": "…"}]}  ->  [{"text": "…"}]

An object is taken for its list where it has no text itself, and exactly one list in it, under one of the `LISTS` names,
holds stories (or other objects, where it is no story itself; of one with a title, objects with a text or headline by
another name). Where it has none of those, the same goes for a list under one of the `OTHER_LISTS` names. An object with
a title and what a story has besides (an address, a date …), or that stands in a list, is a story: only stories under
one of the `LISTS` names take its place.
Leaves out: reading the list (json_records.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

from classifier.record_types import Record
from classifier.text_fields import are_like_stories, has_body

LISTS = frozenset(
    [
        *("articles", "data", "docs", "documents", "entries", "hits", "items", "list", "news", "posts", "records"),
        *("results", "stories", "value"),
    ]
)
OTHER_LISTS = frozenset(  # may stand beside one of those
    ["alerts", "features", "headlines", "incidents", "messages", "reports", "rows", "statuses", "tweets", "updates"]
)
_OF_A_STORY = frozenset(
    ["date", "guid", "id", "link", "published", "published_at", "publishedat", "source", "uri", "url"]
)
LONG_TEXT = 300  # characters: an article whose text goes by another name
_DEEPEST = 4  # objects around a list
_LOOKED_AT = 100  # elements of a list, for one that is a story


class StoryFields(NamedTuple):
    """What tells a story from an object around stories.

    Attributes:
        text: The field of the text.
        is_story: Whether an object has what a story needs, a title perhaps.
    """

    text: str
    is_story: Callable[[Record], bool]


def list_in(parsed: Any, fields: StoryFields, *, is_element: bool = False) -> list[Any] | None:
    """The list of stories that an object stands for; None where it stands for itself.

    Args:
        parsed: The object, or another value.
        fields: What tells a story.
        is_element: Whether it stands in a list itself, as stories do.
    """
    if not isinstance(parsed, dict) or fields.text in parsed or _has_long_text(parsed, _DEEPEST):
        return None
    has_title, is_text = fields.is_story(parsed), has_body(parsed)
    if has_title and is_text:
        return None
    is_record = has_title and (is_element or not _OF_A_STORY.isdisjoint(map(str.lower, parsed)))
    lists = list(_lists(parsed, LISTS, _DEEPEST))
    is_sure = bool(lists) and not has_title
    if not lists and not is_text and not is_record:
        lists = list(_lists(parsed, OTHER_LISTS, 1 if has_title else _DEEPEST))
    stories = [found for found in lists if any(_is_story(element, fields) for element in found[:_LOOKED_AT])]
    if len(stories) == 1:
        return stories[0]
    if stories or len(lists) != 1 or not all(isinstance(one, dict) for one in lists[0]):
        return None
    if lists[0]:  # each says what it has in place of a text
        is_own = any(value is lists[0] for value in parsed.values())
        is_like = not is_record and (is_own or not has_title) and are_like_stories(lists[0])
        return lists[0] if is_sure or is_like else None
    return lists[0] if not has_title and _counts_none(parsed, _DEEPEST) else None


def _counts_none(parsed: Record, depth: int) -> bool:
    """Whether an object around an empty list says that it is one: by a number 0, or by holding nothing else."""
    values = list(parsed.values())
    inner = [value for value in values if isinstance(value, dict) and depth > 1]
    is_zero = any(value == 0 and isinstance(value, int) and not isinstance(value, bool) for value in values)
    return is_zero or values == [[]] or any(_counts_none(value, depth - 1) for value in inner)


def _is_story(element: Any, fields: StoryFields) -> bool:
    return isinstance(element, dict) and fields.is_story(element)


def _has_long_text(parsed: Record, depth: int) -> bool:
    """Whether a string in an object, or in those in it, is a text rather than a name."""
    return any(
        len(value) > LONG_TEXT
        if isinstance(value, str)
        else isinstance(value, dict) and depth > 1 and _has_long_text(value, depth - 1)
        for value in parsed.values()
    )


def _lists(parsed: Record, names: Collection[str], depth: int) -> Iterator[list[Any]]:
    """The lists under one of these names, in objects down to `depth`."""
    for name, value in parsed.items():
        if isinstance(value, list) and name.lower() in names:
            yield value
        elif isinstance(value, dict) and depth > 1:
            yield from _lists(value, names, depth - 1)
