"""Fitting of `classifier.pages`: pages made of known stories, then a lexicon and a network learned from them.

    python -m training.pages ../shared/news/train.jsonl --more ../shared/news/unlabelled.jsonl.gz \\
        --leave-out ../shared/pages/dev.jsonl --output classifier/models/pages.json

Stories are put together the way pages of the web are (`STYLES`: one story; one and the cut-off openings of
others; several; briefs; headlines with a line of text), often several of one subject, and dressed with
boilerplate and blank lines. Two fifths of the long stories, and all of `--more`, teach the lexicon: how
rare words are, which open a story, and vectors whose sums are alike within a story and unlike between two
(contrastive, as in van den Oord et al. 2018, arXiv:1807.03748). The others make the pages that the network
learns from, so that it sees word vectors as good as those of stories never met. With `--hold-out` the
stories of some sources are kept for pages to check on (`--pages-to`, read by `benchmarks.pages`). Every
draw is seeded. Not here: the boilerplate rules, which are written, not learned.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import math
import random
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from classifier.pages import (
    NEIGHBOURS,
    WORD,
    Floats,
    Lexicon,
    Network,
    describe,
    opener_keys,
    read_lines,
    word_key,
)

WORDS, DIMENSIONS = 8000, 24  # size of the lexicon
LINE_THRESHOLD, PAGE_THRESHOLD = 0.4, 0.85  # chosen on pages of held-out sources
PAGES = 40_000
SAME_SUBJECT = 0.4  # share of pages
_SENTENCE = re.compile(r"(?<=[.!?])[\"”’']?\s+(?=[\"“‘'A-Z])")


# --- stories -----------------------------------------------------------------------------------------------


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
    """Stories of a JSONL file, gzipped or not; a long text in one line gets paragraphs of a few sentences."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            paragraphs = [part.strip() for part in row["text"].split("\n") if part.strip()]
            if len(paragraphs) == 1 and len(paragraphs[0].split()) > 90:
                paragraphs = list(_paragraphs(sentences(paragraphs[0]), rng))
            yield Piece(row["id"], row["source"], row["title"].strip(), paragraphs)


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


# --- pages -------------------------------------------------------------------------------------------------

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


# --- lexicon -----------------------------------------------------------------------------------------------


def fit_lexicon(pieces: list[Piece]) -> Lexicon:
    """Rarity and vectors of the most frequent words, and the words that open stories."""
    passages = [p.paragraphs[i : i + 3] for p in pieces for i in range(0, len(p.paragraphs), 3)]
    counts = Counter(key for passage in passages for key in set(_keys(" ".join(passage))))
    words = sorted(counts, key=lambda word: (-counts[word], word))[:WORDS]
    rarity = 1 + np.log(len(passages) / np.array([counts[word] for word in [*words, words[-1]]], np.float32))
    word_ids = {word: row for row, word in enumerate(words)}
    long = [piece for piece in pieces if piece.is_long]
    return Lexicon(word_ids, rarity, fit_vectors(long, word_ids, rarity), fit_openers(long))


def _keys(text: str) -> list[str]:
    """Words of a text as the lexicon names them."""
    return [word_key(word) for word in WORD.findall(text)]


def fit_openers(pieces: list[Piece]) -> dict[str, float]:
    """Weights in telling first paragraphs from later ones, of words that at least four sources use."""
    rng = random.Random(0)
    lines: list[tuple[str, list[str], bool]] = []  # source, words, is first
    for piece in pieces:
        later = rng.sample(piece.paragraphs[1:], min(6, len(piece.paragraphs) - 1))
        lines.append((piece.source, WORD.findall(piece.paragraphs[0])[:40], True))
        lines += [(piece.source, WORD.findall(text)[:40], False) for text in later]
    plain = Counter(word for _, words, _ in lines for word in words[1:] if word[0].islower())
    usual = {f"^{word}" for word, count in plain.items() if count >= 40}
    uses = Counter((key, source) for source, words, _ in lines for key in set(opener_keys(words, usual)))
    sources = Counter(key for (key, _), count in uses.items() if count >= 3)
    shared = {key for key, count in sources.items() if count >= 4}
    names = sorted(shared)
    vectorizer = CountVectorizer(
        analyzer=lambda words: opener_keys(words, shared), vocabulary=names, binary=True
    )
    model = LogisticRegression(C=0.05, l1_ratio=1, solver="liblinear")
    model.fit(vectorizer.transform([words for _, words, _ in lines]), [is_first for *_, is_first in lines])
    weights = dict(zip(names, model.coef_[0].tolist(), strict=True))
    known = {
        key for key in shared if key[0] == "^" and " " not in key
    }  # kept to tell them from unknown words
    return {key: round(value, 3) for key, value in weights.items() if abs(value) > 0.001 or key in known}


