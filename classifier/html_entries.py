"""The stories of an HTML page that are no <article>s but marked as such: entries of blogs, items of schema.org.

An extractor reads the first that it finds, and loses the others:

    <div class="post hentry"><h3>Flood</h3><p>…</p></div><div class="post hentry"><h3>Truce</h3><p>…</p></div>  ->  both

Entries have the same tag and one of the names below. Two of them at least have a headline and some hundred characters
of prose of their own; so many has no teaser, and comments and wrapped paragraphs have no headline. Under a headline of
the whole page they are its sections (a live blog), unless each headline leads to a page of its own. On a page that says
that it is an article, and where one alone has an <h1>, there are none but those that a standard (microformats,
schema.org) calls stories.

Leaves out: entries by other names, and headlines that stand beside the entries, not in them. What of them an extractor
left out is found as that of <article>s is (html_articles.py).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from classifier.boilerplate import is_boilerplate
from classifier.html_articles import is_none
from classifier.html_headings import HEADINGS, PROSE, key_of, page_blocks
from classifier.html_names import REMARKS, UNREAD, WHOLE, is_furniture_by_name, is_named

_TAGS = ("div", "section", "li", "td")
_TYPE = re.compile(r"schema\.org/(?:\w*NewsArticle|BlogPosting|Article)(?!\S)")
_ENTRY = re.compile(r"(?<!\S)h-?entry(?!\S)", re.IGNORECASE)
_POST = re.compile(r"(?<!\S)(?:(?:blog-?)?post|article|story|entry|news-?item)(?!\S)", re.IGNORECASE)
_BODY = re.compile(
    r"(?<!\S)(?:entry-?content|(?:post|article|story)[_-]{0,2}(?:content|body|text))(?!\S)", re.IGNORECASE
)
_TEASERS = re.compile(
    r"teaser|more-?(?:stories|news|posts|articles)|read-?(?:next|more)|trending|popular|recirc|taboola"
)
_LIVE = re.compile(r"live-?blog")
_REPLY = re.compile(r"^(?:re|fwd?)\s*:\s*", re.IGNORECASE)
_FULL = 300  # characters of prose: more than teasers have
_FEWEST = 2  # full ones
_HEADLINE_WORDS = 3  # of a full one: fewer are the name of a writer
_TITLE_WORDS = 5  # of the headline of a page: fewer are the name of its site


@dataclass(frozen=True, slots=True)
class _Entry:
    """A headline, where it leads to, and the characters of the prose below it."""

    element: Any
    headline: str
    address: str
    prose: int

    @property
    def is_full(self) -> bool:
        return self.prose >= _FULL and len(self.headline.split()) >= _HEADLINE_WORDS


def entries_of(tree: Any, page_type: str) -> frozenset[Any]:
    """The elements that are a story each, none of them in another.

    Args:
        tree: The page, parsed by lxml.
        page_type: What the page says that it is (og:type); may be empty.
    """
    for is_standard, elements in _kinds(tree):
        entries = _entries(elements)
        headlines = {key_of(_REPLY.sub("", entry.headline)) for entry in entries if entry.is_full}
        if len(headlines) >= _FEWEST and (is_standard or not _is_one_story(tree, entries, page_type)):
            return frozenset(entry.element for entry in entries)
    return frozenset()


def _kinds(tree: Any) -> Iterator[tuple[bool, list[Any]]]:
    """Elements of the same kind, and whether a standard says that they are stories; the surest kinds first."""
    kinds: defaultdict[tuple[int, str, str], list[Any]] = defaultdict(list)
    for element in tree.iter(*_TAGS):
        names = element.get("class") or ""
        values = (element.get("itemtype") or "", names, names, f"{names} {element.get('itemprop') or ''}")
        for rank, (pattern, value) in enumerate(zip((_TYPE, _ENTRY, _POST, _BODY), values, strict=True)):
            found = pattern.search(value)
            if found is not None:
                kinds[rank, element.tag, found[0].lower()].append(element)
    for rank, tag, name in sorted(kinds):
        elements = kinds[rank, tag, name]
        if rank < 3:
            yield rank < 2 and not any(map(_is_live, elements)), elements
        else:
            yield from ((False, group) for group in _wrappers(elements))


def _is_live(element: Any) -> bool:
    """Whether an element is a part of a live blog."""
    around = (element, *element.iterancestors())
    if is_named(element, _LIVE) or "liveBlogUpdate" in (element.get("itemprop") or ""):
        return True
    return any("LiveBlogPosting" in (one.get("itemtype") or "") for one in around)


def _wrappers(bodies: Sequence[Any]) -> list[list[Any]]:
    """The elements around each of these bodies and the headline above it, by their tags and first classes."""
    held = Counter(around for body in bodies for around in body.iterancestors())
    groups: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for body in bodies:
        for around in body.iterancestors():
            if held[around] > 1 or around.tag in WHOLE:
                break
            if _has_heading_above(around, body):
                names = (around.get("class") or "").split()
                groups[around.tag, names[0] if names else ""].append(around)
                break
    return list(groups.values())


def _has_heading_above(around: Any, body: Any) -> bool:
    for element in around.iter():
        if element is body:
            break
        if element.tag in HEADINGS:
            return True
    return False


def _entries(elements: Sequence[Any]) -> list[_Entry]:
    """Those with a headline and prose; what stands in one that has them is a part of it."""
    same = set(elements) if len(elements) >= _FEWEST else set()
    entries: dict[Any, _Entry] = {}
    for element in elements:
        around = list(element.iterancestors())
        if element in same and entries.keys().isdisjoint(around) and not _is_furniture(element, around):
            entry = _entry(element, same)
            if entry is not None:
                entries[element] = entry
    return list(entries.values())


def _is_furniture(element: Any, around: Sequence[Any]) -> bool:
    """Whether an element is no story of the page, or the <article>s in or around it tell what is one."""
    if any(one.tag == "article" for one in around) or next(element.iter("article"), None) is not None:
        return True
    if any(one.tag in UNREAD or is_furniture_by_name(one) for one in around if one.tag not in WHOLE):
        return True
    return is_none(element) or is_named(element, REMARKS) or is_named(element, _TEASERS)


def _entry(element: Any, same: Collection[Any]) -> _Entry | None:
    """The headline and prose of an element, those of others of the same kind in it aside."""

    def is_left_out(part: Any) -> bool:
        return part is not element and (part in same or part.tag in UNREAD or is_furniture_by_name(part))

    headline, prose = None, 0
    for block in page_blocks(element, left_out=is_left_out):
        if not block.heading and not block.address and len(block.text) >= PROSE:
            prose += len(block.text)
        elif block.heading and not prose and not is_boilerplate(block.text):
            headline = headline or block
    return _Entry(element, headline.text, headline.address, prose) if headline and prose else None


def _is_one_story(tree: Any, entries: Sequence[_Entry], page_type: str) -> bool:
    """Whether the page says that it is an article, or the entries are parts of what stands under one headline."""
    if page_type.lower() == "article":
        return True
    elements = {entry.element for entry in entries}
    headlines = [(one, elements.isdisjoint(one.iterancestors())) for one in tree.iter("h1")]
    if len(headlines) == 1 and not headlines[0][1]:  # that of the first part is the page's
        return True
    addresses = {entry.address for entry in entries}
    if "" not in addresses and len(addresses) == len(entries):
        return False
    return any(is_around and len("".join(one.itertext()).split()) >= _TITLE_WORDS for one, is_around in headlines)
