"""Labels that are probably wrong: confident learning over out-of-fold probabilities.

Every story is judged by a cheap model (TF-IDF of words, logistic regression) that was fitted without it and without
its near copies. cleanlab then compares each topic's probabilities with the labels given: how sure the model must be
is taken from the data, topic by topic (Northcutt, Jiang and Chuang 2021, doi:10.1613/jair.1.12125). Leaves out: what
a person makes of it (annotation.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class
from cleanlab.multilabel_classification.rank import get_label_quality_scores_per_class
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from training.near_pairs import Pair

FOLDS = 5
FEWEST = 2 * FOLDS  # stories with a topic, and without it, below which its labels are not judged
_WORDS = 300  # of a story that the cheap model reads; what it is about stands early
_C = 10.0  # inverse strength of the penalty
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelIssues:
    """What is doubtful about the labels of some stories.

    Attributes:
        flagged: Where a label is probably wrong, shape (stories, topics).
        doubt: How unlikely each given label is to the model, 0 to 1, shape (stories, topics).
        judged: Which topics have enough stories to be judged, shape (topics,).
        judge_f1: F1 of the model that judges, out of fold, mean of the judged topics: how far it can be trusted.
    """

    flagged: Bools
    doubt: Floats
    judged: Bools
    judge_f1: float = 0.0


def find_label_issues(texts: Sequence[str], given: Bools, pairs: Sequence[Pair], seed: int) -> LabelIssues:
    """The doubtful labels of all stories.

    Args:
        texts: As the model reads them.
        given: Shape (stories, topics).
        pairs: Near copies among the texts.
        seed: Of the folds.
    """
    flagged, doubt, f1 = np.zeros(given.shape, dtype=bool), np.zeros(given.shape), 0.0
    judged = np.minimum(given.sum(axis=0), (~given).sum(axis=0)) >= FEWEST
    if judged.any():
        labels = given[:, judged]
        probabilities = out_of_fold(texts, labels, folds_of(len(texts), pairs, seed))
        as_lists = [np.flatnonzero(row).tolist() for row in labels]
        flagged[:, judged] = find_multilabel_issues_per_class(as_lists, probabilities, n_jobs=1)
        doubt[:, judged] = 1 - get_label_quality_scores_per_class(as_lists, probabilities)
        f1 = float(f1_score(labels, probabilities >= 0.5, average="macro", zero_division=0))
    return LabelIssues(flagged, doubt, judged, f1)


def folds_of(stories: int, pairs: Sequence[Pair], seed: int) -> NDArray[np.int64]:
    """The fold of every story, shape (stories,), 0 to FOLDS - 1; near copies, and copies of copies, share one."""
    ends = np.array([(pair.first, pair.second) for pair in pairs], dtype=np.int64).reshape(-1, 2)
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(stories, stories))
    count, group = connected_components(links, directed=False)
    return np.asarray(np.random.default_rng(seed).permutation(count)[group] % FOLDS, dtype=np.int64)


def out_of_fold(texts: Sequence[str], labels: Bools, folds: NDArray[np.int64]) -> Floats:
    """Probabilities from models that did not see the story, shape (stories, topics).

    A model whose stories all have, or all lack, the topic gives their share: there is nothing to learn from.
    """
    openings = [" ".join(text.split()[:_WORDS]) or "-" for text in texts]
    words = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\w+|[^\w\s]+").fit_transform(openings)
    probabilities = np.full(labels.shape, 0.5)
    for fold in np.unique(folds):
        held, rest = folds == fold, folds != fold
        for topic in range(labels.shape[1]):
            learned = labels[rest, topic]
            if learned.all() or not learned.any():
                probabilities[held, topic] = learned.mean() if len(learned) else 0.5
                continue
            model = LogisticRegression(C=_C, solver="liblinear", max_iter=1000).fit(words[rest], learned)
            probabilities[held, topic] = model.predict_proba(words[held])[:, 1]
    return probabilities
