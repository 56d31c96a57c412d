"""Long texts whose topics stand late: for choosing how the windows of a long story are joined, and for measuring it.

Labels of news stories follow how they begin, so that validation alone cannot tell whether a model finds what only the
fourth page says. Here stories without topics are put in front of one that has some, until it begins behind a given
number of tokens:

    [none] [none] [none] … >= 512 tokens | [a flood, cut to 250 words]   ->  disaster

The fronts alone are returned as well: what is found there is a false alarm. Leaves out: the choice (calibrate.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier import Classifier
from classifier.tokens import Tokenizer
from training.calibrate import WindowLogits
from training.outcomes import window_logits
from training.splits import Labelled

TOKENS = 512
MOST = 500  # enough to choose a rule by
LONGEST_WORDS = 250  # of the story behind: it stands for what a long text comes to late, not for a second long text


@dataclass(frozen=True, slots=True)
class LateStory:
    """A text and its parts.

    Attributes:
        text: `front`, a line break, a story with topics.
        front: Without topics, at least as many tokens as were asked for.
        topics: Those of the story, indices into the label list.
    """

    text: str
    front: str
    topics: frozenset[int]


def late_stories(
    stories: Sequence[Labelled], tokenizer: Tokenizer, *, tokens: int = TOKENS, seed: int = 0
) -> list[LateStory]:
    """One text for every story with topics; none if no story is without.

    Args:
        stories: Those without topics are the fronts, drawn at random.
        tokenizer: Counts tokens.
        tokens: Content tokens in front, at least.
        seed: Of the draw.
    """
    texts = [labelled.text for labelled in stories if not labelled.topics]
    lengths = [windows.tokens_total for windows in tokenizer.windows(texts)]
    rng = np.random.default_rng(seed)
    if not sum(lengths):
        return []
    late = []
    for labelled in stories:
        if labelled.topics:
            front = _front(texts, lengths, tokens, rng)
            behind = "\n".join(_first_words(labelled.text, LONGEST_WORDS))
            late.append(LateStory(f"{front}\n{behind}", front, labelled.topics))
    return late


def _front(texts: Sequence[str], lengths: Sequence[int], tokens: int, rng: np.random.Generator) -> str:
    parts: list[str] = []
    length = 0
    while length < tokens:
        number = int(rng.integers(len(texts)))
        parts.append(texts[number])
        length += lengths[number]
    return "\n".join(parts)


def _first_words(text: str, count: int) -> list[str]:
    """The lines of the text up to so many words."""
    lines = []
    for line in text.split("\n"):
        words = line.split()[:count]
        count -= len(words)
        if words:
            lines.append(" ".join(words))
    return lines


def late_windows(classifier: Classifier, stories: Sequence[Labelled]) -> WindowLogits | None:
    """The windows of `late_stories` and of their fronts, at most `MOST` of each; None where there are none."""
    late = late_stories(stories, classifier.tokenizer)
    late = late[:: -(-len(late) // MOST)] if late else late
    if not late:
        return None
    true = np.zeros((2 * len(late), len(classifier.labels)), dtype=np.bool_)
    for row, story in enumerate(late):
        true[row, list(story.topics)] = True
    return window_logits(classifier, [*(story.text for story in late), *(story.front for story in late)], true)
