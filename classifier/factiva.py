"""A document of Factiva → which of its lines are metadata, and the text of those that have a code in front.

Factiva saves documents in two layouts, in which "Document" and an accession number stand below each:

    Rebels shell base near Odrava              HD   Rebels shell base near Odrava
    90 words                                   WC   90 words
    11 January 2010                            PD   11 January 2010
    English                                    LA   English
    (c) 2010 Kaldor Press                      CY   (c) 2010 Kaldor Press
    Rebels fired rockets on Sunday.            LP   Rebels fired rockets on Sunday.
    Document KTV0000020100111e61b00011         NS   gvio : Military Action
                                               AN   Document KTV0000020100111e61b00011

Without codes (left) all from the number of words to the copyright, or else to the language, is left out. With codes
(right) the headline (HD), the lead (LP) and the text (TD) are kept. What stands between a code and its text is the same
in a whole document: a tab, blanks up to a column, one blank, or the mark of a table's row ("| HD | Rebels … |"); a code
may also stand alone above its text. Codes come in a known order, so that a line of a text that only begins like one is
kept.
Left out: captions (ART) and other rare codes, and layouts in other languages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile

from classifier.boilerplate import WORD

MARK = r"(?:AN\s+|\| AN \| )?Document [A-Z][A-Z0-9]{7}(?:19|20)\d{6}[a-z0-9]{9}(?: \|)?"
_MOST_HEADER = 10  # lines of the header between the number of words and the copyright
_LANGUAGE = "English"
_COPYRIGHT = re.compile(r"\(?(?:(?P<word>copyright\b)|\(c\)|©)(?:[\s:,.]|\(c\)|©|copyright\b)*", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SMALL = frozenset(
    ("and", "da", "de", "del", "di", "du", "e", "el", "et", "la", "le", "les", "of", "the", "van", "von", "y")
)
_SENTENCE = re.compile(r".{100}|(?:\S+ ){2}.*[.!?][”\"]?$")  # or a part of one, which no header has

_ABOVE_HEADLINE = frozenset(("SE", "CLM"))
_HEADER = frozenset(("SE", "CLM", "BY", "CR", "WC", "PD", "ET", "SN", "SC", "ED", "PG", "VOL", "LA", "CY"))
_INDEX = frozenset(("CO", "IN", "NS", "RE"))  # below the text
_CLOSING = frozenset(("CT", "IPC", "IPD", "PUB", "RF"))  # below the text, too
_METADATA = _HEADER | _INDEX | _CLOSING | {"AN"}
_TEXTS = frozenset(("HD", "LP", "TD"))
_CODES = _METADATA | _TEXTS
_FIRM = re.compile(rf"(?:{'|'.join(sorted(_METADATA))})(?:\t|  ).*|{'|'.join(sorted(_TEXTS))}")
_CODED = re.compile(r"([A-Z]{2,3})(?:(\s+)(\S.*))?")
_ROW = re.compile(r"\| ([A-Z]{2,3})( \| )(.*?) ?\|")
_SIGNS = {"WC": re.compile(r"[\d.,]+ words?"), "PD": re.compile(r"\d{1,2} \w+ \d{4}")}
_TERMS = re.compile(r"[a-z]\w* ?: \S.*")  # of an index: "gvio : Military Action | gcat : Political News"


@dataclass(frozen=True, slots=True)
class _Field:
    """A line with a code in front.

    Attributes:
        code: Two or three capitals.
        gap: What stands between the code and the text; empty for a code alone.
        text: What stands behind it; for a code alone the next line that is not blank.
    """

    code: str
    gap: str
    text: str

    def is_like(self, other: _Field) -> bool:
        """Whether the texts of both begin in the same way; that of a code alone begins in any."""
        is_padded = self.gap.isspace() and len(other.gap) > 1
        is_level = is_padded and len(self.code + self.gap) == len(other.code + other.gap)
        return not self.gap or self.gap == other.gap or is_level

    @property
    def is_firm(self) -> bool:
        """Whether no sentence begins so: between code and text stands more than a blank."""
        return len(self.gap) > 1 or self.gap == "\t"

    def begins_index(self) -> bool:
        """Whether the metadata below a text begins here; "IN the port" or a table of states (CO, IN) is the text's."""
        if self.code in _INDEX:
            return _TERMS.match(self.text) is not None
        return (
            self.code in ("IPC", "IPD")
            or (self.code in ("CT", "RF") and self.is_firm)
            or (self.code == "AN" and self.gap != " ")
        )


