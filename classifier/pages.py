"""A scraped page of several stories → its stories, in order.

A scraped page rarely holds one story alone: the openings of others, cut off mid-sentence, follow it, or it is a column
of briefs, with menus, bylines and adverts between. `split_page` tells where each story starts. Boilerplate is left out;
a small network turns the cues of the other lines into the probability that a story starts there, and the page is
split at the likely lines if the network is sure enough that there is a second story at all. In a text that was saved
from a news archive a story is what the archive calls a document.

Left out: the rules for boilerplate (boilerplate.py), the layouts of archives (archives.py), the cues (page_cues.py),
the network (page_model.py) and its fitting (training/pages.py); what a story is about; HTML; languages other than
English, which are split by shape alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.archives import Documents, find_documents
from classifier.boilerplate import is_boilerplate, is_table_row
from classifier.page_cues import MAX_HEADLINE, MIN_HEADLINE, Line, describe
from classifier.page_model import load_page_model

_NEWLINE = re.compile(r"\r\n|\n|\r")
_BYLINE = 80  # characters: so much may stand above the headline of a story whose start is known
_MOST_ABOVE = 2  # kickers, bylines, dates


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


def split_page(text: str, known: Iterable[int] = ()) -> list[Segment]:
    """Stories of a page in order; a page without structure is one segment, an empty page none.

    Lines end with \\n, \\r\\n or \\r alone. Blank lines and boilerplate belong to no story, every other line
    belongs to one; a page of nothing but boilerplate is one segment.

    Args:
        text: The page.
        known: Numbers of lines, from 1, at which a story starts whatever the network says.
    """
    documents = find_documents(_NEWLINE.split(text))
    lines = story_lines(text, documents)
    starts = [0] if lines and is_boilerplate(lines[0].text) else _all_starts(lines, set(known), documents)
    return [_segment(lines[i:j]) for i, j in pairwise([*starts, len(lines)])]


def story_lines(text: str, documents: Documents | None = None) -> list[Line]:
    """Lines that are neither blank nor boilerplate, or all that are not blank if there are no such lines.

    Args:
        text: The page.
        documents: Those of the page. Their metadata is boilerplate as well, and their labels are no part of a line.
    """
    documents = documents or Documents()
    breaks = [found.span() for found in _NEWLINE.finditer(text)]
    spans = zip([0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(text)], strict=True)
    kept: list[Line] = []
    left_out: list[Line] = []
    is_after_blank, dropped = False, 0
    for number, (begin, end) in enumerate(spans, 1):
        raw = text[begin:end]
        line = documents.unlabelled.get(number, raw).strip()
        start = begin + raw.find(line)
        if not line:
            is_after_blank = True
        elif number in documents.left_out or is_boilerplate(line):
            left_out.append(Line(number, line, start=start))
            dropped += 1
        else:
            kept.append(Line(number, line, is_after_blank, dropped, start))
            is_after_blank, dropped = False, 0
    return kept or left_out


def _all_starts(lines: list[Line], known: set[int], documents: Documents) -> list[int]:
    """Indices of the lines that start a story; a document is one, the network cuts what is above and below them."""
    if not documents.starts:
        return find_starts(lines, known)
    sure = _indices(lines, documents.starts)
    above = lines[: min(sure, default=len(lines))]
    below = [] if documents.end is None else [line for line in lines if line.number >= documents.end]
    starts = {len(lines) - len(below) + start for start in find_starts(below, known)}
    return sorted({*find_starts(above, known), *sure, *starts, *_indices(lines, known)})


def _indices(lines: list[Line], known: Iterable[int]) -> set[int]:
    """Indices of the lines with these numbers, or of the next line where one was left out."""
    numbers = [line.number for line in lines]
    return {bisect_left(numbers, number) for number in known} - {len(lines)}


def find_starts(lines: list[Line], known: Iterable[int] = ()) -> list[int]:
    """Indices of the lines that start a story, the first line always among them; `known` is that of `split_page`."""
    if len(lines) < 2:
        return [0] * len(lines)
    _, network = load_page_model()
    rows = [is_table_row(line.text) for line in lines[1:]]
    starts = np.where(rows, 0, start_probabilities(lines)[1:])
    likely = np.flatnonzero(starts >= network.line_threshold)
    if 1 - np.prod(1 - starts[likely]) < network.page_threshold:
        likely = likely[:0]
    sure = _indices(lines, known)
    return sorted({0, *sure, *(start for start in (likely + 1).tolist() if not _is_under_byline(lines, start, sure))})


def _is_under_byline(lines: list[Line], start: int, sure: set[int]) -> bool:
    """Whether only a byline or the like stands between a sure start and this one, which is then its headline."""
    above = [range(start - count, start) for count in range(1, _MOST_ABOVE + 1)]
    return any(some[0] in sure and all(len(lines[number].text) <= _BYLINE for number in some) for some in above)


def start_probabilities(lines: list[Line]) -> NDArray[np.float32]:
    """How likely it is that a story starts at each line, shape (lines,), each 0 to 1; at least one line."""
    lexicon, network = load_page_model()
    return network.probabilities(describe(lines, lexicon))


def _segment(lines: list[Line]) -> Segment:
    """Segment of a story's lines."""
    first = lines[0].text
    title = first if len(lines) > 1 and is_headline(first) else ""
    return Segment(lines[0].number, lines[-1].number, "\n".join(line.text for line in lines), title)


def is_headline(line: str) -> bool:
    """Whether a story's first line is short and ends like no sentence of a text."""
    return MIN_HEADLINE <= len(line) <= MAX_HEADLINE and line[-1] not in ".…:;," and not line.endswith(('."', ".”"))