def fit_vectors(pieces: list[Piece], word_ids: dict[str, int], rarity: Floats, steps: int = 3000) -> Floats:
    """Word vectors, shape (words + 1, dimensions), the last zero, by which a passage finds the next one.

    Each step takes 512 pairs of neighbouring passages of a story, half of their words left out, and asks
    which of the 512 second passages belongs to each first one.
    """
    rng, _ = random.Random(0), torch.manual_seed(0)
    texts = [[_keys(text) for text in piece.paragraphs] for piece in pieces]
    stories = [[[word_ids[key] for key in keys if key in word_ids] for keys in story] for story in texts]
    vectors = torch.nn.Parameter(0.1 * torch.randn(len(word_ids), DIMENSIONS))
    weights = torch.nn.Parameter(torch.tensor(np.log(rarity[:-1] - rarity.min() + 0.3)))
    sharpness = torch.nn.Parameter(torch.tensor(2.5))
    optimizer = torch.optim.Adam([vectors, weights, sharpness], lr=0.01)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.001, steps)
    for _ in range(steps):
        pairs = [_passages(rng.choice(stories), rng) for _ in range(512)]
        left, right = (_embed(side, vectors, weights) for side in zip(*pairs, strict=True))
        scores = left @ right.T * sharpness.exp()  # (pairs, pairs)
        target = torch.arange(len(pairs))
        loss = functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    fitted = (vectors * weights.exp()[:, None]).detach().numpy()
    return np.pad(fitted, ((0, 1), (0, 0)))


def _passages(story: list[list[int]], rng: random.Random) -> tuple[list[int], list[int]]:
    """Words of one to five paragraphs and of those that follow, half left out."""
    at = rng.randint(1, len(story) - 1)
    sides = (story[max(0, at - rng.randint(1, 5)) : at], story[at : at + rng.randint(1, 5)])
    left, right = ([word for text in side for word in text if rng.random() < 0.5] for side in sides)
    return left, right


