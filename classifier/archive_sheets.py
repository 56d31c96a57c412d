"""Sheets that archives put before or behind the documents of a download → their lines.

Nexis Uni begins with a cover that lists the headlines of all documents; it goes as far as a headline that comes again,
else as its last label. ProQuest ends with a bibliography and its address, Factiva with a summary of the search; both go
as far as the archive's copyright. Without one ProQuest's goes to the next document, and Factiva's, if none follows, to
the end of the page. Left out: sheets in other layouts.
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
_COVER_TOP = re.compile(r"(?:User Name|Date and Time|Job Number):.*")
_COVER_COUNT = re.compile(r"Documents? \(\d+\)")
_MOST_TOP = 6  # lines of a cover's top
_MOST_REST = 20  # lines from a cover's last label to the headline: what was searched, the site's links, a name
_COVER_LABEL = re.compile(
    r"(?:Client/Matter|Search Terms|Search Type|Narrowed by):.*|.*-None-(?: \|)?|(?:\| )?Content Type\W+Narrowed by\b.*"
    r"|.*\bCopyright © \d{4} LexisNexis.*"
)
_ENTRY = re.compile(r"\d{1,4}\.\s+(.+)")
_LEXIS_METADATA = re.compile(r"(?:Section|Byline|Load-Date):.*|Length: [\d,]+ words?|Body:?")
_MIN_PART = 15  # characters of a headline that was cut or goes on in the next line


def proquest_sheets(texts: Sequence[str], marks: Sequence[int]) -> set[int]:
    """Indices of the lines of ProQuest's bibliographies and addresses.

    Args:
        texts: The lines of the page, stripped.
        marks: Indices of the lines above each document.
    """
    found: set[int] = set()
    for behind in _behind(marks, len(texts)):
        for number, below in pairwise([*_filled(texts, behind), None]):
            if number is not None and _is_proquest_heading(texts[number], "" if below is None else texts[below]):
                found.update(_sheet(texts, range(number, behind.stop), _PROQUEST_END))
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
    for behind in _behind(marks, len(texts)):
        heading = next((number for number in _filled(texts, behind) if not is_boilerplate(texts[number])), None)
        if heading is None or not _SUMMARY.fullmatch(texts[heading]):
            continue
        below = islice(_filled(texts, range(heading + 1, behind.stop)), _MOST_SUMMARY)
        labels = {match[1] for number in below if (match := _SUMMARY_LABELS.match(texts[number]))}
        sheet = _sheet(texts, range(heading, behind.stop), _SUMMARY_END)
        is_closed = sheet.stop < behind.stop and not any(map(_WORDS.match, texts[sheet.start : sheet.stop]))
        if len(labels) == 2 and (is_closed or behind.stop == len(texts)):
            found.update(sheet)
    return found


def nexis_covers(texts: Sequence[str], marks: Sequence[int]) -> set[int]:
    """Indices of the lines of Nexis Uni's cover sheets.

    Args:
        texts: The lines of the page, stripped.
        marks: Indices of the lines below each document.
    """
    found: set[int] = set()
    for above, mark in pairwise([-1, *marks]):
        first = list(islice(_filled(texts, range(above + 1, mark)), _MOST_TOP))
        top = [number for number in first if _COVER_TOP.fullmatch(texts[number])]
        count = next((number for number in first if _COVER_COUNT.fullmatch(texts[number])), -1)
        if len(top) > 1 and count > top[-1]:
            found.update(_cover(texts, range(top[0], mark), count))
    return found


def _cover(texts: Sequence[str], document: range, count: int) -> range:
    """The lines of a cover sheet that stands above a document.

    Args:
        texts: The lines of the page, stripped.
        document: From the first line of the cover to the last of the document.
        count: Index of the line that gives the number of documents; the headlines stand below it.
    """
    below = range(count + 1, document.stop)
    stop = next((number for number in below if _LEXIS_METADATA.fullmatch(texts[number])), document.stop)
    last = max((number for number in range(count, stop) if _COVER_LABEL.fullmatch(texts[number])), default=count)
    entries = [match[1] for text in texts[count + 1 : stop] if (match := _ENTRY.fullmatch(text))]
    others = (number for number in _filled(texts, range(last + 1, stop)) if not _ENTRY.fullmatch(texts[number]))
    headlines = (number for number in islice(others, _MOST_REST) if _is_one_of(texts[number], entries))
    return range(document.start, next(headlines, last + 1))


def _is_one_of(text: str, headlines: Sequence[str]) -> bool:
    """Whether a line is one of the headlines, or one of both is only the beginning of the other."""
    shown, *others = (" ".join(some.casefold().split()) for some in (text, *headlines))
    parts = (sorted((shown, other), key=len) for other in others)
    return any(short == long or (len(short) >= _MIN_PART and long.startswith(short)) for short, long in parts)


def _sheet(texts: Sequence[str], rest: range, last: re.Pattern[str]) -> range:
    """The lines until one that fits `last`, or all."""
    end = next((number for number in rest if last.fullmatch(texts[number])), rest.stop - 1)
    return range(rest.start, end + 1)


def _behind(marks: Sequence[int], end: int) -> Iterator[range]:
    """The lines behind each mark, as far as the next mark or the end of the page."""
    return (range(mark + 1, following) for mark, following in pairwise([*marks, end]))


def _filled(texts: Sequence[str], numbers: range) -> Iterator[int]:
    return (number for number in numbers if texts[number])
