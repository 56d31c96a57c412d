"""HTML pages → their title and main text, by trafilatura, with the headings and articles that it leaves out.

Where it leaves nothing of a page but headings, the page's paragraphs of prose are the text. Of a front page the text
is its headlines (html_lists.py), of one saved from Factiva its articles (html_factiva.py). Leaves out: the tree of a
page (html_tree.py), how headings, <article>s and entries are found (html_headings.py, html_articles.py,
html_entries.py), and the other cuts of a page (pages.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from classifier.errors import InputError
from classifier.html_articles import with_articles
from classifier.html_entries import entries_of
from classifier.html_factiva import factiva_articles
from classifier.html_headings import article_starts, is_title, key_of, page_blocks, with_headings
from classifier.html_lists import list_of
from classifier.html_roots import is_said
from classifier.html_tree import TOO_DEEP, page_trees, parsed, prose_of
from classifier.imports import importing

_TOP = 3  # lines of a page, one of which may be its headline


@dataclass(frozen=True, slots=True)
class MainText:
    """What there is to read on a page.

    Attributes:
        title: The page's; may be empty.
        text: A paragraph or heading a line; may be empty.
        starts: Numbers of its lines, from 1, at which a story is known to start.
    """

    title: str = ""
    text: str = ""
    starts: tuple[int, ...] = ()


def main_text(page: str) -> MainText:
    """Title and main text of an HTML page; a story starts at each <article> or entry that follows another.

    Of pages one behind another, each starts a story; the title is that of the first.

    Raises:
        InputError: If its elements stand too deep within one another.
        MissingExtraError: If trafilatura is not installed.
    """
    require_extractor()
    try:
        found = [_text_of_page(tree) for tree in page_trees(page)]
    except RecursionError as error:  # of trafilatura, in lists within lists
        raise InputError(TOO_DEEP) from error
    return _joined([page for page in found if page.text] or found[:1])


def require_extractor() -> None:
    """Imports trafilatura.

    Raises:
        MissingExtraError: If it is not installed.
    """
    with importing("reading HTML", "html"):
        import trafilatura  # noqa: F401


def _joined(pages: Sequence[MainText]) -> MainText:
    """The pages below each other, each a story; of a page that follows another the title stands above its text."""
    lines: list[str] = []
    starts: list[int] = []
    titles: list[str] = []
    for page in pages:
        own = page.text.split("\n")
        if any(map(is_said, lines)):
            starts.append(len(lines) + 1)
            if page.title not in ("", *titles) and not any(is_title(line, page.title) for line in own[:_TOP]):
                lines.append(page.title)
        else:  # above was at most the logo and menu of a template
            titles.clear()
        titles.append(page.title)
        starts += [len(lines) + start for start in page.starts]
        lines += own
    return MainText(next(iter(titles), ""), "\n".join(lines), tuple(starts))


def _text_of_page(tree: Any) -> MainText:
    documents = list(factiva_articles(tree))
    if documents:
        starts = accumulate(map(len, documents[:-1]), initial=1)
        return MainText(text="\n".join(chain.from_iterable(documents)), starts=tuple(starts)[1:])
    import trafilatura

    found = trafilatura.bare_extraction(tree, include_comments=False, favor_recall=True, with_metadata=True)
    found = found or trafilatura.extract_metadata(tree)  # of a page without a body
    fields = found.as_dict()
    title = fields.get("title") or ""
    text = fields.get("text") or ""
    articles: dict[int, Any] = {}
    page_type = fields.get("pagetype") or ""
    entries = entries_of(tree, page_type)
    blocks = list(page_blocks(tree, articles, entries=entries))
    headlines = list_of(tree, blocks, text, page_type)
    if headlines is not None:
        return MainText(title, "\n".join(headlines[0]), tuple(headlines[1]))
    headings = {"", *(key_of(block.text) for block in blocks if block.heading)}
    if headings.issuperset(map(key_of, text.split("\n"))):
        text = _text_of(list(prose_of(tree))) or text
    if not text:
        return MainText(title)
    lines, origins = with_headings(text, title, blocks)
    if entries or sum(1 for _ in tree.iter("article")) > 1:
        lines, origins = with_articles(lines, origins, blocks, articles, _read)
    return MainText(title, "\n".join(lines), tuple(article_starts(origins)))


def _read(article: Any) -> Sequence[str]:
    """The lines of an article by itself, its headline perhaps left out."""
    text = _text_of([article])
    return with_headings(text, "", list(page_blocks(article)))[0] if text else ()


def _text_of(elements: Sequence[Any]) -> str:
    """What there is to read in these elements of a page by themselves; empty where there is nothing."""
    import trafilatura
    from lxml import etree

    parts = [etree.tostring(element, encoding="unicode", with_tail=False) for element in elements]
    page = f"<html><body>{''.join(parts)}</body></html>"
    tree = parsed(page) if parts else None
    found = None if tree is None else trafilatura.bare_extraction(tree, include_comments=False, favor_recall=True)
    return "" if found is None else found.as_dict().get("text") or ""
