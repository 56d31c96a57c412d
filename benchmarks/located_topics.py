"""Pieces of the documents of IndiaPoliceEvents, each with the topics that stand in it.

The task with documents says what a whole article has; the one with sentences says it of seven tenths of their
sentences. Put together, they tell where in a document a topic stands, so that a model can learn from short pieces.
Labels of sentences that also stand in a development or test document are not used; their text stays, as in the
published training documents. Leaves out: what readers said of other texts (`police_passages`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PIECE_LETTERS = 480  # letters and digits of a piece, about 100 words
_LONGEST_GAP = 400  # characters, letters and digits alone; a longer one between labelled sentences is cut
_CUT_GAP = 300  # characters, whereafter it is cut
_SHORTEST = 12  # letters and digits of a sentence that is looked for: shorter ones stand in many documents
_MOST = 0.45  # share of a topic that may stand in a piece

Topics = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a document.

    Attributes:
        text: As the document has it.
        letters: How many of its characters are letters and digits; of a part that was cut, all of them.
        topics: 0 or 1 a topic for a labelled sentence; None between them.
    """

    text: str
    letters: int
    topics: Topics | None


def pieces(
    documents: Sequence[tuple[str, Topics]], sentences: Sequence[tuple[str, Topics]], held_out: Sequence[str]
) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    """Id, text and share of each topic of each piece of the documents.

    A share is 1 where a labelled sentence of the piece has the topic, 0 where its document has not or all of the piece
    is labelled; else it goes by how much of the document's text without labels the piece holds, and whether the topic
    was found in another sentence. (That part is rough: where a long gap was cut, its blanks count too; of two labels of
    one sentence the one with fewer topics holds. The published figures were taken with it.)

    Args:
        documents: With their topics.
        sentences: With theirs; each is looked for in every document.
        held_out: Documents; the labels of their sentences are not used.
    """
    elsewhere = "||".join(_letters(text)[0] for text in held_out)
    known = [(_letters(text)[0], topics) for text, topics in sentences]
    known = [(text, topics) for text, topics in known if len(text) >= _SHORTEST and text not in elsewhere]
    for number, (text, topics) in enumerate(documents):
        segments = _segments(text, known)
        unlabelled = sum(segment.letters for segment in segments if segment.topics is None)
        located = [any(segment.topics and segment.topics[k] for segment in segments) for k in range(len(topics))]
        for count, piece in enumerate(_joined([part for segment in segments for part in _cut(segment)])):
            gap = sum(segment.letters for segment in piece if segment.topics is None) / max(unlabelled, 1)
            shares = tuple(_share(piece, k, gap, located[k]) if topics[k] else 0.0 for k in range(len(topics)))
            yield f"d{number}-{count}", " ".join(segment.text for segment in piece).strip(), shares


def _share(piece: Sequence[Segment], topic: int, gap: float, located: bool) -> float:
    if any(segment.topics and segment.topics[topic] for segment in piece):
        return 1.0
    return round(min(_MOST, (0.35 if located else 0.8) * gap), 2)


def _segments(text: str, sentences: Sequence[tuple[str, Topics]]) -> list[Segment]:
    """The labelled sentences of a document, the longest of those that overlap, and what stands between them."""
    letters, places = _letters(text)
    found = [
        (start, start + len(sentence), topics)
        for sentence, topics in sentences
        if (start := letters.find(sentence)) >= 0
    ]
    kept: list[tuple[int, int, Topics]] = []
    for span in sorted(sorted(found), key=lambda span: span[0] - span[1]):
        if all(span[1] <= other[0] or span[0] >= other[1] for other in kept):
            kept.append(span)
    spans: list[tuple[int, int, Topics | None]] = []
    at = 0
    for start, end, topics in sorted(kept):
        if start > at:
            spans.append((at, start, None))
        spans.append((start, end, topics))
        at = end
    if at < len(letters):
        spans.append((at, len(letters), None))
    ends = [*places, len(text)]
    return [Segment(text[ends[start] : ends[end]], end - start, topics) for start, end, topics in spans]


def _cut(segment: Segment) -> Iterator[Segment]:
    """A long gap in parts; anything else as it is."""
    if segment.topics is not None or segment.letters <= _LONGEST_GAP:
        yield segment
        return
    parts: list[str] = [""]
    for word in segment.text.split():
        if len(parts[-1]) > _CUT_GAP:
            parts.append("")
        parts[-1] = f"{parts[-1]} {word}".lstrip()
    for part in parts:
        yield Segment(part + " ", len(part), None)


def _joined(segments: Sequence[Segment]) -> Iterator[Sequence[Segment]]:
    """Pieces of neighbours; of three or more, the last also begins the next piece."""
    start = 0
    while start < len(segments):
        end, letters = start, 0
        while end < len(segments) and (end == start or letters + segments[end].letters <= PIECE_LETTERS):
            letters += segments[end].letters
            end += 1
        yield segments[start:end]
        if end >= len(segments):
            return
        start = end if end - start < 3 else end - 1


def _letters(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text in lower case, and where each stands."""
    places = [place for place, character in enumerate(text) if character.isascii() and character.isalnum()]
    return "".join(text[place] for place in places).lower(), places
