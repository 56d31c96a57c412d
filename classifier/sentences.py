"""News text → sentences, as places in the text as it was given.

    "He met Mr. Li.<br>U.S. aid came." -> (0, 14), (18, 31)

Rules, no model: a sentence ends at a line break and at a full stop, question or exclamation mark that is not part of an
abbreviation, an initial or a number. Entities, tags and invisible characters are seen as the reader of the story sees
them (tokens.py), but the places count the characters of the original. Where a rule is in doubt it does not cut: two
sentences taken for one lose less than one cut in two. Leaves out: what a sentence means for a topic (evidence.py).
"""

from __future__ import annotations

import html
import re

import numpy as np

from classifier.tokens import BROKEN_ENTITY, INVISIBLE, TAG

Place = tuple[int, int]  # from, up to: text[from:upto]

_ENTITY = re.compile(r"&(?:amp;)?(?:#\w{1,8}|\w{1,31});")
_HIDDEN = re.compile(f"{TAG.pattern}|{_ENTITY.pattern}|{BROKEN_ENTITY.pattern}|{INVISIBLE.pattern}", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|abbr|b|cite|code|em|font|i|img|q|s|small|span|strong|sub|sup|u)\b", re.IGNORECASE)
_CLOSING = "\"'”’»)\\]"
_OPENING = "\"'“‘«(\\["
_BREAK = r"\n\r\x0b\x0c\x85\u2028\u2029"
_END = re.compile(
    rf"(?P<line>[{_BREAK}]\s*)"
    rf"|(?P<mark>[.!?…](?<![.!?…].)[.!?…]*)[{_CLOSING}]*[^\S{_BREAK}]+(?=\S)"
    rf"|(?P<wide>[。！？]+)[{_CLOSING}」』）]*"
    rf"|(?P<tight>[.!?])(?<=[a-z]{{3}}.)[{_CLOSING}]*(?=[A-Z][a-z]+ )"  # scraped: no space between two sentences
)
_LAST_WORD = re.compile(rf"[^\s{_OPENING}]*\Z")
_NEXT_WORD = re.compile(rf"[{_OPENING}]*([^\s{_CLOSING},.;:!?]*)")
_ACRONYM = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")  # U.S, a.m, the J of J. Smith
_LONGEST_WORD = 40  # characters looked back for the word before a full stop


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


# Never the end of a sentence: something always follows.
_TITLES = _words(
    "mr mrs ms dr prof gen lt col sgt cpl capt cmdr maj adm brig gov sen rep rev hon pres supt insp pte messrs mme mlle"
    " st mt ft vs cf eg ie al approx dept est fig"
)
# The end of a sentence unless a number follows.
_BEFORE_NUMBER = _words("no nos jan feb mar apr jun jul aug sep sept oct nov dec art sec vol pp")
# The end of a sentence, as acronyms are, where a word follows with which a new one is likely to begin.
_UNSURE = _words("inc corp co ltd llc plc bros jr sr etc ph.d")
_STARTERS = _words(
    "the a an in on at by for from with as if when while after before since but and so it its he she they we i you his"
    " her their this that these those there here who what why how no not one two some many most more all both"
    " meanwhile however last earlier later officials police"
)


def sentences(text: str) -> list[Place]:
    """The places of the sentences, in order, none empty, none overlapping.

    Args:
        text: As it was given: not normalised. `text[start:end]` is the sentence as it stands there; what lies between
            two sentences is space, tags or invisible characters.
    """
    seen, starts, ends = _as_seen(text)
    places, begin = [], 0
    for found in _END.finditer(seen):
        if found.start() >= begin and _ends_here(seen, found):
            places.append((begin, found.end()))
            begin = found.end()
    places.append((begin, len(seen)))
    trimmed = (_trim(seen, start, end) for start, end in places)
    return [(int(starts[start]), int(ends[end - 1])) for start, end in trimmed if start < end]


def _as_seen(text: str) -> tuple[str, np.ndarray, np.ndarray]:
    """The text without what a reader does not see, and where each of its characters begins and ends in `text`."""
    if text.isascii() and not any(mark in text for mark in "<&#"):
        return text, np.arange(len(text)), np.arange(1, len(text) + 1)
    parts, starts, ends, done = [], [], [], 0
    for found in _HIDDEN.finditer(text):
        shown = _shown(found.group())
        if shown is None:
            continue
        kept = np.arange(done, found.start())
        parts += [text[done : found.start()], shown]
        starts += [kept, np.full(len(shown), found.start())]
        ends += [kept + 1, np.full(len(shown), found.end())]
        done = found.end()
    rest = np.arange(done, len(text))
    return "".join([*parts, text[done:]]), np.concatenate([*starts, rest]), np.concatenate([*ends, rest + 1])


def _shown(hidden: str) -> str | None:
    """What the reader sees of an entity, a tag or an invisible character; None where it is none of them after all."""
    if hidden.startswith("<"):
        return " " if _INLINE.match(hidden) else "\n"
    if hidden.startswith("#"):
        return html.unescape("&" + hidden)
    if hidden.startswith("&"):
        shown = html.unescape(html.unescape(hidden))
        return None if shown == hidden else shown
    return ""


def _ends_here(seen: str, found: re.Match[str]) -> bool:
    """True if a sentence ends at this mark or line break."""
    following = _NEXT_WORD.match(seen, found.end())
    word = following.group(1) if following else ""
    if found["line"] is not None:
        return found["line"].count("\n") > 1 or not word[:1].islower()
    if found["mark"] is None:
        return True
    if word[:1].islower():
        return False
    return found["mark"] != "." or not _abbreviates(seen, found.start(), word)


def _abbreviates(seen: str, stop: int, following: str) -> bool:
    """True if the full stop at `stop` belongs to the word before it and ends no sentence."""
    last = _LAST_WORD.search(seen, max(0, stop - _LONGEST_WORD), stop)
    word = last.group() if last else ""
    lower = word.lower()
    if lower in _TITLES:
        return True
    if lower in _BEFORE_NUMBER:
        return following[:1].isdigit()
    if _ACRONYM.fullmatch(word) or lower in _UNSURE:
        return following.lower() not in _STARTERS
    return False


def _trim(seen: str, start: int, end: int) -> Place:
    """The place without the space around it."""
    part = seen[start:end]
    return start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip()))
