"""Known stories → pages like those of the web, with the story of every line.

A page is in one of the `STYLES` (one story; one and the cut-off openings of others; several; briefs; headlines with a
line of text), dressed with boilerplate and blank lines. Every draw is seeded by the caller.
Left out: reading and drawing the stories (page_stories.py), and learning from the pages (pages.py).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.page_stories import Piece, Stock, sentences

Owned = list[tuple[str, int]]  # lines, each with the number of its story on the page, -1 for none


@dataclass(frozen=True, slots=True)
class Page:
    """A page whose stories are known."""

    style: str
    lines: Owned

    def row(self) -> dict[str, Any]:
        """Fields of the page as JSON: `text`, a paragraph a line, and the `owner` of each line."""
        text = "\n".join(line for line, _ in self.lines)
        return {"style": self.style, "text": text, "owner": [owner for _, owner in self.lines]}


def make_page(rng: random.Random, stock: Stock) -> Page:
    """A page in one of the styles, dressed with boilerplate and blank lines."""
    style = rng.choices(list(STYLES), [share for share, _ in STYLES.values()])[0]
    return Page(style, dress(rng, STYLES[style][1](rng, stock)))


def story_lines(piece: Piece, owner: int, count: int, has_title: bool) -> Owned:
    """The headline, if wanted and known, and the first paragraphs of a story."""
    title = [piece.title] if has_title and piece.title else []
    return [(line, owner) for line in [*title, *piece.paragraphs[:count]]]


def cut(rng: random.Random, text: str, count: int, ending: str) -> str:
    """The first words of a text, ending mid-sentence, in dots, or with the sentence."""
    words = text.split()
    if ending == "sentence":
        parts = sentences(text)
        lengths = np.cumsum([len(part.split()) for part in parts])
        return " ".join(parts[: 1 + int(np.searchsorted(lengths, count))])
    if len(words) <= count:
        return text
    opening = " ".join(words[:count])
    if ending == "dots":
        return opening.rstrip(".,;:") + rng.choice(("...", "…", " ...", " [...]"))
    return opening


def kicker(rng: random.Random, piece: Piece) -> str:
    """One to three of a story's words in capitals: "FLOODS: " or "‘NO DEAL’: "."""
    words = re.findall(r"[A-Za-z]{4,}", f"{piece.title} {piece.text[:300]}") or ["World"]
    label = " ".join(rng.sample(words, min(len(words), rng.choice((1, 1, 1, 2, 2, 3))))).upper()
    return rng.choice(("{}: ", "{}: ", "{}: ", "‘{}’: ", "'{}': ")).format(label)


def single(rng: random.Random, stock: Stock) -> Owned:
    """One story, now and then cut off at the end."""
    (piece,) = stock.draw(rng, 1, is_long=True)
    count = rng.choice((rng.randint(1, 8), rng.randint(5, 20), rng.randint(5, 60)))
    lines = story_lines(piece, 0, count, rng.random() < 0.5)
    if rng.random() < 0.1:
        lines[-1] = (cut(rng, lines[-1][0], rng.randint(10, 60), "words"), 0)
    return lines


def main_and_teasers(rng: random.Random, stock: Stock) -> Owned:
    """One story, or none, then the openings of one to six others, alike in their kickers, titles and cuts."""
    pieces = stock.draw(rng, rng.randint(2, 7), is_long=True)
    lines: Owned = []
    if rng.random() < 0.93:
        count = rng.choice((rng.randint(1, 4), rng.randint(3, 12), rng.randint(8, 30)))
        lines = story_lines(pieces.pop(), 0, count, rng.random() < 0.5)
    kicker_share = rng.choice((0, 0, 0.6, 0.9, 1))
    ending = rng.choices(("words", "dots", "sentence"), (70, 15, 15))[0]
    title_place = rng.choice(("none", "same line", "same line", "own line"))
    shortest, longest = rng.choice(((50, 140), (60, 140), (25, 70)))
    for owner, piece in enumerate(pieces, 1):
        label = kicker(rng, piece) if rng.random() < kicker_share else ""
        opening = cut(rng, piece.text, rng.randint(shortest, longest), ending)
        if piece.title and title_place == "own line":
            lines += [(label + piece.title, owner), (opening, owner)]
        elif piece.title and title_place == "same line" and (label or rng.random() < 0.3):
            lines.append((f"{label}{piece.title} {opening}", owner))
        else:
            lines.append((label + opening, owner))
    return lines


