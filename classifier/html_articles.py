"""The <article>s of an HTML page that an extractor left out, since it looks for one.

Of a page with several articles side by side, some layouts leave only the first:

    <section><article>A</article></section><section><article>B</article></section>, kept: "A"  ->  "A\\nB"

An article counts as left out if no paragraph of it was kept though it has some. None of the page's articles are a card
that is a link as a whole, what the page marks as furniture, hides or repeats, and a reader's comment. Leaves out:
headings of the articles that were kept (html_headings.py), who reads an article by itself (html_text.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from classifier.boilerplate import is_boilerplate
from classifier.html_headings import PROSE, Block, key_of
from classifier.html_names import is_furniture_by_name, is_named
from classifier.html_roots import SENTENCE

_LONG = 600  # characters of prose: below, there is hardly anything to be left out but what is shorter than prose
_LINKED = 0.8  # of its characters: a card that leads elsewhere
_OTHERS = re.compile(
    r"author[\s_-]*(?:bio|box|card|info)|(?:^|[\s_-])bio(?:$|[\s_-])|discussion|disqus|wpdcom|user-post|sign-?up"
)
_UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)  # of a style


def with_articles(
    lines: Sequence[str],
    origins: Sequence[Block | None],
    blocks: Sequence[Block],
    elements: Mapping[int, Any],
    read: Callable[[Any], Sequence[str]],
) -> tuple[list[str], list[Block | None]]:
    """The lines with those of the articles that were left out, in the order of the page, and the blocks of all lines.

    Args:
        lines: What was kept.
        origins: The block of each line; None where it was not found in the page.
        blocks: Those of the page.
        elements: Its <article>s, by their numbers in the blocks.
        read: Gives the lines of an element that are worth reading, without its headline.
    """
    whole, places = list(lines), list(origins)
    parts: defaultdict[int, list[Block]] = defaultdict(list)
    for block in blocks:
        parts[block.article].append(block)
    kept = key_of("".join(lines))
    numbers = _articles_of(places)
    for article, element in elements.items():
        prose = _prose_of(parts[article])
        said = [line for block in prose for line in block.lines]
        keys = [key_of(line) for line in [line for line in said if len(line) >= PROSE] or said]
        if not keys or any(key in kept for key in keys) or is_none(element):
            continue
        added = _lines_of(parts[article], prose, element, read)
        at = _place(article, numbers)
        whole[at:at] = added
        places[at:at] = [Block((line,), article=article) for line in added]
        numbers[at:at] = [article] * len(added)
        kept += "".join(keys)
    return whole, places


def _prose_of(blocks: Sequence[Block]) -> list[Block]:
    """The paragraphs of an article; where all are short, those that are whole sentences."""
    texts = [block for block in blocks if not block.heading]
    return [block for block in texts if len(block.text) >= PROSE] or [
        block for block in texts if SENTENCE.fullmatch(block.text) and not is_boilerplate(block.text)
    ]


def is_none(article: Any) -> bool:
    """True for what only looks like an article of the page."""
    around = (article, *article.iterancestors())
    if is_furniture_by_name(article) or any(
        one.get("aria-hidden") == "true" or _UNSEEN.search(one.get("style") or "") for one in around
    ):
        return True
    if is_named(article, _OTHERS):
        return True
    linked = sum(len("".join(link.itertext())) for link in article.iter("a"))
    return linked > _LINKED * len("".join(article.itertext()))


def _lines_of(
    blocks: Sequence[Block], prose: Sequence[Block], element: Any, read: Callable[[Any], Sequence[str]]
) -> list[str]:
    """Headline and paragraphs of an article; in a short one short paragraphs stand between others."""
    first, last = blocks.index(prose[0]), len(blocks) - 1 - blocks[::-1].index(prose[-1])
    headline = [block.text for block in blocks[:first] if block.heading]
    is_long = sum(len(block.text) for block in prose) >= _LONG
    rest = list(read(element)) if is_long else []
    if not rest:
        rest = [line for block in blocks[first : last + 1] for line in block.lines]
    return [*(line for line in headline if key_of(line) not in map(key_of, rest[:3])), *rest]


def _articles_of(places: Sequence[Block | None]) -> list[int]:
    """The article of each line; that of a line which was not found in the page is that of the line before."""
    numbers: list[int] = []
    for block in places:
        numbers.append((numbers[-1] if numbers else 0) if block is None else block.article)
    return numbers


def _place(article: int, numbers: Sequence[int]) -> int:
    """Where an article stands among lines: behind those of the articles before it, else before those of later ones."""
    before = [line for line, number in enumerate(numbers) if 0 < number < article]
    after = [line for line, number in enumerate(numbers) if number > article]
    return before[-1] + 1 if before else after[0] if after else len(numbers)
