"""The <article>s of an HTML page that an extractor left out, since it looks for one.

Of a page with several articles side by side, some layouts leave only the first:

    <section><article>A</article></section><section><article>B</article></section>, kept: "A"  ->  "A\\nB"

An article counts as left out if no paragraph of it was kept though it has some: a card with a headline alone is a link,
and what the page marks as furniture or a reader's comment is none of its articles. Leaves out: headings of the articles
that were kept (html_headings.py), who reads an article by itself (html_text.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from classifier.html_headings import Block, is_same, page_blocks

_PROSE = 60  # characters of a paragraph: more than bylines, dates and links have
_LONG = 600  # characters of prose: below, there is hardly anything to be left out but what is shorter than prose


def with_articles(
    lines: Sequence[str], origins: Sequence[Block | None], tree: Any, read: Callable[[Any], Sequence[str]]
) -> tuple[list[str], list[Block | None]]:
    """The lines with those of the articles that were left out, in the order of the page, and the blocks of all lines.

    Args:
        lines: What was kept.
        origins: The block of each line; None where it was not found in the page.
        tree: The page, parsed by lxml.
        read: Gives the lines of an element that are worth reading, without its headline.
    """
    if sum(1 for _ in tree.iter("article")) < 2:
        return [*lines], [*origins]
    elements: dict[int, Any] = {}
    blocks: defaultdict[int, list[Block]] = defaultdict(list)
    for block in page_blocks(tree, elements):
        blocks[block.article].append(block)
    kept = {block.article for block in origins if block is not None and not block.heading}
    whole, places = list(lines), list(origins)
    for article, element in elements.items():
        prose = [block for block in blocks[article] if not block.heading and len(block.text) >= _PROSE]
        if article in kept or not prose:
            continue
        added = _lines_of(blocks[article], prose, element, read)
        at = _place(article, places)
        whole[at:at] = added
        places[at:at] = [Block((line,), article=article) for line in added]
    return whole, places


def _lines_of(
    blocks: Sequence[Block], prose: Sequence[Block], element: Any, read: Callable[[Any], Sequence[str]]
) -> list[str]:
    """Headline and paragraphs of an article."""
    headline = [block.text for block in blocks[: blocks.index(prose[0])] if block.heading]
    is_long = sum(len(block.text) for block in prose) >= _LONG
    rest = list(read(element)) if is_long else []
    if not rest:
        rest = [block.text for block in blocks[blocks.index(prose[0]) :] if block.heading or block in prose]
    return [*(line for line in headline if not any(is_same(line, other) for other in rest[:3])), *rest]


def _place(article: int, places: Sequence[Block | None]) -> int:
    """Where an article stands among lines: behind those of the articles before it, else before those of later ones."""
    numbers = [0 if block is None else block.article for block in places]
    before = [line for line, number in enumerate(numbers) if 0 < number < article]
    after = [line for line, number in enumerate(numbers) if number > article]
    return before[-1] + 1 if before else after[0] if after else len(places)
