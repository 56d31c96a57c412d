"""A scraped page of several stories → its stories, in order.

A scraped page rarely holds one story alone: openings of others, cut off mid-sentence, follow it, or it is
a column of briefs; menus, bylines and adverts stand between. `split_page` finds where each story starts
and leaves out the lines that belong to none.

    "KICKER: Title A dam burst on"  ->  a story of its own: a kicker in capitals, cut off at the end
"""

import re
from dataclasses import dataclass

_NEWLINE = re.compile(r"\r\n|\n|\r")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_KICKER = re.compile(r"[‘“'\"(]?[A-Z][A-Z0-9 .,&'’‘-]{1,38}[A-Z0-9][’”'\")]?: ?\S")
_ENDS = re.compile(r"[.!?…:;][\"'”’)\]»]*$|[\"”’)\]»]$")
_BOILERPLATE = re.compile(
    r"(?:read (?:more|next|also|the full)|see also|related (?:stories|articles|topics|news)|most (?:read|popular|viewed)"
    r"|trending|more (?:on|from|in) |recommended|share(?: this)?\b.{0,30}$|follow us|sign up|subscribe|log ?in|newsletter"
    r"|advert|sponsored|photo(?:graph)?s?:|image:|by [^,.]{3,40}$|(?:last )?updated\b|published\b|listen\b|watch(?: live)?:"
    r"|copyright|©|all rights|comments?\b|additional reporting|click here|skip to|home ?[|>/»]|cookie|\d+ min(?:ute)?s? (?:read|ago))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One story of a page.

    Attributes:
        first_line: Number of its first line in the page, from 1.
        last_line: Number of its last line, inclusive.
        text: Its lines joined with newlines, boilerplate left out.
        title: Its headline line if one was recognised (also the first line of `text`), else "".
    """

    first_line: int
    last_line: int
    text: str
    title: str = ""


def split_page(text: str) -> list[Segment]:
    """Stories of a page in order; a page without structure is one segment, an empty page none."""
    lines = [(number, line.strip()) for number, line in enumerate(_NEWLINE.split(text), 1) if line.strip()]
    kept = [(number, line) for number, line in lines if not _is_boilerplate(line)] or lines
    starts = _find_starts([line for _, line in kept])
    bounds = [*starts, len(kept)]
    return [_segment(kept[a:b]) for a, b in zip(bounds, bounds[1:], strict=False)]


def _segment(lines: list[tuple[int, str]]) -> Segment:
    """Segment of numbered lines."""
    first = lines[0][1]
    title = first if len(lines) > 1 and _is_headline(first) else ""
    return Segment(lines[0][0], lines[-1][0], "\n".join(line for _, line in lines), title)


def _is_boilerplate(line: str) -> bool:
    return len(line) <= 90 and bool(_BOILERPLATE.match(line) or line.count("|") >= 2)


def _is_headline(line: str) -> bool:
    return 15 <= len(line) <= 130 and not _ENDS.search(line) and not _KICKER.match(line)


def _is_cut_off(line: str) -> bool:
    return len(line) >= 200 and not _ENDS.search(line)


def _names(line: str) -> set[str]:
    return {w for w in _WORD.findall(line) if len(w) > 3 and (w[0].isupper() or len(w) > 6)}


def _find_starts(lines: list[str]) -> list[int]:
    """Indices of the lines that open a story, shape (stories,); empty for no lines."""
    if not lines:
        return []
    names = [_names(line) for line in lines]
    links = [bool(a & b) for a, b in zip(names, names[1:], strict=False)]
    are_briefs = len(lines) > 2 and min(map(len, lines)) > 140 and sum(links) <= 0.6 * len(links)
    starts = [0]
    for i in range(1, len(lines)):
        before = set().union(*names[max(starts[-1], i - 4) : i])
        after = set().union(*names[i : i + 4])
        is_new = len(before & after) < 2
        teaser = _is_cut_off(lines[i]) or (_KICKER.match(lines[i]) and len(lines[i]) > 120)
        after_teaser = _is_cut_off(lines[i - 1]) and len(lines[i]) > 120
        if are_briefs or teaser or after_teaser or (is_new and _is_headline(lines[i]) and len(lines[i]) > 30):
            starts.append(i)
    return starts