def sequence(rng: random.Random, stock: Stock) -> Owned:
    """Two to five stories one after the other, with headlines on all, some or none."""
    title_share, most = rng.choice((0, 0.5, 0.5, 1)), rng.choice((4, 10, 20))
    pieces = stock.draw(rng, rng.randint(2, 5), is_long=True)
    lines: Owned = []
    for owner, piece in enumerate(pieces):
        lines += story_lines(piece, owner, rng.randint(2, most), rng.random() < title_share)
    return lines


def briefs(rng: random.Random, stock: Stock) -> Owned:
    """Three to ten stories of one paragraph each."""
    pieces = stock.draw(rng, rng.randint(3, 10), is_long=rng.random() < 0.67)
    kicker_share, count = rng.choice((0, 0, 0, 0.9)), rng.randint(20, 90)
    texts = [cut(rng, piece.text, count, "sentence") or piece.title for piece in pieces]
    labels = [kicker(rng, piece) if rng.random() < kicker_share else "" for piece in pieces]
    return [(label + text, owner) for owner, (label, text) in enumerate(zip(labels, texts, strict=True))]


def headlines(rng: random.Random, stock: Stock) -> Owned:
    """Three to fifteen headlines, each but in one page of five with a line of text below."""
    pieces = stock.draw(rng, rng.randint(3, 15), is_long=rng.random() < 0.5)
    has_text, ending = rng.random() < 0.8, rng.choice(("sentence", "sentence", "words", "dots"))
    lines: Owned = []
    for owner, piece in enumerate(piece for piece in pieces if piece.title):
        lines.append((piece.title, owner))
        if has_text and piece.paragraphs:
            lines.append((cut(rng, piece.text, rng.randint(12, 45), ending), owner))
    return lines or briefs(rng, stock)


STYLES: dict[str, tuple[float, Callable[[random.Random, Stock], Owned]]] = {  # share of the pages, maker
    "single": (0.38, single),
    "main+teasers": (0.19, main_and_teasers),
    "sequence": (0.20, sequence),
    "briefs": (0.13, briefs),
    "headlines": (0.10, headlines),
}
_BOILERPLATE_LINES = """
By Anna Novak / By Staff writer / By Omar Haddad and Li Chen / Updated 2 hours ago / Published 4 March 2019
Photo: AFP / Last updated: 12 May 2014, 09:30 GMT / Image: Reuters / File photo / Read more / Trending now
See also: More from the region / Related articles / RELATED STORIES / Advertisement / ADVERTISEMENT / Comments
Story continues below advertisement / Share Tweet Email / Share this article / Follow us on Twitter
Sign up for our newsletter / Subscribe now / 12 comments / 5 min read / Most read / More in World
© 2018 All rights reserved / Additional reporting by agencies / Reporting by Jane Moore; Editing by Paul Costa
The agency contributed to this report. / Politics · Culture · Travel / Home | World | Business | Sport
Back to top / World News Desk / Picked for you today / Send us your view / The Velmara Post / Our pick
"""
BOILERPLATE = re.split(r" / |\n", _BOILERPLATE_LINES.strip())  # the last five are known to no rule


def dress(rng: random.Random, lines: Owned) -> Owned:
    """Lines with boilerplate, mostly between stories, and blank lines: none, all over, or between stories."""
    rate, is_between_only = rng.choice((0, 0, 0.03, 0.08, 0.15)), rng.random() < 0.4
    blanks = rng.choices(("none", "all", "between", "random"), (70, 12, 12, 6))[0]
    dressed: Owned = []
    for i, (line, owner) in enumerate(lines):
        is_start = i == 0 or lines[i - 1][1] != owner
        if rng.random() < rate * (3 if is_start else 0 if is_between_only else 1):
            dressed += [(item, -1) for item in rng.sample(BOILERPLATE, rng.choice((1, 1, 1, 2, 3)))]
        chance = {"none": 0.0, "all": 1.0, "between": float(is_start), "random": 0.15}[blanks]
        if i and rng.random() < chance:
            dressed.append(("", -1))
        dressed.append((line, owner))
        if is_start and len(line) < 130 and rng.random() < 2 * rate:
            dressed.append((rng.choice(BOILERPLATE[:3]), -1))  # a byline under the headline
    return dressed + [(item, -1) for item in BOILERPLATE if rng.random() < rate / 10]
