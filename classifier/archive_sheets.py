"""Sheets that archives put behind the documents of a download → their lines.

ProQuest ends with a bibliography and its address, Factiva with a summary of the search. A sheet goes as far as the
archive's copyright; without one ProQuest's goes to the next document, and Factiva's, if none follows, to the end of the
page. Left out: sheets in other layouts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from classifier.boilerplate import is_boilerplate

_PROQUEST_END = re.compile(r"Copyright .*\bProQuest LLC\b.*")
_SUMMARY = re.compile(r"(?:\| )?Search Summary(?: \|)?")
_SUMMARY_LABELS = re.compile(r"(?:\| )?(Date|Source)\b")
_SUMMARY_END = re.compile(r"© \d{4} Factiva, Inc\..*")
_WORDS = re.compile(r"(?:WC\s+|\| WC \| )?[\d,]+ words\b")  # of the document that follows
_MOST_SUMMARY = 12  # lines of a summary until both labels have come


def proquest_sheets(texts: Sequence[str], marks: Sequence[int]) -> set[int]:
    """Indices of the lines of ProQuest's bibliographies and addresses.

    Args:
        texts: The lines of the page, stripped.
        marks: Indices of the lines above each document.
    """
    found: set[int] = set()
    for mark, following in pairwise([*marks, len(texts)]):
        filled = list(_filled(texts, range(mark + 1, following)))
        for number, below in pairwise([*filled, None]):
            if number is not None and _is_proquest_heading(texts[number], "" if below is None else texts[below]):
                found.update(_sheet(texts, range(number, following), _PROQUEST_END))
                break
    return found


def _is_proquest_heading(text: str, below: str) -> bool:
    if text == "Bibliography":
        return below.startswith("Citation style:")
    return text == "Contact ProQuest" and (not below or _PROQUEST_END.fullmatch(below) is not None)


def search_summaries(texts: Sequence[str], marks: Sequence[int]) -> set[int]:
    """Indices of the lines of Factiva's summaries of a search.

    Args:
        texts: The lines of the page, stripped.
        marks: Indices of the lines below each document.
    """
    found: set[int] = set()
    for mark, following in pairwise([*marks, len(texts)]):
        filled = (number for number in _filled(texts, range(mark + 1, following)) if not is_boilerplate(texts[number]))
        heading = next(filled, None)
        if heading is None or not _SUMMARY.fullmatch(texts[heading]):
            continue
        below = islice(_filled(texts, range(heading + 1, following)), _MOST_SUMMARY)
        labels = {match[1] for number in below if (match := _SUMMARY_LABELS.match(texts[number]))}
        sheet = _sheet(texts, range(heading, following), _SUMMARY_END)
        is_closed = sheet.stop < following and not any(map(_WORDS.match, texts[sheet.start : sheet.stop]))
        if len(labels) == 2 and (is_closed or following == len(texts)):
            found.update(sheet)
    return found


def _sheet(texts: Sequence[str], rest: range, last: re.Pattern[str]) -> range:
    """The lines until one that fits `last`, or all."""
    end = next((number for number in rest if last.fullmatch(texts[number])), rest.stop - 1)
    return range(rest.start, end + 1)


def _filled(texts: Sequence[str], numbers: range) -> Iterator[int]:
    return (number for number in numbers if texts[number])