def _embed(passages: Iterable[list[int]], vectors: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Unit vectors of passages, shape (passages, dimensions)."""
    lengths = [len(passage) for passage in passages]
    words = torch.tensor([word for passage in passages for word in passage])
    offsets = torch.tensor([0, *np.cumsum(lengths)[:-1].tolist()])
    factors = weights[words].exp()
    return functional.normalize(
        functional.embedding_bag(words, vectors, offsets, per_sample_weights=factors, mode="sum")
    )


def find_subjects(pieces: list[Piece], lexicon: Lexicon, count: int = 150) -> dict[str, int]:
    """Subject of each story by id: clusters of the sums of their words' vectors."""
    texts = [f"{piece.title} {piece.text[:2500]}" for piece in pieces]
    rows = [[lexicon.word_ids.get(key, -1) for key in _keys(text)] for text in texts]
    vectors = np.array([lexicon.vectors[row or [-1]].sum(axis=0) for row in rows])
    vectors /= 1 + np.linalg.norm(vectors, axis=1, keepdims=True)
    clusters = MiniBatchKMeans(min(count, len(pieces)), random_state=0, n_init=2).fit_predict(vectors)
    return dict(zip((piece.id for piece in pieces), clusters.tolist(), strict=True))


def make_stock(pieces: list[Piece], lexicon: Lexicon) -> Stock:
    """Stories sorted by length and subject."""
    long = [piece for piece in pieces if piece.is_long]
    short = [piece for piece in pieces if not piece.is_long and (piece.title or piece.paragraphs)]
    return Stock(long, short, find_subjects(pieces, lexicon))


# --- network -----------------------------------------------------------------------------------------------


class TorchNetwork(torch.nn.Module):
    """`classifier.pages.Network` in training, on padded pages."""

    def __init__(self, inputs: int, units: int = 64) -> None:
        super().__init__()
        self.lines = torch.nn.Linear(inputs, units)
        self.contexts = torch.nn.Linear(units * (2 * NEIGHBOURS + 2), units)
        self.output = torch.nn.Linear(units, 1)

    def forward(self, inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits, shape (pages, lines), of inputs, shape (pages, lines, inputs); mask: 0 for padding."""
        rows = functional.relu(self.lines(functional.dropout(inputs, 0.1, self.training))) * mask[..., None]
        rows = functional.dropout(rows, 0.25, self.training)
        count = rows.shape[1]
        padded = functional.pad(rows, (0, 0, NEIGHBOURS, NEIGHBOURS))
        shifted = [padded[:, i : i + count] for i in range(2 * NEIGHBOURS + 1)]
        mean = rows.sum(dim=1, keepdim=True) / mask.sum(dim=1)[:, None, None]
        contexts = functional.relu(self.contexts(torch.cat([*shifted, mean.expand_as(rows)], dim=2)))
        logits: torch.Tensor = self.output(functional.dropout(contexts, 0.25, self.training))[..., 0]
        return logits


def fit_network(pages: Iterable[Page], lexicon: Lexicon, epochs: int = 6) -> Network:
    """Network that tells which lines start a story, from all lines of pages but the first."""
    examples = [page_examples(page, lexicon) for page in pages]
    inputs = np.concatenate([x for x, _ in examples])
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + np.float32(0.001)
    scaled = [torch.tensor(np.clip((x - centre) / spread, -5, 5)) for x, _ in examples]
    starts = [torch.tensor(y) for _, y in examples]
    torch.manual_seed(0)
    model = TorchNetwork(inputs.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.002)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.001, epochs * math.ceil(len(examples) / 32))
    for _ in range(epochs):
        for batch in torch.randperm(len(examples)).split(32):  # type: ignore[no-untyped-call]
            x = pad_sequence([scaled[i] for i in batch], batch_first=True)  # (pages, lines, inputs)
            y = pad_sequence([starts[i] for i in batch], batch_first=True, padding_value=-1)  # (pages, lines)
            optimizer.zero_grad()
            _loss(model(x, (y >= 0).float()), y).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    layers = (model.lines, model.contexts, model.output)
    weights = [torch.cat([layer.weight.T, layer.bias[None]]).detach().numpy() for layer in layers]
    return Network(centre, spread, weights[0], weights[1], weights[2], LINE_THRESHOLD, PAGE_THRESHOLD)


def _loss(logits: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of the lines after each page's first, which starts a story anyway; -1 is padding."""
    counted = (starts[:, 1:] >= 0).float()
    truth = starts[:, 1:].clamp(min=0)
    losses = functional.binary_cross_entropy_with_logits(logits[:, 1:], truth, reduction="none")
    return (losses * counted).sum() / counted.sum().clamp(min=1)


def page_examples(page: Page, lexicon: Lexicon) -> tuple[Floats, Floats]:
    """Inputs and truth, shapes (lines, inputs) and (lines,), of the kept lines of a page."""
    row = page.row()
    lines = read_lines(row["text"])
    owners = [row["owner"][line.number - 1] for line in lines]
    first = next((owner for owner in owners if owner >= 0), 0)  # starts the page, whatever stands above it
    starts = [owner not in (-1, first, *owners[:i]) for i, owner in enumerate(owners)]
    return describe(lines, lexicon), np.array(starts, np.float32)


# --- the file ----------------------------------------------------------------------------------------------


def write(path: Path, lexicon: Lexicon, network: Network) -> None:
    """Lexicon and network as JSON: arrays in base64, vectors in 8 bits, the network in 16."""
    step = float(np.quantile(np.abs(lexicon.vectors), 0.9995)) / 127
    arrays = {
        "rarity": _encode(np.round(lexicon.rarity * 20), "uint8", 1 / 20),
        "vectors": _encode(np.clip(np.round(lexicon.vectors / step), -127, 127), "int8", step),
        **{name: _encode(getattr(network, name), "float16", 1) for name in ("lines", "contexts", "output")},
        **{name: _encode(getattr(network, name), "float32", 1) for name in ("centre", "spread")},
    }
    model = {
        "line_threshold": network.line_threshold,
        "page_threshold": network.page_threshold,
        "openers": lexicon.openers,
        "words": " ".join(lexicon.word_ids),
        "arrays": arrays,
    }
    path.write_text(json.dumps(model, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _encode(array: NDArray[Any], dtype: str, scale: float) -> dict[str, Any]:
    """Array as `classifier.pages.load` reads it."""
    data = base64.b64encode(array.astype(dtype).tobytes()).decode()
    return {"dtype": dtype, "shape": list(array.shape), "scale": scale, "data": data}


def main() -> None:
    """Fit on news files and write the model."""
    parser = argparse.ArgumentParser(description="Fit the splitting of pages into stories.")
    parser.add_argument("news", type=Path, help="JSONL of stories with paragraphs: id, source, title, text")
    parser.add_argument("--more", type=Path, required=True, help="more stories, for the lexicon alone")
    parser.add_argument("--leave-out", type=Path, help="JSONL of pages whose stories are not to be used")
    parser.add_argument("--hold-out", nargs="*", default=[], metavar="SOURCE", help="kept for --pages-to")
    parser.add_argument("--pages-to", type=Path, help="write 1,000 pages of the held-out sources here")
    parser.add_argument("--output", type=Path, default=Path("classifier/models/pages.json"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    rng = random.Random(0)
    left_out = story_ids(args.leave_out) if args.leave_out else set()
    news = [piece for piece in read_pieces(args.news, rng) if piece.id not in left_out]
    seen = [piece for piece in news if piece.source not in args.hold_out]
    more = [piece for piece in read_pieces(args.more, rng) if piece.source not in args.hold_out]
    for_words = {piece.id for piece in seen if piece.is_long and zlib.crc32(piece.id.encode()) % 5 < 2}
    lexicon = fit_lexicon([piece for piece in seen if piece.id in for_words] + more)
    stock = make_stock([piece for piece in seen if piece.id not in for_words], lexicon)
    network = fit_network([make_page(rng, stock) for _ in range(PAGES)], lexicon)
    write(args.output, lexicon, network)
    if args.pages_to:
        held = make_stock([piece for piece in news if piece.source in args.hold_out], lexicon)
        rows = [make_page(rng, held).row() for _ in range(1000)]
        args.pages_to.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def story_ids(path: Path) -> set[str]:
    """Ids of the stories on the pages of a JSONL file."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return {story["id"] for line in lines if line for story in json.loads(line)["stories"]}


if __name__ == "__main__":
    main()
