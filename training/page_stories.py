"""News files → stories as raw material for pages, cut into paragraphs and drawn by length and subject.

Real neighbours on a page often share a subject, which makes them hard to tell apart; `Stock.draw` gives such ones.
Every draw is seeded by the caller. Left out: how stories are put together (page_generator.py), and how their subjects
are found (page_lexicon.py).
"""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifier.errors import InputError

SAME_SUBJECT = 0.4  # share of pages
_STORY = ("id", "source", "title", "text")
_SHOWN = 60  # characters of a value in a message
_SENTENCE = re.compile(r"(?<=[.!?])[\"”’']?\s+(?=[\"“‘'A-Z])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A story as raw material: its headline, which may be empty, and its paragraphs."""

    id: str
    source: str
    title: str
    paragraphs: list[str]

    @property
    def text(self) -> str:
        """Paragraphs in one line."""
        return " ".join(self.paragraphs)

    @property
    def is_long(self) -> bool:
        """Whether there is enough to show how a story goes on."""
        return len(self.paragraphs) > 1


def read_pieces(path: Path, rng: random.Random) -> Iterator[Piece]:
    """Stories of a JSONL file, gzipped or not; a long text in one line gets paragraphs of a few sentences.

    Raises:
        InputError: If the file cannot be read, or a line is no story.
    """
    for row in read_objects(path, _STORY, texts=_STORY):
        paragraphs = [part.strip() for part in row["text"].split("\n") if part.strip()]
        if len(paragraphs) == 1 and len(paragraphs[0].split()) > 90:
            paragraphs = list(_paragraphs(sentences(paragraphs[0]), rng))
        yield Piece(row["id"], row["source"], row["title"].strip(), paragraphs)


def read_objects(path: Path, fields: Sequence[str], texts: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file, one a line, gzipped or not; blank lines are passed over.

    Args:
        path: The file.
        fields: What each object must have.
        texts: Those of them that must be text.

    Raises:
        InputError: If the file cannot be read, or a line is no such object.
    """
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _object(line, f"{path}:{number}", fields, texts)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from error


def _object(line: str, place: str, fields: Sequence[str], texts: Sequence[str]) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not JSON ({error}).") from error
    missing = [name for name in fields if not isinstance(found, dict) or name not in found]
    if missing:
        raise InputError(f"{place}: no {' and no '.join(missing)}. A line is a JSON object with {', '.join(fields)}.")
    others = [f"{name} is {json.dumps(found[name])[:_SHOWN]}" for name in texts if not isinstance(found[name], str)]
    if others:
        raise InputError(f"{place}: {' and '.join(others)}, expected text.")
    return dict(found)


def sentences(text: str) -> list[str]:
    """Sentences, told by a full stop before a capital."""
    return [part for part in _SENTENCE.split(text) if part.strip()]


def _paragraphs(parts: list[str], rng: random.Random) -> Iterator[str]:
    """Sentences joined one to three at a time."""
    while parts:
        size = rng.choice((1, 1, 1, 2, 2, 3))
        yield " ".join(parts[:size])
        parts = parts[size:]


@dataclass(frozen=True, slots=True)
class Stock:
    """Stories to make pages of, with those of the same subject at hand."""

    long: list[Piece]
    short: list[Piece]
    subject: dict[str, int]  # of each story by id
    by_subject: dict[tuple[int, bool], list[Piece]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for pieces in (self.long, self.short):
            for piece in pieces:
                self.by_subject[self.subject[piece.id], pieces is self.long].append(piece)

    def draw(self, rng: random.Random, count: int, is_long: bool) -> list[Piece]:
        """Different stories, often all of one subject, as neighbours on a page are."""
        is_long = is_long or not self.short
        pieces = self.long if is_long else self.short
        if rng.random() < SAME_SUBJECT:
            kin = self.by_subject[self.subject[rng.choice(pieces).id], is_long]
            pieces = kin if len(kin) >= count else pieces
        return rng.sample(pieces, min(count, len(pieces)))
