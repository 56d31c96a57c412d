"""A text saved from a news archive → where its documents start, and which lines are metadata.

Archives put a line between documents that nothing else has; whoever saves stories by hand numbers them. Where a page
has such marks, they tell where a story starts, and what stands around the body in that archive's layout is left out:

                1 of 3 DOCUMENTS                  a mark, left out as the next three lines are
               The Times (London)
             January 11, 2010 Monday
    Rebels shell base near Odrava                 the story's first line
    LENGTH: 90 words                              left out

Known are LexisNexis (with the mark above) and its successor Nexis Uni ("End of Document"), Factiva ("Document" and an
accession number), ProQuest (rulers) and numbered separators ("News number : 1", "Article 2 of 10").
Left out: Factiva's metadata (factiva.py), sheets that are no documents (archive_sheets.py), NewsBank, other languages,
ProQuest's label before a text ("Full text: …"), and other stories between documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from classifier import factiva
from classifier.archive_sheets import nexis_covers, proquest_sheets, search_summaries
from classifier.boilerplate import is_boilerplate

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"(?:\w+day,? )?(?:(?:{_MONTHS}) \d{{1,2}}|\d{{1,2}} (?:{_MONTHS})),? \d{{4}}"
    r"(?:,? \w+day)?(?:,? \d{1,2}:\d\d.{0,12})?(?:,? .{0,40}\bEdition\b.{0,20})?"
)
_CENTRED = re.compile(r"\s{8}")
_MOST_NAME = 2  # lines of a source's name, "The New York Times Blogs" and "(City Room)"
_MAX_FIELD = 1000  # characters of a line of metadata

_LEXIS = "Byline Section Dateline Load-Date Language Publication-Type Journal-Code Document-Type Distribution Acc-No"
_LEXIS_INDEX = "Subject Company Ticker Industry Geographic Person Organization City State Country"
_PROQUEST_FIELDS = (
    r"Author|Links|Publication (?:info|title|year|date|subject)|Volume|Issue|Pages|First page|"
    r"Section|Publisher|Place of publication|Country of publication|e?-?ISSN|CODEN|Source type|Language of publication|"
    r"Document (?:type|feature|URL)|ProQuest document ID|Copyright|Last updated|Database|Subject|Location|People|"
    r"Company / organization|Identifier / keyword|Credit|URL|Contact us at|Terms and Conditions"
)


def _lexis(labels: str, index: str, body: str, graphic: str) -> tuple[str, str]:
    """Patterns of the metadata of one line, and of that which goes on until a blank line."""
    one = rf"(?:{labels.replace(' ', '|')}):.*|Length: [\d,]+ words?|LENGTH: [\d,]+ words?|{body}:?"
    return one, rf"{graphic}:.+|(?:{index.replace(' ', '|')}): .*\(\d\d%\).*"


@dataclass(frozen=True, slots=True)
class _Archive:
    """How an archive lays out its documents; patterns fit a whole line.

    Attributes:
        mark: The line above each document, or below it.
        metadata: Lines that are no part of a story.
        going_on: The first line of metadata that goes on until a blank line.
        sign: A line that every page of this archive has.
        is_below: Whether the mark stands below a document.
    """

    mark: str
    metadata: str
    going_on: str = r"(?!)"
    sign: str = r".*"
    is_below: bool = False


_LEXISNEXIS = _Archive(r"\d+ of \d+ DOCUMENTS?", *_lexis(_LEXIS.upper(), _LEXIS_INDEX.upper(), "BODY", "GRAPHIC"))
_NEXIS_UNI = _Archive(
    "End of Document",
    *_lexis(_LEXIS, _LEXIS_INDEX, "(?:Body|Classification)", "Graphic"),
    sign=r"Load-Date: \w.*",
    is_below=True,
)
_FACTIVA = _Archive(factiva.MARK, metadata=r"(?!)", is_below=True)
_PROQUEST = _Archive(
    r"_{50,}|Document \d+ of \d+",
    rf"(?:{_PROQUEST_FIELDS}): ?.*|ProQuest document link",
    sign=r"ProQuest document ID: ?\d+",
)
_ARCHIVES = (_LEXISNEXIS, _NEXIS_UNI, _FACTIVA, _PROQUEST)
_NUMBERED = re.compile(
    r"(?:(?:news|story)(?: item| story| article)?(?: nu[mn]ber| no\.?| nr\.?)?|article number) ?[:#-]? ?(\d{1,4})[:.]?"
    r"|(?:news(?: item| story| article)?|story|article|document) (\d{1,4}) of \d{1,4}[:.]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a page; none where it is no archive's.

    Attributes:
        starts: Numbers of the lines, from 1, at or behind which a document starts, ascending.
        left_out: Numbers of the lines that are metadata.
        end: Number of the line above which the last document ends, None where nothing tells.
        unlabelled: What is kept of the lines that have a label in front, by their numbers.
    """

    starts: list[int] = field(default_factory=list)
    left_out: frozenset[int] = frozenset()
    end: int | None = None
    unlabelled: dict[int, str] = field(default_factory=dict)


