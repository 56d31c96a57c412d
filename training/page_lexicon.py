"""Stories → the lexicon of `classifier.page_cues`, and the subjects that it tells apart.

The lexicon holds how rare words are, which open a story, and vectors whose sums are alike within a story and unlike
between two (contrastive, as in van den Oord et al. 2018, arXiv:1807.03748). Every draw is seeded.
Left out: how the cues use the lexicon (classifier/page_cues.py), and the network over them (pages.py).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from torch.nn import functional

from classifier.boilerplate import WORD
from classifier.page_cues import Floats, Lexicon, opener_keys, word_key
from training.page_stories import Piece, Stock

WORDS, DIMENSIONS = 8000, 24  # size of the lexicon


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
    vectorizer = CountVectorizer(analyzer=lambda words: opener_keys(words, shared), vocabulary=names, binary=True)
    model = LogisticRegression(C=0.05, l1_ratio=1, solver="liblinear", random_state=0)
    model.fit(vectorizer.transform([words for _, words, _ in lines]), [is_first for *_, is_first in lines])
    weights = dict(zip(names, model.coef_[0].tolist(), strict=True))
    known = {key for key in shared if key[0] == "^" and " " not in key}  # kept to tell them from unknown words
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
