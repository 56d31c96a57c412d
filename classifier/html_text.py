"""An HTML page → its title and main text, by trafilatura, with the headings and articles that it leaves out.

Leaves out: how headings and <article>s are found again (html_headings.py, html_articles.py), and the other cuts of a
page (pages.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from classifier.errors import MissingExtraError
from classifier.html_articles import with_articles
from classifier.html_headings import article_starts, page_blocks, with_headings


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
    """Title and main text of an HTML page; a story starts at each <article> that follows another.

    Raises:
        MissingExtraError: If trafilatura is not installed.
    """
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("reading HTML", "html") from error
    tree = trafilatura.load_html(page)
    if tree is None:  # refused, since it neither names itself HTML nor has two elements: a fragment, or bare text
        page = f"<html>{page}"
        tree = trafilatura.load_html(page)
    found = trafilatura.bare_extraction(page, include_comments=False, favor_recall=True, with_metadata=True)
    found = found or trafilatura.extract_metadata(page)  # of a page without a body
    if found is None:
        return MainText()
    fields = found.as_dict()
    title, text = fields.get("title") or "", fields.get("text") or ""
    if tree is None or not text:
        return MainText(title, text)
    articles: dict[int, Any] = {}
    blocks = list(page_blocks(tree, articles))
    lines, origins = with_headings(text, title, blocks)
    if sum(1 for _ in tree.iter("article")) > 1:
        lines, origins = with_articles(lines, origins, blocks, articles, _read)
    return MainText(title, "\n".join(lines), tuple(article_starts(origins)))


def _read(article: Any) -> Sequence[str]:
    """The lines of an article by itself, its headline perhaps left out."""
    import trafilatura
    from lxml import etree

    page = f"<html><body>{etree.tostring(article, encoding='unicode', with_tail=False)}</body></html>"
    found = trafilatura.bare_extraction(page, include_comments=False, favor_recall=True)
    text = None if found is None else found.as_dict().get("text")
    return with_headings(text, "", list(page_blocks(article)))[0] if text else ()