def read_document(lines: Sequence[str], document: range) -> tuple[set[int], dict[int, str]]:
    """Indices of the lines of metadata, and what is kept of the lines that have a code in front.

    Args:
        lines: Those of the page.
        document: Indices of the document's.
    """
    fields = _fields(lines, document)
    headline = next((number for number, field in fields.items() if field.code == "HD"), document.stop)
    behind = {number: field for number, field in fields.items() if number > headline}
    lead = next((number for number, field in behind.items() if field.code == "LP"), headline)
    body = next((number for number, field in behind.items() if field.code == "TD" and number > lead), lead)
    texts = {headline, lead, body}
    header_end = min(texts - {headline}, default=document.stop)
    has_sign = any(field.code in _SIGNS and _SIGNS[field.code].match(field.text) for field in behind.values())
    if not has_sign or (header_end == document.stop and not fields[headline].is_firm):
        stripped = [line.strip() for line in lines[document.start : document.stop]]
        return _header(stripped, document.start) | _firm_lines(stripped, document.start), {}
    above = headline if header_end == document.stop else header_end
    index = (number for number, field in behind.items() if number > above and field.begins_index())
    end = next(index, document.stop)
    left_out = _metadata(lines, range(document.start, min(header_end, end)), fields, headline)
    left_out.update(number for number in texts if not fields[number].gap)
    left_out.update(range(end, document.stop))
    return left_out, {number: fields[number].text for number in texts - left_out}


def _firm_lines(texts: Sequence[str], first: int) -> set[int]:
    """Lines with codes of metadata in an unknown layout, which all have the name of the source (SN) among them."""
    found = [number for number, text in enumerate(texts) if _FIRM.fullmatch(text)]
    return {first + number for number in found} if any(texts[number].startswith("SN") for number in found) else set()


def _fields(lines: Sequence[str], document: range) -> dict[int, _Field]:
    """The lines that begin with a code, by index; all alike, as the first from the headline on that has a gap."""
    found: dict[int, _Field] = {}
    below = ""
    for number in reversed(document):
        text = lines[number].strip()
        match = _ROW.fullmatch(text) or _CODED.fullmatch(text)
        if match and match[1] in _CODES:
            found[number] = _Field(match[1], match[2] or "", below if match[3] is None else match[3])
        below = text or below
    found = dict(reversed(found.items()))
    behind = dropwhile(lambda field: field.code != "HD", found.values())
    model = next((field for field in behind if field.gap), None)
    return {number: field for number, field in found.items() if model is None or field.is_like(model)}


def _metadata(lines: Sequence[str], header: range, fields: dict[int, _Field], headline: int) -> set[int]:
    """The lines of a header that have codes of metadata, and those that go on with them."""
    found: set[int] = set()
    last, is_alone = -1, False
    for number in header:
        field = fields.get(number)
        if field is not None:
            is_metadata = field.code in (_HEADER if number > headline else _ABOVE_HEADLINE)
            last, is_alone = (number, not field.gap) if is_metadata else (-1, False)
        elif not lines[number].strip() or last < 0:
            continue
        elif not is_alone and _indent(lines[number]) <= _indent(lines[last]):
            last = -1
        else:
            is_alone = False
        if last >= 0:
            found.add(number)
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _header(texts: Sequence[str], first: int) -> set[int]:
    """From the number of words to the copyright: the date, the source, its code and the language stand between.

    Where no copyright stands just below the language, the language is the last of them.
    """
    start = next((number for number, text in enumerate(texts) if re.fullmatch(r"[\d,]+ words", text)), len(texts))
    filled = [number for number in range(start, len(texts)) if texts[number]][: _MOST_HEADER + 1]
    end = start
    for number in filled:
        if _is_copyright(texts[number]):
            end = number
            break
        if end > start or _SENTENCE.match(texts[number]):
            break
        if texts[number] == _LANGUAGE:
            end = number
    return set(range(first + start, first + min(end + 1, len(texts))))


def _is_copyright(text: str) -> bool:
    """Whether a line is "Copyright Kaldor Press, 2010" or the like, but not "Copyright law changes in 2010"."""
    opening = _COPYRIGHT.match(text)
    if opening is None:
        return False
    year = _YEAR.search(text, opening.end())
    owner = WORD.findall(text[opening.end() : year.start() if year else len(text)])
    if not owner:
        return year is not None
    is_name = all(not word[0].islower() or word in _SMALL for word in owner) and not _SMALL.issuperset(owner)
    return is_name and (year is not None or opening["word"] is None)