def find_documents(lines: Sequence[str]) -> Documents:
    """The documents of a page's lines, if an archive or numbers mark them."""
    texts = [line.strip() for line in lines]
    for archive in _ARCHIVES:
        marks = _fitting(archive.mark, texts)
        if marks and _fitting(archive.sign, texts):
            metadata, kept = _metadata(archive, lines, texts)
            left_out = frozenset(number + 1 for number in (*marks, *metadata))
            unlabelled = {number + 1: text for number, text in kept.items()}
            starts = [mark + 1 for mark in marks]
            if archive.is_below:
                return Documents([1, *(start + 1 for start in starts[:-1])], left_out, starts[-1] + 1, unlabelled)
            return Documents(starts, left_out)
    numbered = [number + 1 for number in _numbered(texts)]
    return Documents(numbered, frozenset(numbered))


def _fitting(pattern: str, texts: Sequence[str]) -> list[int]:
    fits = re.compile(pattern).fullmatch
    return [number for number, text in enumerate(texts) if text and len(text) <= _MAX_FIELD and fits(text)]


def _metadata(archive: _Archive, lines: Sequence[str], texts: Sequence[str]) -> tuple[set[int], dict[int, str]]:
    """Indices of the lines of metadata, the marks aside, and what is kept of the lines with a label in front."""
    found = set(_fitting(archive.metadata, texts))
    kept: dict[int, str] = {}
    marks = _fitting(archive.mark, texts)
    going_on = _fitting(archive.going_on, texts)
    ends = found.union(marks, going_on)
    for start in going_on:
        found.update(_until(start, lines, ends))
    if archive is _LEXISNEXIS:
        found.update(_lexis_headers(lines, texts))
    if archive is _NEXIS_UNI:
        found.update(nexis_covers(texts, marks))
    if archive is _FACTIVA:
        for above, below in pairwise([-1, *marks, len(lines)]):
            metadata, unlabelled = factiva.read_document(lines, range(above + 1, below))
            found |= metadata
            kept |= unlabelled
        found.update(search_summaries(texts, marks))
    if archive is _PROQUEST:
        found.update(proquest_sheets(texts, marks))
    return found, kept


def _until(start: int, lines: Sequence[str], ends: set[int]) -> range:
    """From a line to the next that is blank or in `ends`."""
    end = start + 1
    while end < len(lines) and lines[end].strip() and end not in ends:
        end += 1
    return range(start, end)


def _lexis_headers(lines: Sequence[str], texts: Sequence[str]) -> set[int]:
    """The order's cover sheet; between a mark and the headline the source's name, the date and centred editions."""
    marks = _fitting(_LEXISNEXIS.mark, texts)
    order = next((number for number in range(marks[0]) if texts[number].startswith("Download Request:")), marks[0])
    found = set(range(order, marks[0]))
    for mark, following in pairwise([*marks, len(lines)]):
        filled = (number for number in range(mark + 1, following) if texts[number])
        names = (number for number in filled if _DATE.fullmatch(texts[number]) or not is_boilerplate(texts[number]))
        dates = [number for number in islice(names, _MOST_NAME + 1) if _DATE.fullmatch(texts[number])]
        if dates:
            found.update(range(mark + 1, dates[0] + 1))
            editions = range(dates[0] + 1, _until(dates[0], lines, {following}).stop)
            found.update(number for number in editions if _CENTRED.match(lines[number]))
    return found


def _numbered(texts: Sequence[str]) -> list[int]:
    """Indices of separators that count the stories of a page, 1, 2 and so on, with lines between them.

    Numbers may be left out, and begin again where files were put one behind the other.
    """
    found = [(index, match) for index, text in enumerate(texts) if text and (match := _NUMBERED.fullmatch(text))]
    labels = {re.split("[^a-z]", texts[index].lower(), maxsplit=1)[0] for index, _ in found}
    numbers = [int(match[1] or match[2]) for _, match in found]
    places = [index for index, _ in found]
    is_rising = all(later > number or later == 1 < number for number, later in pairwise(numbers))
    has_lines = all(any(texts[start + 1 : end]) for start, end in pairwise(places))
    is_counted = len(labels) == 1 and len(numbers) > 1 and numbers[0] == 1
    return places if is_counted and is_rising and has_lines else []
